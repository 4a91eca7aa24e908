// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code .mvn/dependencies.sh} lets through: jars whose sums are known, and nothing that is known against them.
 */
@DisabledOnOs(OS.WINDOWS)
class DependenciesIT {
    private static final Path SCRIPT =
            Path.of("../.mvn/dependencies.sh").toAbsolutePath().normalize();

    /** SHA-256 of nothing. */
    private static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @TempDir
    Path folder;

    private String told = "";

    private int run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 2];
        command[0] = "bash";
        command[1] = SCRIPT.toString();
        System.arraycopy(arguments, 0, command, 2, arguments.length);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("here", folder.resolve("checkout").toString());
        builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return process.exitValue();
    }

    private void pin(String sum) throws IOException {
        Path list = Files.createDirectories(folder.resolve("checkout/.mvn")).resolve("dependencies.sha256");
        Files.writeString(list, sum + " org.example:thing:1.2 thing-1.2.jar\n");
    }

    @Test
    void aJarIsTheOneThatIsPinned() throws Exception {
        Path jar = folder.resolve("repository/org/example/thing/1.2/thing-1.2.jar");
        Files.createDirectories(jar.getParent());
        Files.createFile(jar);
        String path = folder.resolve("checkout/core/target/classes") + ":" + jar;
        pin(EMPTY);
        assertEquals(0, run(Map.of(), "check", path), told);
        Files.writeString(jar, "another");
        assertEquals(1, run(Map.of(), "check", path));
        assertTrue(told.contains("org.example:thing:1.2 thing-1.2.jar with SHA-256 "), told);
    }

    @Test
    void whatIsKnownAgainstOneEndsTheBuildUnlessItIsAccepted() throws Exception {
        pin(EMPTY);
        Path answer =
                Files.writeString(folder.resolve("osv.json"), "{\"results\":[{\"vulns\":[{\"id\":\"GHSA-1\"}]}]}");
        Map<String, String> database = Map.of("KELVIN_OSV", answer.toString());
        assertEquals(1, run(database, "vulnerabilities"));
        assertTrue(told.contains("GHSA-1 is known"), told);
        Files.writeString(
                folder.resolve("checkout/.mvn/vulnerabilities.accepted"), "GHSA-1 concerns what is not used\n");
        assertEquals(0, run(database, "vulnerabilities"), told);
    }

    @Test
    void whatAClusterBringsIsPinnedAndNotAskedFor() throws Exception {
        Path collected = Files.writeString(folder.resolve("collected"), """
                1 org.example:thing:1.2 thing-1.2.jar kelvin-spark
                2 org.example:shared:1.0 shared-1.0.jar kelvin-spark
                2 org.example:shared:1.0 shared-1.0.jar kelvin-cli
                """);
        assertEquals(0, run(Map.of(), "provided", collected.toString()));
        assertEquals("org.example:thing:1.2\n", told);
        Path pins = Files.createDirectories(folder.resolve("checkout/.mvn"));
        Files.writeString(pins.resolve("dependencies.provided"), told);
        Files.writeString(pins.resolve("dependencies.sha256"), """
                2 org.example:shared:1.0 shared-1.0.jar
                1 org.example:thing:1.2 thing-1.2.jar
                """);
        Path answer = Files.writeString(folder.resolve("osv.json"), "{\"results\":[{}]}");
        assertEquals(0, run(Map.of("KELVIN_OSV", answer.toString()), "vulnerabilities"), told);
        assertTrue(told.contains("against 1 artifacts"), told);
    }

    @Test
    void aDatabaseThatCannotBeHadIsSaid() throws Exception {
        pin(EMPTY);
        assertEquals(0, run(Map.of("KELVIN_OSV", "http://127.0.0.1:1/none"), "vulnerabilities"));
        assertTrue(told.contains("could not be had"), told);
    }
}
