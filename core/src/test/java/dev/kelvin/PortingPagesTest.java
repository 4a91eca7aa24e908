// SPDX-License-Identifier: Apache-2.0
package dev.kelvin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.PageSnippets.Snippet;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What the pages for those who come from another library say of Kelvin: each call compiles, each name is one of the
 * public API's, and each page is found from the first one.
 */
class PortingPagesTest {
    private static final String NUMPY = "docs/howto/come-from-another-library.md";
    private static final String BLAS = "docs/howto/from-blas-and-lucene.md";

    private static final List<String> IMPORTS = List.of(
            "dev.kelvin.ops.*",
            "dev.kelvin.operand.*",
            "dev.kelvin.tensor.*",
            "dev.kelvin.blas.*",
            "static dev.kelvin.ops.Vectors.*",
            "java.lang.foreign.MemorySegment");

    /** What the calls of a page may find, each in a class of its own: a call compiles in one of them. */
    private static final List<String> SURROUNDINGS = List.of("""
            static Compute compute;
            static HeapTensor x, w, b, y, a, c, t, out, dy, dx, da, db, dBias, logits, table, values, weight, bias;
            static int R, N, offset, k, threads;
            static float lo, hi, slope, epsilon;
            static int[] indices, ids, labels;
            static long seed;
            static MemorySegment segment;
            static LossOptions options;
            static Activation f;
            """, """
            static Compute compute;
            static Heads q, k, v, out;
            static HeapTensor queries, keys, values;
            static int batch, heads, kvHeads, queryLength, keyLength;
            static boolean[] seen;
            static RopeTable table;
            static float[] a, b, c, x, rows, query;
            static int offset, n, m, ld, lda, ldb, ldc, inc, count;
            """, """
            static Compute compute;
            static HeapTensor out;
            static int batch, heads, kvHeads, queryLength, keyLength;
            static boolean[] seen;
            static HeapTensor queries, keys, values;
            static Matrix a, b, c, x, y;
            static float alpha, beta;
            static Matrix first;
            static int count, stride, offset, k;
            static int[] ints;
            static float[] q;
            """, """
            static float[] a, b, c;
            static int m, n, k, ld, lda, ldb, ldc, offset;
            """);

    /** The code in columns of Kelvin, each call with the receiver that it has or its neighbour in the cell. */
    private static List<Snippet> spans(String page) throws IOException {
        List<Snippet> spans = new ArrayList<>();
        String byDefault = "";
        boolean gradients = false;
        int number = 0;
        for (String line : Files.readAllLines(PageSnippets.root().resolve(page))) {
            number++;
            if (line.startsWith("|")) {
                if (line.endsWith("| `compute.products()` |")) {
                    byDefault = "compute.products().";
                } else if (line.endsWith("| `Vectors` |")) {
                    byDefault = "Vectors.";
                }
                String[] cells = line.split("\\|", -1);
                String receiver = byDefault;
                for (int cell = gradients ? 1 : cells.length - 2; cell < cells.length; cell++) {
                    Matcher code = Pattern.compile("`([^`]+)`").matcher(cells[cell]);
                    while (code.find()) {
                        String call = code.group(1);
                        if (Pattern.matches("(training|elements|losses|rows|attention)\\(\\).*", call)) {
                            call = "compute." + call;
                        }
                        Matcher leading = Pattern.compile("((?:compute\\.(?:\\w+\\(\\)\\.)?))\\w+.*")
                                .matcher(call);
                        if (leading.matches()) {
                            receiver = leading.group(1);
                        } else if (Pattern.matches("[a-z]\\w*\\(.*", call)) {
                            call = receiver + call;
                        }
                        spans.add(new Snippet(page + ":" + number, call));
                    }
                }
            } else if (line.startsWith("#")) {
                byDefault = "";
                gradients = line.equals("## Gradients");
            }
        }
        return spans;
    }

    private static List<String> broken(List<Snippet> snippets) {
        return PageSnippets.broken(snippets, IMPORTS, SURROUNDINGS, PageSnippets.classPath(Compute.class));
    }

    private static boolean isCall(Snippet snippet) {
        return Character.isLetter(snippet.code().charAt(0))
                && snippet.code().endsWith(")")
                && !snippet.code().contains("…")
                && !snippet.code().equals("compute.products()");
    }

    @Test
    void everyCallCompiles() throws IOException {
        List<Snippet> calls = new ArrayList<>();
        for (String page : List.of(NUMPY, BLAS)) {
            calls.addAll(spans(page).stream().filter(PortingPagesTest::isCall).toList());
            calls.addAll(PageSnippets.blocks(page));
        }
        assertTrue(calls.size() > 40, () -> "only " + calls.size() + " calls were found");
        assertEquals(List.of(), broken(calls));
    }

    /** A call of what there is not is found. */
    @Test
    void aWrongCallIsFound() {
        List<Snippet> calls = List.of(
                new Snippet("right", "compute.elements().add(x, b, y)"),
                new Snippet("wrong", "compute.elements().plus(x, b, y)"),
                new Snippet("right", "compute.rows().sum(x, out)"));
        assertEquals("wrong: compute.elements().plus(x, b, y)", broken(calls).getFirst());
        assertEquals(
                1,
                broken(calls).stream().filter(text -> text.contains("compute.")).count());
    }

    /** All public names: types, methods, constants. */
    private static Set<String> names() throws IOException {
        Set<String> names = new HashSet<>();
        Pattern name = Pattern.compile("[A-Za-z]\\w*");
        for (String line : Files.readAllLines(PageSnippets.root().resolve("docs/api/core.txt"))) {
            Matcher found = name.matcher(line);
            while (found.find()) {
                names.add(found.group());
            }
        }
        return names;
    }

    @Test
    void everyNameIsOne() throws IOException {
        Set<String> names = names();
        Set<String> unknown = new TreeSet<>();
        for (String page : List.of(NUMPY, BLAS)) {
            for (Snippet snippet : spans(page)) {
                Matcher called = Pattern.compile("(\\w+)\\(").matcher(snippet.code());
                while (called.find()) {
                    if (!names.contains(called.group(1))) {
                        unknown.add(snippet.place() + ": " + called.group(1));
                    }
                }
                String last = snippet.code().replaceFirst(".*\\.", "");
                boolean variable = Set.of("b", "c", "dy", "true", "compute").contains(last);
                if (last.matches("\\w+") && !variable && !names.contains(last)) {
                    unknown.add(snippet.place() + ": " + snippet.code());
                }
            }
        }
        assertEquals(Set.of(), unknown);
    }

    @Test
    void bothPagesAreFound() throws IOException {
        String first = Files.readString(PageSnippets.root().resolve("README.md"));
        for (String page : List.of(NUMPY, BLAS)) {
            assertTrue(first.contains("(" + page + ")"), () -> "README.md does not link " + page);
            String text = Files.readString(PageSnippets.root().resolve(page));
            Matcher link = Pattern.compile("\\]\\(([^)#]+)\\)").matcher(text);
            Path folder = PageSnippets.root().resolve(page).getParent();
            int links = 0;
            while (link.find()) {
                Path target = folder.resolve(link.group(1)).normalize();
                assertTrue(Files.exists(target), () -> page + " links " + target);
                links++;
            }
            assertTrue(links > 0, () -> page + " links nothing");
        }
        try (Stream<Path> howtos = Files.list(PageSnippets.root().resolve("docs/howto"))) {
            assertTrue(howtos.anyMatch(path -> path.endsWith("from-blas-and-lucene.md")));
        }
    }
}
