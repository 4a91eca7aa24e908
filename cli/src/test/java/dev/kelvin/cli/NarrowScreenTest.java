// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is drawn on a screen is as wide as the screen. */
class NarrowScreenTest {
    private static final List<String> COMMANDS = List.of(
            "generate",
            "train",
            "temperature",
            "inspect",
            "quantize",
            "tokenize",
            "logits",
            "perplexity",
            "bench",
            "roofline",
            "help");

    private static String shown(int columns, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        assertEquals(0, Main.run(new Terminal(stream, stream, true, true, true, () -> columns), args));
        return out.toString(StandardCharsets.UTF_8);
    }

    static Stream<List<String>> helpAndCharts() {
        Stream<List<String>> charts = Stream.of(
                List.of("--help"),
                List.of("inspect"),
                List.of("temperature", "--logits", "2.0,1.0,0.1", "--labels", "cat,dog,a long name of an eel"),
                List.of("temperature", "--logits", "2.0,1.0,0.1", "--sampler", "top-k=40,temperature=0.8"),
                List.of("temperature", "--prompt", "Once upon a time, there was a", "--explain"));
        return Stream.concat(COMMANDS.stream().map(command -> List.of("help", command)), charts);
    }

    @ParameterizedTest
    @MethodSource("helpAndCharts")
    void fitsAnyScreen(List<String> args) {
        for (int columns : new int[] {40, 57, 80, 132}) {
            String shown = shown(columns, args.toArray(String[]::new)).replaceAll("\u001b\\[[0-9;]*m", "");
            for (String line : shown.lines().toList()) {
                // A single word may be longer, such as a list of values.
                assertTrue(Glyphs.columns(line) <= columns || !line.strip().contains(" "), columns + ": " + line);
            }
        }
    }

    @Test
    void narrowHelpSaysTheSame() {
        for (String command : COMMANDS) {
            assertEquals(words(shown(80, "help", command)), words(shown(40, "help", command)));
        }
    }

    private static String words(String help) {
        return help.replace("\\\n", "\n").replaceAll("\u001b\\[[0-9;]*m", "").replaceAll("\\s+", " ");
    }

    @Test
    void examplesCanBeCopied() {
        String help = shown(40, "help", "train");
        assertTrue(help.contains(" \\\n      --"), help);
    }
}
