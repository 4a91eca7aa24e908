// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    private static final String[] COMMANDS = {
        "generate", "temperature", "inspect", "quantize", "tokenize", "logits", "perplexity", "bench", "roofline"
    };

    @TempDir
    Path folder;

    @Test
    void helpOfTheProgramListsEachCommand() {
        String help = Outcome.of("--help").result();
        for (String command : COMMANDS) {
            assertTrue(help.lines().anyMatch(line -> line.startsWith("  " + command + " ")), help);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "generate",
                "temperature",
                "inspect",
                "quantize",
                "tokenize",
                "logits",
                "perplexity",
                "train",
                "bench",
                "roofline"
            })
    void helpOfACommandHasExamplesAndFitsTheScreen(String command) {
        String help = Outcome.of(command, "--help").result();
        assertTrue(help.contains("Examples:\n  kelvin " + command), help);
        assertTrue(help.contains("--debug"), help);
        assertFalse(help.contains("${") || help.contains("%n"), help);
        help.lines().forEach(line -> assertTrue(Glyphs.columns(line) <= Terminal.COLUMNS, line));
        // One that is wrapped cannot be copied to a shell.
        help.substring(help.indexOf("Examples:"))
                .lines()
                .skip(1)
                .forEach(line -> assertTrue(line.startsWith("  "), line));
        assertEquals(help, Outcome.of("help", command).result());
    }

    @Test
    void versionNamesKelvinAndJava() {
        String version = Outcome.of("--version").result();
        assertTrue(version.startsWith("kelvin "), version);
        assertTrue(version.contains("Java " + Runtime.version()), version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"generate", "quantize", "logits", "perplexity", "train", "bench", "roofline"})
    void threadsAreAsManyAsACrewCanHave(String command) {
        assertTrue(Outcome.of(command, "--threads", "0").refusal().contains("'0' is less than 1"));
        assertTrue(Outcome.of(command, "--threads", "1025").refusal().contains("'1025' is more than 1024"));
    }

    @Test
    void wrongUsageIsRefused() {
        assertTrue(Outcome.of().refusal().contains("no command given"));
        assertTrue(Outcome.of("--nonsense").refusal().contains("--nonsense"));
        assertTrue(Outcome.of("generat").refusal().contains("generate"));
        assertTrue(Outcome.of("quantize", "--type", "F32").refusal().contains("OUT.gguf"));
        assertTrue(Outcome.of("logits", "--model", "x").refusal().contains("--ids"));
        assertTrue(Outcome.of("tokenize", "--model", "x").refusal().contains("TEXT"));
        assertTrue(Outcome.of("tokenize", "--model", "x", "--ids", "1", "a")
                .refusal()
                .contains("TEXT"));
        assertTrue(Outcome.of("tokenize", "--model", "x", "--ids", "1,-2")
                .refusal()
                .contains("'-2' is less than 0"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--temperature nan",
                "--temperature -1",
                "--temperature -inf",
                "--temperature warm",
                "--temperature 1e-60",
                "--temperature 1e60",
                "--temperature 1f",
                "--top-k -1",
                "--top-k 1.5",
                "--top-p 1.1",
                "--top-p nan",
                "--min-p -0.1",
                "--max-tokens -1",
                "--max-tokens 99999999999",
                "--threads 0",
                "--seed x"
            })
    void valuesOutOfRangeAreRefused(String option) {
        String[] words = option.split(" ", -1);
        String refusal =
                Outcome.of("generate", "--model", "x", words[0], words[1]).refusal();
        assertTrue(refusal.contains(words[0]) && refusal.contains(words[1]), refusal);
    }

    @Test
    void filesThatAreNoModelsFailInOneLine() throws IOException {
        Path missing = folder.resolve("missing.gguf");
        Path empty = Files.createFile(folder.resolve("empty.gguf"));
        Path text = Files.writeString(folder.resolve("text.gguf"), "To be, or not to be, that is the question.");
        for (String[] command : new String[][] {
            {"inspect", null},
            {"generate", "--model", null},
            {"tokenize", "--ids", "1", "--model", null},
            {"logits", "--ids", "1", "--model", null},
            {"temperature", "--model", null}
        }) {
            assertEquals(
                    "kelvin: " + missing + ": no such file",
                    run(command, missing).failure());
            assertTrue(run(command, folder)
                    .failure()
                    .startsWith("kelvin: " + folder + ": folder: expected a model as the hub has it"));
            assertTrue(run(command, empty).failure().contains(empty.toString()));
            assertTrue(run(command, text).failure().contains(text.toString()));
        }
    }

    @Test
    void debugAddsTheStackTrace() {
        Outcome outcome =
                Outcome.of("inspect", "--debug", folder.resolve("missing.gguf").toString());
        assertEquals(Main.FAILURE, outcome.exitCode());
        assertTrue(outcome.err().contains("\tat dev.kelvin"), outcome.err());
    }

    private static Outcome run(String[] command, Path file) {
        String[] args = command.clone();
        args[args.length - 1] = file.toString();
        return Outcome.of(args);
    }
}
