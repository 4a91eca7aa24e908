// SPDX-License-Identifier: Apache-2.0
package dev.kelvin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.util.JavacTask;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * What the pages for those who come from another library say of Kelvin: each call compiles, each name is one of the
 * public API's, and each page is found from the first one.
 */
class PortingPagesTest {
    private static final String NUMPY = "docs/howto/come-from-another-library.md";
    private static final String BLAS = "docs/howto/from-blas-and-lucene.md";

    private static final List<String> PACKAGES =
            List.of("dev.kelvin.ops", "dev.kelvin.operand", "dev.kelvin.tensor", "dev.kelvin.blas");

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

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve(NUMPY)) ? here : here.getParent();
    }

    /** A call or a block of them, and where it stands. */
    private record Snippet(String place, String code) {}

    private static List<Snippet> blocks(String page) throws IOException {
        List<Snippet> blocks = new ArrayList<>();
        StringBuilder block = null;
        int number = 0;
        for (String line : Files.readAllLines(root().resolve(page))) {
            number++;
            if (line.equals("```java")) {
                block = new StringBuilder();
            } else if (line.equals("```")) {
                blocks.add(new Snippet(page + ":" + number, block.toString()));
                block = null;
            } else if (block != null && !line.startsWith("import ")) {
                block.append(line).append('\n');
            }
        }
        return blocks;
    }

    /** The code in columns of Kelvin, each call with the receiver that it has or its neighbour in the cell. */
    private static List<Snippet> spans(String page) throws IOException {
        List<Snippet> spans = new ArrayList<>();
        String byDefault = "";
        boolean gradients = false;
        int number = 0;
        for (String line : Files.readAllLines(root().resolve(page))) {
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

    /** Which snippets compile in none of the surroundings. */
    private static List<String> broken(List<Snippet> snippets) throws URISyntaxException {
        StringBuilder source = new StringBuilder("package sample;\n");
        for (String name : PACKAGES) {
            source.append("import ").append(name).append(".*;\n");
        }
        source.append(
                "import static dev.kelvin.ops.Vectors.*;\nimport java.lang.foreign.MemorySegment;\nclass Sample {\n");
        int lines = (int) source.chars().filter(c -> c == '\n').count();
        int[][] begins = new int[SURROUNDINGS.size()][snippets.size() + 1];
        for (int i = 0; i < SURROUNDINGS.size(); i++) {
            String head = "static class In" + i + " {\n" + SURROUNDINGS.get(i);
            source.append(head);
            lines += (int) head.chars().filter(c -> c == '\n').count();
            for (int j = 0; j < snippets.size(); j++) {
                begins[i][j] = lines;
                String code = snippets.get(j).code;
                String method = "static void call" + j + "() throws Exception {\n" + code
                        + (code.endsWith("\n") ? "" : ";") + "\n}\n";
                source.append(method);
                lines += (int) method.chars().filter(c -> c == '\n').count();
            }
            begins[i][snippets.size()] = lines;
            source.append("}\n");
            lines++;
        }
        source.append("}\n");
        DiagnosticCollector<JavaFileObject> errors = new DiagnosticCollector<>();
        compile(source.toString(), errors);
        BitSet wrong = new BitSet();
        List<String> messages = new ArrayList<>();
        for (Diagnostic<? extends JavaFileObject> error : errors.getDiagnostics()) {
            if (error.getKind() == Diagnostic.Kind.ERROR) {
                wrong.set((int) error.getLineNumber());
                messages.add(error.getLineNumber() + ": " + error.getMessage(null));
            }
        }
        List<String> broken = new ArrayList<>();
        for (int j = 0; j < snippets.size(); j++) {
            boolean compiles = false;
            for (int[] begin : begins) {
                int next = wrong.nextSetBit(begin[j] + 1);
                compiles |= next < 0 || next > begin[j + 1];
            }
            if (!compiles) {
                broken.add(snippets.get(j).place + ": " + snippets.get(j).code);
            }
        }
        if (!broken.isEmpty()) {
            broken.addAll(messages);
        }
        return broken;
    }

    private static void compile(String source, DiagnosticCollector<JavaFileObject> errors) throws URISyntaxException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///sample/Sample.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        Path classes = Path.of(Compute.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> options =
                List.of("-proc:none", "-Xmaxerrs", "100000", "-Xlint:none", "-classpath", classes.toString());
        JavacTask task = (JavacTask) compiler.getTask(null, null, errors, options, null, List.of(file));
        task.setLocale(Locale.ROOT);
        try {
            task.analyze(); // without writing a class
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isCall(Snippet snippet) {
        return Character.isLetter(snippet.code.charAt(0))
                && snippet.code.endsWith(")")
                && !snippet.code.contains("…")
                && !snippet.code.equals("compute.products()");
    }

    @Test
    void everyCallCompiles() throws IOException, URISyntaxException {
        List<Snippet> calls = new ArrayList<>();
        for (String page : List.of(NUMPY, BLAS)) {
            calls.addAll(spans(page).stream().filter(PortingPagesTest::isCall).toList());
            calls.addAll(blocks(page));
        }
        assertTrue(calls.size() > 40, () -> "only " + calls.size() + " calls were found");
        assertEquals(List.of(), broken(calls));
    }

    /** A call of what there is not is found. */
    @Test
    void aWrongCallIsFound() throws URISyntaxException {
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
        for (String line : Files.readAllLines(root().resolve("docs/api/core.txt"))) {
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
                Matcher called = Pattern.compile("(\\w+)\\(").matcher(snippet.code);
                while (called.find()) {
                    if (!names.contains(called.group(1))) {
                        unknown.add(snippet.place + ": " + called.group(1));
                    }
                }
                String last = snippet.code.replaceFirst(".*\\.", "");
                boolean variable = Set.of("b", "c", "dy", "true", "compute").contains(last);
                if (last.matches("\\w+") && !variable && !names.contains(last)) {
                    unknown.add(snippet.place + ": " + snippet.code);
                }
            }
        }
        assertEquals(Set.of(), unknown);
    }

    @Test
    void bothPagesAreFound() throws IOException {
        String first = Files.readString(root().resolve("README.md"));
        for (String page : List.of(NUMPY, BLAS)) {
            assertTrue(first.contains("(" + page + ")"), () -> "README.md does not link " + page);
            String text = Files.readString(root().resolve(page));
            Matcher link = Pattern.compile("\\]\\(([^)#]+)\\)").matcher(text);
            Path folder = root().resolve(page).getParent();
            int links = 0;
            while (link.find()) {
                Path target = folder.resolve(link.group(1)).normalize();
                assertTrue(Files.exists(target), () -> page + " links " + target);
                links++;
            }
            assertTrue(links > 0, () -> page + " links nothing");
        }
        try (Stream<Path> howtos = Files.list(root().resolve("docs/howto"))) {
            assertTrue(howtos.anyMatch(path -> path.endsWith("from-blas-and-lucene.md")));
        }
    }
}
