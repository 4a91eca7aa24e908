// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Holds the import table of the design, by the JDK's own {@code jdeps} on the compiled classes. An import never points
 * up.
 *
 * <p>The class folders are those of the build; {@code -Dkelvin.classes=<core>:<llm>:<server>:<cli>} names others.
 */
class ArchitectureTest {
    /** Package (without {@code dev.kelvin.}), its module, and the packages that it may import. */
    private static final String TABLE = """
            tensor       core  -
            parallel     core  -
            operand      core  tensor
            kernel       core  tensor operand
            kernel.scalar core tensor operand kernel
            kernel.simd  core  tensor operand kernel kernel.scalar
            kernel.composed core tensor operand kernel kernel.scalar
            kernel.provider core tensor kernel kernel.scalar
            blas         core  tensor operand ops
            ops          core  tensor operand parallel kernel kernel.scalar kernel.composed kernel.provider
            head         core  tensor ops
            format.json  llm   -
            format       llm   tensor format.json
            format.hub   llm   tensor format format.json
            tokenizer.pattern llm  -
            tokenizer.normalizer llm tokenizer.pattern
            tokenizer.split llm tokenizer.pattern tokenizer.normalizer
            tokenizer.model llm tokenizer.normalizer tokenizer.split
            tokenizer.decoder llm tokenizer.normalizer tokenizer.model
            tokenizer    llm   format.json tokenizer.pattern tokenizer.normalizer tokenizer.split tokenizer.model tokenizer.decoder
            chat.jinja   llm   -
            chat         llm   format.json chat.jinja
            constraint   llm   format.json tokenizer tensor ops head
            plan         llm   tensor operand
            nn           llm   tensor parallel operand ops head plan
            model        llm   tensor parallel operand ops head format chat plan nn
            generate     llm   tensor parallel operand ops head format format.hub tokenizer tokenizer.split plan nn model
            converse     llm   format format.json tensor tokenizer head chat chat.jinja constraint model generate
            train.stories llm  -
            train        llm   tensor parallel operand ops head format tokenizer tokenizer.split plan nn model
            server.http  server format.json generate
            server.answer server tensor ops head format tokenizer plan nn generate chat chat.jinja converse server.http
            server.openai server format.json tokenizer head generate chat converse server.http server.answer
            server.ollama server format tokenizer head plan nn generate chat converse server.http server.answer server.openai
            server.own   server tensor head tokenizer generate chat converse server.http server.answer server.openai
            server       server format generate server.http server.answer server.openai server.ollama server.own
            cli.roofline.peer cli -
            cli.roofline.report cli tensor format.json
            cli.roofline.measure cli tensor parallel operand ops head format.json cli.roofline.peer cli.roofline.report
            spark        spark tensor ops head format format.json format.hub tokenizer plan nn model generate chat chat.jinja constraint converse
            langchain4j  langchain4j format format.json tokenizer head chat converse generate
            spring.ai    spring-ai format format.json tokenizer head generate chat converse
            spring.ai.autoconfigure spring-ai-starter tensor ops format format.hub model generate spring.ai
            cli          cli   cli.roofline.measure cli.roofline.report tensor parallel operand ops head format format.json format.hub tokenizer plan nn model generate train chat chat.jinja constraint converse server
            """;

    /** What the modules need at run time, besides each other. */
    private static final Map<String, Set<String>> MODULES = Map.of(
            "core", Set.of("java.base", "jdk.incubator.vector"),
            "llm", Set.of("java.base", "jdk.incubator.vector"),
            "server", Set.of("java.base"),
            "spark", Set.of("java.base", "java.sql"),
            "langchain4j", Set.of("java.base"),
            "spring-ai", Set.of("java.base"),
            "spring-ai-starter", Set.of("java.base"),
            "cli",
                    Set.of(
                            "java.base",
                            "java.logging",
                            "java.management",
                            "jdk.management",
                            "info.picocli",
                            "com.fasterxml.jackson.core",
                            "org.jline.reader",
                            "org.jline.terminal"));

    /** Packages of libraries, by the module that may use them. */
    private static final Map<String, List<String>> LIBRARIES = Map.of(
            "server",
            List.of("io.helidon."),
            "langchain4j",
            List.of("dev.langchain4j."),
            "spark",
            List.of("org.apache.spark", "scala"),
            "spring-ai",
            List.of("org.springframework.ai.", "io.micrometer.observation", "reactor.", "org.reactivestreams"),
            "spring-ai-starter",
            List.of("org.springframework.", "io.micrometer.observation"),
            "cli",
            List.of("picocli", "com.fasterxml.jackson.core", "org.jline."));

    /** Modules for programs of others, which the program itself has not. */
    private static final List<String> ADAPTERS = List.of("langchain4j", "spark", "spring-ai", "spring-ai-starter");

    private static final String ROOT = "dev.kelvin.";
    private static final String VECTOR = "jdk.incubator.vector";
    private static final Pattern LINE = Pattern.compile("\\s+(\\S+)\\s+->\\s+(\\S+)\\s+(.*\\S)\\s*");

    /** One import: a package of one of the modules needs another package. */
    private record Import(String module, String from, String to, String archive) {}

    private static final List<Import> IMPORTS = new ArrayList<>();

    @BeforeAll
    static void readImports() {
        String[] modules = {"core", "llm", "server", "cli"};
        List<String> folders = classFolders();
        assertEquals(modules.length, folders.size(), "kelvin.classes: " + folders);
        for (int i = 0; i < modules.length; i++) {
            IMPORTS.addAll(jdeps(modules[i], Path.of(folders.get(i))));
        }
        // In the build of everything they come before this module; where it is built alone they may be missing.
        for (String adapter : ADAPTERS) {
            Path classes = Path.of("..", adapter, "target", "classes");
            if (Files.isDirectory(classes)) {
                IMPORTS.addAll(jdeps(adapter, classes));
            }
        }
    }

    /** The folders of compiled classes, core first. */
    static List<String> classFolders() {
        String folders = System.getProperty(
                "kelvin.classes",
                "../core/target/classes:../llm/target/classes:../server/target/classes:target/classes");
        return List.of(folders.split(":", -1));
    }

    @Test
    void eachPackageIsInTheTableAndEachRowIsAPackage() {
        Map<String, String> found = new TreeMap<>();
        IMPORTS.forEach(each -> found.put(each.from(), each.module()));
        Map<String, String> expected = new TreeMap<>();
        table().forEach((name, row) -> {
            if (!ADAPTERS.contains(row.module()) || found.containsValue(row.module())) {
                expected.put(name, row.module());
            }
        });
        assertEquals(expected, found, "packages and their modules: the table of this test, and what was compiled");
    }

    @Test
    void importsNeverPointUp() {
        Set<String> wrong = new TreeSet<>();
        for (Import each : IMPORTS) {
            Row row = table().get(each.from());
            if (row != null
                    && each.to().startsWith(ROOT)
                    && !each.to().equals(each.from())
                    && !row.mayImport().contains(each.to())) {
                wrong.add(each.from() + " imports " + each.to());
            }
        }
        assertEquals(Set.of(), wrong);
    }

    @Test
    void onlyTheSimdKernelsImportTheVectorModule() {
        Set<String> importers = new TreeSet<>();
        for (Import each : IMPORTS) {
            if (each.to().startsWith(VECTOR)) {
                importers.add(each.from());
            }
        }
        assertEquals(Set.of(ROOT + "kernel.simd"), importers);
    }

    @Test
    void coreAndLlmHaveNoDependencyAtRunTime() {
        Set<String> wrong = new TreeSet<>();
        for (Import each : IMPORTS) {
            if (!each.to().startsWith(ROOT) && !allowedArchive(each)) {
                wrong.add(each.module() + ": " + each.from() + " imports " + each.to() + " of " + each.archive());
            }
        }
        assertEquals(Set.of(), wrong);
    }

    private static boolean allowedArchive(Import each) {
        if (MODULES.get(each.module()).contains(each.archive())) {
            return true;
        }
        // Libraries are not on jdeps' own path, so it cannot tell which archive they are in.
        return each.archive().equals("not found")
                && LIBRARIES.getOrDefault(each.module(), List.of()).stream().anyMatch(each.to()::startsWith);
    }

    private record Row(String module, Set<String> mayImport) {}

    private static Map<String, Row> table() {
        Map<String, Row> rows = new TreeMap<>();
        for (String line : TABLE.lines().toList()) {
            String[] words = line.strip().split(" +", -1);
            Set<String> mayImport = new TreeSet<>();
            for (int i = 2; i < words.length; i++) {
                if (!words[i].equals("-")) {
                    mayImport.add(ROOT + words[i]);
                }
            }
            rows.put(ROOT + words[0], new Row(words[1], mayImport));
        }
        return rows;
    }

    private static List<Import> jdeps(String module, Path classes) {
        assertTrue(
                Files.isDirectory(classes.resolve("dev/kelvin")),
                () -> "no compiled classes of " + module + " in "
                        + classes.toAbsolutePath().normalize()
                        + "; run the build of all modules, or give -Dkelvin.classes=<core>:<llm>:<server>:<cli>");
        ToolProvider jdeps = ToolProvider.findFirst("jdeps")
                .orElseThrow(() -> new AssertionError("this JDK has no jdeps (module jdk.jdeps)"));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        // Only the packages' folder: with module-info.class jdeps would resolve modules, and want all of them on its
        // path.
        int exitCode = jdeps.run(
                new PrintWriter(out),
                new PrintWriter(err),
                "-verbose:package",
                "-filter:none",
                "--multi-release",
                "25",
                classes.resolve("dev").toString());
        assertEquals(0, exitCode, () -> "jdeps: " + out + err);
        List<Import> imports = new ArrayList<>();
        for (String line : out.toString().lines().toList()) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                imports.add(new Import(module, matcher.group(1), matcher.group(2), matcher.group(3)));
            }
        }
        assertTrue(!imports.isEmpty(), () -> "jdeps found no imports in " + classes + ": " + out + err);
        return imports;
    }
}
