// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./kelvin chat} as the launcher starts it, on a terminal, which util-linux's {@code script} plays. */
class ChatTerminalIT {
    private static final Path KELVIN = Path.of("..", "kelvin").toAbsolutePath().normalize();
    private static final Path SCRIPT = Path.of("/usr/bin/script");
    private static final String CTRL_C = "\u0003";
    private static final String CTRL_D = "\u0004";

    @TempDir
    Path folder;

    private Process process;

    private void start(int columns) throws IOException {
        assumeTrue(Files.isExecutable(SCRIPT), "kelvin chat was not tested on a terminal: there is no " + SCRIPT);
        // At this temperature a text hardly ends by itself, and an answer takes seconds.
        String chat = "stty cols " + columns + " rows 24; exec '" + KELVIN
                + "' chat --seed 3 --temperature inf --max-tokens 500";
        ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString(), "-qefc", chat, "/dev/null")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("screen").toFile());
        builder.environment().put("TERM", "xterm");
        builder.environment().put("XDG_STATE_HOME", folder.toString());
        process = builder.start();
    }

    @AfterEach
    void end() {
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private String screen() throws IOException {
        return Files.readString(folder.resolve("screen"), StandardCharsets.UTF_8);
    }

    /** What the screen shows behind {@code from}, without colours and movements of the cursor. */
    private String shown(int from) throws IOException {
        return screen().substring(from).replaceAll("\u001b\\[[0-9;?]*[A-Za-z]|\u001b[=>]", "");
    }

    private void await(int from, Predicate<String> shows, String what) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        while (!shows.test(shown(from))) {
            assertTrue(process.isAlive() && System.nanoTime() < deadline, what + "\n" + screen());
            Thread.sleep(20);
        }
    }

    private void type(String keys) throws IOException {
        process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Ends the input; once more where the screen was just being set up, and what was typed then got lost. */
    private void leave() throws Exception {
        for (int i = 0; i < 30 && process.isAlive(); i++) {
            try {
                type(CTRL_D);
            } catch (IOException ended) {
                break;
            }
            process.waitFor(1, TimeUnit.SECONDS);
        }
        assertTrue(process.waitFor(10, TimeUnit.SECONDS), screen());
        assertEquals(0, process.exitValue(), screen());
    }

    @Test
    void ctrlCEndsTheAnswerAndNotTheProgram() throws Exception {
        start(80);
        await(0, text -> text.contains("> "), "a prompt");
        assertFalse(screen().contains("WARNING"), screen());
        int begin = screen().length();
        type("Once upon a time\r");
        await(begin, text -> text.length() > 150, "an answer");
        type(CTRL_C);
        int after = screen().length();
        await(after, text -> text.contains("\n> "), "a prompt behind what was cut");
        int stats = screen().length();
        type("/stats\r");
        await(stats, text -> text.contains("answer") && text.contains("context"), "what the answer took");
        String told = shown(stats).replaceFirst("(?s).*answer +(\\d+) tokens.*", "$1");
        int tokens = Integer.parseInt(told);
        assertTrue(tokens > 0 && tokens < 480, "the answer ended after " + told + " tokens");
        // Another answer goes on as ever, and the end of the input is the end.
        int again = screen().length();
        type("And then\r");
        await(again, text -> text.length() > 60, "another answer");
        type(CTRL_C);
        await(again, text -> text.endsWith("> "), "a prompt");
        leave();
    }

    @Test
    void aNarrowScreenIsKept() throws Exception {
        start(40);
        await(0, text -> text.contains("> "), "a prompt");
        int begin = screen().length();
        type("/help\r");
        await(begin, text -> text.contains("/exit"), "the list");
        for (String line : shown(begin).split("\r?\n", -1)) {
            assertFalse(line.strip().length() > 40, line);
        }
        type(CTRL_C);
        leave();
    }
}
