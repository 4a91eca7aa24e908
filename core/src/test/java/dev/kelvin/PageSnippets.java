// SPDX-License-Identifier: Apache-2.0
package dev.kelvin;

import com.sun.source.util.JavacTask;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The Java code of pages of the documentation, and whether it compiles. Each piece is the body of a method. */
public final class PageSnippets {
    private PageSnippets() {}

    /** A piece of code, and where it stands. */
    public record Snippet(String place, String code) {}

    /** The checkout, from the folder of a module. */
    public static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/howto"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    /** The blocks of a page that are marked as Java, without their imports. */
    public static List<Snippet> blocks(String page) throws IOException {
        List<Snippet> blocks = new ArrayList<>();
        StringBuilder block = null;
        int number = 0;
        for (String line : Files.readAllLines(root().resolve(page))) {
            number++;
            if (line.equals("```java")) {
                block = new StringBuilder();
            } else if (line.equals("```") && block != null) {
                blocks.add(new Snippet(page + ":" + number, block.toString()));
                block = null;
            } else if (block != null && !line.startsWith("import ")) {
                block.append(line).append('\n');
            }
        }
        return blocks;
    }

    /** Where these classes were loaded from. */
    public static String classPath(Class<?>... classes) {
        return Stream.of(classes)
                .map(each -> {
                    try {
                        return Path.of(each.getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toURI())
                                .toString();
                    } catch (URISyntaxException e) {
                        throw new IllegalArgumentException(e);
                    }
                })
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    /**
     * Which pieces compile in none of the surroundings; behind them what the compiler said of all.
     *
     * @param imports what is imported: a type, all of a package, or something static
     * @param surroundings fields and types that a piece may find, each in a class of its own
     */
    public static List<String> broken(
            List<Snippet> snippets, List<String> imports, List<String> surroundings, String classPath) {
        StringBuilder source = new StringBuilder("package sample;\n");
        imports.forEach(each -> source.append("import ").append(each).append(";\n"));
        source.append("class Sample {\n");
        int[][] begins = new int[surroundings.size()][snippets.size() + 1];
        for (int i = 0; i < surroundings.size(); i++) {
            source.append("static class In" + i + " {\n").append(surroundings.get(i));
            for (int j = 0; j < snippets.size(); j++) {
                begins[i][j] = lines(source);
                String code = snippets.get(j).code;
                source.append("void call" + j + "() throws Exception {\n")
                        .append(code)
                        .append(code.endsWith("\n") ? "" : ";")
                        .append("\n}\n");
            }
            begins[i][snippets.size()] = lines(source);
            source.append("}\n");
        }
        source.append("}\n");
        BitSet wrong = new BitSet();
        List<String> messages = new ArrayList<>();
        for (Diagnostic<? extends JavaFileObject> error : errors(source.toString(), classPath)) {
            wrong.set((int) error.getLineNumber());
            messages.add(error.getLineNumber() + ": " + error.getMessage(Locale.ROOT));
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

    private static int lines(StringBuilder source) {
        return (int) source.chars().filter(c -> c == '\n').count();
    }

    private static List<Diagnostic<? extends JavaFileObject>> errors(String source, String classPath) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///sample/Sample.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        List<String> options = List.of("-proc:none", "-Xmaxerrs", "100000", "-Xlint:none", "-classpath", classPath);
        JavacTask task = (JavacTask) compiler.getTask(null, null, found, options, null, List.of(file));
        task.setLocale(Locale.ROOT);
        try {
            task.analyze(); // without writing a class
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found.getDiagnostics().stream()
                .filter(each -> each.getKind() == Diagnostic.Kind.ERROR)
                .toList();
    }
}
