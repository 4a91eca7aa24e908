// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.api.ImportTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Holds the import table of the design: an import never points up. Modules for programs of others hold their rows
 * themselves, in a test of the name {@code ImportsTest}.
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
            cli.roofline.report cli tensor format format.json
            cli.roofline.measure cli tensor parallel operand ops head format.json cli.roofline.peer cli.roofline.report
            cli          cli   cli.roofline.measure cli.roofline.report tensor parallel operand ops head format format.json format.hub tokenizer plan nn model generate train chat chat.jinja constraint converse server
            """;

    private static final List<String> MODULES = List.of("core", "llm", "server", "cli");

    /** What the modules need at run time, besides each other. */
    private static final Map<String, Set<String>> ARCHIVES = Map.of(
            "core", Set.of("java.base", "jdk.incubator.vector"),
            "llm", Set.of("java.base", "jdk.incubator.vector"),
            "server", Set.of("java.base"),
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
            "server", List.of("io.helidon."), "cli", List.of("picocli", "com.fasterxml.jackson.core", "org.jline."));

    private static ImportTable table;

    @BeforeAll
    static void readImports() {
        table = new ImportTable(TABLE, ARCHIVES, LIBRARIES);
        List<String> folders = classFolders();
        assertEquals(MODULES.size(), folders.size(), "kelvin.classes: " + folders);
        for (int i = 0; i < folders.size(); i++) {
            table.read(MODULES.get(i), Path.of(folders.get(i)));
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
        table.checkPackages();
    }

    @Test
    void importsNeverPointUp() {
        table.checkImports();
    }

    @Test
    void onlyTheSimdKernelsImportTheVectorModule() {
        assertEquals(Set.of("dev.kelvin.kernel.simd"), table.importersOf("jdk.incubator.vector"));
    }

    @Test
    void coreAndLlmHaveNoDependencyAtRunTime() {
        table.checkArchives();
    }
}
