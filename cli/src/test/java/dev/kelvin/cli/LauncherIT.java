// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script {@code ./kelvin} on the packaged modules, as a shell starts it. */
class LauncherIT {
    private static final Path KELVIN = Path.of("..", "kelvin").toAbsolutePath().normalize();

    private static final Path STORIES =
            Path.of("src/main/resources/dev/kelvin/cli/stories.gguf").toAbsolutePath();

    @TempDir
    Path folder;

    /** Runs a command line in which {@code kelvin} stands for the launcher; what it prints goes to files. */
    private int shell(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("bash", "-c", command.replace("kelvin ", "'" + KELVIN + "' "))
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), command);
        return process.exitValue();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private String text(String file) {
        try {
            return Files.readString(folder.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void nothingButTheTableIsPrinted() throws Exception {
        assertEquals(0, shell("kelvin temperature --logits 2.0,1.0,0.1"));
        assertTrue(text("out").contains("0.659"), text("out"));
        assertEquals("", text("err"));
    }

    @Test
    void exitCodesAreThoseOfTheProgram() throws Exception {
        assertEquals(2, shell("kelvin temperature --logits 1,nan"));
        assertEquals(1, shell("kelvin inspect nowhere.gguf"));
        assertEquals("kelvin: nowhere.gguf: no such file\n", text("err"));
    }

    @Test
    void sharesALogWithOthers() throws Exception {
        assertEquals(0, shell("{ echo before >&2; kelvin inspect nowhere.gguf; echo after >&2; } 2>log"));
        assertEquals("before\nkelvin: nowhere.gguf: no such file\nafter\n", text("log"));
    }

    /** As under a service manager. */
    @Test
    void needsNoHomeDirectory() throws Exception {
        assertEquals(0, shell("env -u HOME kelvin temperature --logits 1"));
        assertEquals("", text("err"));
    }

    /**
     * Releases that corrupt memory under G1 are named; the launcher reads which one it has from the file of the JDK.
     */
    @Test
    void namesAJdkThatCorruptsMemory() throws Exception {
        Path home = Path.of(System.getProperty("java.home"));
        Path jdk = Files.createDirectories(folder.resolve("jdk/bin")).getParent();
        Files.createSymbolicLink(jdk.resolve("bin/java"), home.resolve("bin/java"));
        for (String version : List.of("25", "25.0.1", "25.0.2")) {
            Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
            assertEquals(0, shell("KELVIN_JAVA_HOME=" + jdk + " kelvin temperature --logits 1"));
            assertTrue(text("err").contains("JDK-8377811"), text("err"));
        }
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.3\"\n");
        assertEquals(0, shell("KELVIN_JAVA_HOME=" + jdk + " kelvin temperature --logits 1"));
        assertEquals("", text("err"));
    }

    @Test
    void whatElseTheJvmSaysPassesThrough() throws Exception {
        assertEquals(0, shell("KELVIN_JAVA_OPTS=-showversion kelvin temperature --logits 1; sleep 1"));
        assertTrue(text("err").contains("64-Bit"), text("err"));
        assertFalse(text("err").contains("incubator"), text("err"));
    }

    @Test
    void aFullDiskIsToldByTheFileThatDoesNotFit() throws Exception {
        assertEquals(1, shell("ulimit -f 1000; kelvin quantize '" + STORIES + "' o.gguf --type F32"));
        assertTrue(text("err").endsWith("kelvin: o.gguf: File too large\n"), text("err"));
        assertEquals(List.of("err", "out"), names());
    }

    /** No file may have a byte; what is said goes through a pipe. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "quantize stories.gguf o.gguf --type F32",
                "convert hub o.gguf --type F32",
                "train --data text --out o.gguf --layers 1 --dim 16 --heads 2 --context 16 --batch 2 --steps 2",
                "temperature --logits 2,1 --svg o.svg"
            })
    void aFileThatDoesNotFitIsNotThere(String command) throws Exception {
        Files.createSymbolicLink(folder.resolve("stories.gguf"), STORIES);
        Files.writeString(folder.resolve("text"), "Once there was a fox. ".repeat(20));
        TinyHub.write(folder.resolve("hub"), 16, 512);
        String limited = "{ ulimit -f 0; KELVIN_JAVA_OPTS=-XX:-UsePerfData kelvin " + command + "; } 2>&1 | cat";
        assertEquals(1, shell("set -o pipefail; " + limited), () -> text("out"));
        assertTrue(text("out").matches("(?s).*kelvin: o\\S*: File too large\n"), text("out"));
        assertEquals(List.of("err", "hub", "out", "stories.gguf", "text"), names());
    }

    /** The JVM reads arguments as the locale says, and makes U+FFFD of what is not ASCII where that is the C locale. */
    @Test
    void argumentsAreUtf8InTheLocaleC() throws Exception {
        assertEquals(0, shell("LC_ALL=C.UTF-8 kelvin tokenize 'Caf\u00e9 \u6f22'"));
        String ids = text("out");
        for (String locale : List.of("LC_ALL=C", "LC_ALL=nowhere.UTF-8", "LC_ALL= LC_CTYPE= LANG=")) {
            assertEquals(0, shell(locale + " kelvin tokenize 'Caf\u00e9 \u6f22'"), locale);
            assertEquals(ids, text("out"), locale);
        }
        assertEquals(1, shell("LC_ALL=C kelvin inspect '\u00e9.gguf'"));
        assertEquals("kelvin: ?.gguf: no such file\n", text("err"));
    }

    /** Bytes of a name that are not UTF-8 are U+FFFD in an argument; a listing of the folder knows them. */
    @Test
    void fileNamesNeedNotBeUtf8() throws Exception {
        String copy = "mkdir $'f\\xe4' && cp '" + STORIES + "' $'f\\xe4/s\\xe9.gguf' && ";
        for (String locale : List.of("LC_ALL=C.UTF-8", "LC_ALL=C")) {
            assertEquals(0, shell(copy + locale + " kelvin inspect $'f\\xe4/s\\xe9.gguf'"), () -> text("err"));
            assertTrue(text("out").contains("Tensors"), text("out"));
            assertEquals(0, shell("rm -r f*"));
        }
        assertEquals(1, shell("kelvin inspect $'s\\xe9.gguf'"));
        assertTrue(text("err").endsWith("gguf: no such file\n"), text("err"));
        assertEquals(2, shell("touch $'\\xe8' $'\\xe9'; kelvin inspect $'\\xe9'"));
        assertTrue(text("err").contains("are 2 files, whose names are not UTF-8"), text("err"));
    }

    @Test
    void drawsInAsciiInTheLocaleC() throws Exception {
        assertEquals(0, shell("LC_ALL=C kelvin temperature --logits 2.0,1.0,0.1"));
        assertTrue(text("out").contains("###"), text("out"));
        assertTrue(text("out").chars().allMatch(c -> c < 128), text("out"));
    }

    @Test
    void optionsOfTheUserArriveOrAreRefused() throws Exception {
        assertEquals(0, shell("KELVIN_JAVA_OPTS=-XX:+UseParallelGC kelvin temperature --logits 1"), text("err"));
        assertEquals("", text("err"));
        assertEquals(0, shell("KELVIN_JAVA_OPTS='-Xmx1g  -XX:+UseG1GC' kelvin temperature --logits 1"), text("err"));
        assertEquals("", text("err"));
        assertEquals(
                1, shell("KELVIN_JAVA_OPTS=-XX:+NoSuchOption kelvin temperature --logits 1; rc=$?; sleep 1; exit $rc"));
        assertTrue(text("err").contains("NoSuchOption"), text("err"));
    }

    @Test
    void optionsOfTheEnvironmentMakeNoNoise() throws Exception {
        String options = "JAVA_TOOL_OPTIONS=-Dx=y JDK_JAVA_OPTIONS='-XX:+UseParallelGC' ";
        assertEquals(0, shell(options + "kelvin temperature --logits 1; sleep 1"), text("err"));
        assertEquals("", text("err"));
        assertEquals(0, shell("KELVIN_JAVA_OPTS=-XX:+PrintCommandLineFlags kelvin temperature --logits 1; sleep 1"));
        assertFalse(text("err").contains("incubator") || text("err").contains("directives"), text("err"));
    }

    @Test
    void closedStreamsAreNotTakenForOthers() throws Exception {
        assertEquals(1, shell("kelvin generate - <&-"));
        assertEquals("kelvin: standard input is closed\n", text("err"));
        assertEquals(0, shell("kelvin tokenize - </dev/null"));
        assertEquals(1, shell("kelvin temperature --logits 1 >&-"));
        assertTrue(text("err").startsWith("kelvin: cannot write to standard output: "), text("err"));
        assertEquals(0, shell("kelvin temperature --logits 1 2>&-"));
        assertTrue(text("out").contains("entropy"), text("out"));
    }
}
