// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What is read without the parser is what the parser reads. */
class PlainArgumentsTest {
    private final PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
    private final Terminal terminal = new Terminal(nowhere, nowhere, true, false);

    /** The values of a command's options; the prompt is either an option or a word. */
    private static Map<String, Object> values(GenerateCommand command) throws IllegalAccessException {
        Map<String, Object> values = new TreeMap<>();
        for (Field field : GenerateCommand.class.getDeclaredFields()) {
            boolean option = field.isAnnotationPresent(CommandLine.Option.class)
                    || field.isAnnotationPresent(CommandLine.Parameters.class);
            field.setAccessible(true);
            if (option && field.get(command) != null) {
                boolean words = field.getName().equals("words");
                Object value = words ? ((List<?>) field.get(command)).getFirst() : field.get(command);
                values.put(words ? "prompt" : field.getName(), value);
            }
        }
        return values;
    }

    /** A bar stands between arguments. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "generate",
                "generate|Once upon a time",
                "generate|--echo|--prompt|Once upon a time",
                "generate|--echo|--prompt|Once|--max-tokens|60",
                "generate|--max-tokens|0|a b|--seed|007|--echo",
                "generate|--seed|999999999|--prompt|\"quoted\" ${user.home} @file \\ 'x' a=b \u00e9",
                "generate|@file",
            })
    void isWhatTheParserReads(String line) throws Exception {
        String[] args = line.split("\\|", -1);
        GenerateCommand parsed = new GenerateCommand(terminal);
        new CommandLine(parsed)
                .setExpandAtFiles(false)
                .registerConverter(Long.class, new Arguments.Whole())
                .parseArgs(Arrays.copyOfRange(args, 1, args.length));
        Map<String, String> plain = PlainArguments.of(args).orElseThrow();
        assertEquals(values(parsed), values(new GenerateCommand(terminal, plain)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "chat|a",
                "generate|a|b",
                "generate|a|--prompt|b",
                "generate|-",
                "generate|--",
                "generate|--help",
                "generate|-h",
                "generate|--echo|--echo",
                "generate|--prompt",
                "generate|--prompt|",
                "generate|--prompt|--echo",
                "generate|--prompt=a",
                "generate|--max-tokens",
                "generate|--max-tokens|-1",
                "generate|--max-tokens|1e3",
                "generate|--max-tokens| 7",
                "generate|--max-tokens|9999999999",
                "generate|--max-tokens|\u0663",
                "generate|--seed|1|--seed|2",
                "generate|--temperature|1",
                "generate|--debug",
            })
    void leavesTheRestToTheParser(String line) {
        assertTrue(PlainArguments.of(line.split("\\|", -1)).isEmpty(), line);
    }

    @Test
    void failsAsAnyCommandDoes() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal told = new Terminal(nowhere, new PrintStream(err, true, StandardCharsets.UTF_8), true, false);
        int tooLong = Main.run(told, "generate", "word ".repeat(2000), "--max-tokens", "1");
        assertEquals(Main.FAILURE, tooLong);
        String said = err.toString(StandardCharsets.UTF_8);
        assertTrue(said.startsWith("kelvin: the prompt's"), said);
    }
}
