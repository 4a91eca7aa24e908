// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How {@code ./kelvin} builds the program and notices that it is old, in a checkout of one source a module. Maven is a
 * script that copies the jars of this build and publishes them as the real one does.
 */
class ProgramIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path MODULES = Path.of("target", "modules").toAbsolutePath();

    @TempDir
    Path folder;

    private Path checkout;

    @BeforeEach
    void makeCheckout() throws Exception {
        checkout = Files.createDirectory(folder.resolve("check out"));
        for (String file : List.of(
                "kelvin",
                ".mvn/jdk.sh",
                ".mvn/program.sh",
                ".mvn/start.sh",
                ".mvn/story.sh",
                "cli/src/main/jvm/compiler.json")) {
            copy(ROOT.resolve(file), checkout.resolve(file));
        }
        Files.writeString(checkout.resolve("pom.xml"), "<project/>");
        for (String module : List.of("core", "llm", "server", "cli")) {
            Files.createDirectories(checkout.resolve(module + "/src/main/java"));
            Files.writeString(checkout.resolve(module + "/pom.xml"), "<project/>");
            Files.writeString(checkout.resolve(module + "/src/main/java/A.java"), "class A {}");
        }
        Path maven = Files.createDirectory(folder.resolve("bin")).resolve("mvn");
        Files.writeString(maven, """
                #!/usr/bin/env bash
                set -e
                build=$(printf '%s\\n' "$@" | sed -n 's/^-Dkelvin.build=//p')
                echo built >>"$BUILDS"
                bash .mvn/program.sh stamp "$PWD/$build/program.stamp"
                echo '[INFO] Building Kelvin cli 1'
                mkdir -p "cli/$build/modules"
                : >"cli/$build/modules/kelvin-core-1.jar"
                [ -z "$SLOW" ] || sleep 30
                rm "cli/$build/modules/kelvin-core-1.jar"
                cp "$JARS"/*.jar "cli/$build/modules"
                bash .mvn/program.sh publish "$PWD/cli/$build/modules" "$PWD/$build/program.stamp"
                """);
        assertTrue(maven.toFile().setExecutable(true));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
    }

    private Process start(String slow, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().put("JARS", MODULES.toString());
        builder.environment().put("BUILDS", folder.resolve("builds").toString());
        builder.environment().put("SLOW", slow);
        return builder.start();
    }

    /** Runs the program, which must print its version, and returns what was said on the way. */
    private String run() throws Exception {
        Process process = start("", checkout.resolve("kelvin").toString(), "--version");
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), err());
        assertTrue(Files.readString(folder.resolve("out")).startsWith("kelvin "));
        return err();
    }

    private String err() throws IOException {
        return Files.readString(folder.resolve("err"));
    }

    private long builds() throws IOException {
        return Files.readAllLines(folder.resolve("builds")).size();
    }

    @Test
    void buildsOnceAndAgainWhenASourceChanged() throws Exception {
        assertTrue(run().contains("not built yet; building"), err());
        assertEquals("", run());
        assertEquals(1, builds());
        Path source = checkout.resolve("llm/src/main/java/A.java");
        Files.writeString(source, "class A { int a; }");
        assertTrue(run().contains("the sources have changed"), err());
        assertEquals("", run());
        Files.setLastModifiedTime(source, Files.getLastModifiedTime(checkout.resolve("pom.xml")));
        assertEquals("", run(), "an older time of modification");
        assertEquals(2, builds());
        Files.delete(source);
        assertTrue(run().contains("the sources have changed"), err());
        assertEquals(3, builds());
    }

    /** The cache is made by a build, or behind a story that found none; nobody sees whether it is there, or sound. */
    @Test
    void aStoryIsTheSameWithAndWithoutItsCache() throws Exception {
        run();
        Path cache = cache();
        assertTrue(Files.size(cache) > 1_000_000, "made by the build");
        String text = story("env", "KELVIN_JAVA_OPTS=-Xmx1g");
        assertTrue(text.length() > 40, text);
        assertEquals(text, story());
        for (String content : List.of("no cache", "")) {
            Files.writeString(cache, content);
            assertEquals(text, story());
            assertEquals(content, Files.readString(cache), "whoever made it is not disturbed");
        }
        Files.delete(cache);
        assertEquals(text, story());
        for (int i = 0; i < 600 && !(Files.exists(cache) && Files.size(cache) > 0 && cache().equals(cache)); i++) {
            Thread.sleep(100);
        }
        assertEquals(text, story());
        assertTrue(Files.size(cache) > 1_000_000, "made behind a story");
    }

    /** The one file of caches in the folder of the jars, else that folder's parent. */
    private Path cache() throws IOException {
        Path program = checkout.resolve("cli/target/program");
        try (Stream<Path> files = Files.list(
                program.resolve(Files.readAllLines(program.resolve("stamp")).getFirst()))) {
            List<Path> caches =
                    files.filter(file -> file.toString().contains("story-")).toList();
            return caches.size() == 1 ? caches.getFirst() : program;
        }
    }

    private String story(String... before) throws Exception {
        List<String> command = new ArrayList<>(List.of(before));
        command.addAll(List.of(
                checkout.resolve("kelvin").toString(), "Once upon a time", "--max-tokens", "20", "--seed", "7"));
        Process process = start("", command.toArray(String[]::new));
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), err());
        assertTrue(err().lines().allMatch(line -> line.matches("|(prompt|generated|time|memory|run) .*")), err());
        return Files.readString(folder.resolve("out"));
    }

    /** As git and tar do. */
    @Test
    void noticesASourceThatIsOlderThanTheProgram() throws Exception {
        Path source = checkout.resolve("core/src/main/java/A.java");
        Path other = Files.writeString(folder.resolve("A.java"), "class A { int b; }");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(source));
        run();
        Files.move(other, source, StandardCopyOption.REPLACE_EXISTING);
        assertTrue(run().contains("the sources have changed"), err());
    }

    @Test
    void anInterruptedBuildIsInNobodysWay() throws Exception {
        for (String signal : List.of("TERM", "KILL")) {
            Process process = start("1", "setsid", checkout.resolve("kelvin").toString(), "--version");
            while (!err().contains("kelvin:   cli")) {
                assertTrue(process.isAlive(), err());
                Thread.sleep(5);
            }
            // To all of the group, as a terminal does.
            new ProcessBuilder("kill", "-" + signal, "--", "-" + process.pid())
                    .start()
                    .waitFor();
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertFalse(process.exitValue() == 0);
        }
        assertTrue(run().contains("not built yet"), err());
        try (Stream<Path> left = Files.walk(checkout)) {
            assertEquals(
                    List.of(),
                    left.filter(file -> file.getFileName().toString().startsWith("aside"))
                            .toList());
        }
    }

    @Test
    void jarsThatMavenLeftDoNotCount() throws Exception {
        Path modules = Files.createDirectories(checkout.resolve("cli/target/modules"));
        copy(MODULES.resolve("kelvin-core-0.2.0-SNAPSHOT.jar"), modules.resolve("kelvin-core-0.0.9.jar"));
        Files.createFile(modules.resolve("kelvin-cli-0.2.0-SNAPSHOT.jar"));
        assertTrue(run().contains("not built yet"), err());
        assertEquals("", run());
    }

    @Test
    void runsInACheckoutThatWasCopiedAndCannotBeWritten() throws Exception {
        assumeTrue(
                new ProcessBuilder("setpriv", "--reuid", "65534", "true")
                                .start()
                                .waitFor()
                        == 0,
                "not root");
        run();
        assertTrue(folder.toFile().setExecutable(true, false) && folder.toFile().setReadable(true, false));
        Path copy = folder.resolve("copy");
        assertEquals(0, shell("cp -a '" + checkout + "' " + copy + " && chmod -R a+rX,a-w " + copy));
        assertEquals(0, asNobody(copy), err());
        assertEquals("", err());

        Files.writeString(copy.resolve("core/src/main/java/A.java"), "class A { int c; }");
        assertEquals(0, asNobody(copy), err());
        assertTrue(err().startsWith("kelvin: the program is older than its sources, and you may not write to "), err());
        assertEquals(1, err().lines().count(), err());

        assertEquals(0, shell("rm -r " + copy + "/*/target"));
        assertEquals(1, asNobody(copy));
        assertTrue(err().startsWith("kelvin: the program is not built, and you may not write to "), err());
        assertEquals(1, err().lines().count(), err());
    }

    private int asNobody(Path copy) throws Exception {
        return shell("setpriv --reuid 65534 --clear-groups " + copy + "/kelvin --version");
    }

    private int shell(String command) throws Exception {
        Process process = start("", "bash", "-c", command);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return process.exitValue();
    }
}
