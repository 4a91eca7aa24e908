// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatCommandTest {
    private static final String TEMPLATE = "{% for m in messages %}{{ m.role[0] + ':' + m.content }}{% endfor %}";

    @TempDir
    private Path folder;

    private Outcome chat(String lines, String... options) {
        List<String> arguments = new ArrayList<>(List.of("chat", "--seed", "7", "--threads", "1"));
        arguments.addAll(List.of(options));
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
        try {
            return Outcome.of(arguments.toArray(String[]::new));
        } finally {
            System.setIn(before);
        }
    }

    private String[] tiny(String... options) throws IOException {
        Path model = TinyModel.write(folder.resolve("tiny.gguf"), "tokenizer.chat_template", TEMPLATE);
        List<String> arguments = new ArrayList<>(List.of("--model", model.toString(), "--max-tokens", "4"));
        arguments.addAll(List.of(options));
        return arguments.toArray(String[]::new);
    }

    @Test
    void aModelThatGuessesChangesNoAnswer() throws IOException {
        String copy = TinyModel.write(folder.resolve("copy.gguf")).toString();
        String[] plain = {"--sampler", "mask=3:4:5:6,temperature=1"};
        String[] guessed = {"--sampler", "mask=3:4:5:6,temperature=1", "--draft", copy};
        Outcome told = chat("a\nb\n/stats\n", tiny(guessed));
        String answers = chat("a\nb\n", tiny(plain)).result();
        assertTrue(told.result().startsWith(answers), told.out() + " is not " + answers);
        assertTrue(told.out().matches("(?s).*guessed    [1-9][0-9]* tokens, [1-9][0-9]* right.*"), told.out());
        assertFalse(chat("a\n/stats\n", tiny(plain)).result().contains("guessed"));
    }

    @Test
    void theStorytellerGoesOnWithWhatOneWrites() {
        Outcome once = chat("Once upon a time, there was a\n", "--max-tokens", "12");
        assertTrue(once.err().contains("has no chat training"), once.err());
        assertTrue(once.result().matches("(?s) ?[a-z].*\\n"), once.out());
        Outcome twice = chat("Once upon a time, there was a\nSuddenly\n", "--max-tokens", "12");
        assertTrue(twice.result().startsWith(once.out()), "the same seed, the same story");
        assertTrue(twice.out().length() > once.out().length());
        Outcome other = chat("Suddenly\n", "--max-tokens", "12");
        assertFalse(twice.out().endsWith(other.out()), "the second piece knows of the first");
        chat("", "--system", "x").refusal();
    }

    @Test
    void commandsAreKeptApartFromMessages() {
        Outcome outcome = chat("""
                /temperature
                /temperature 0
                Once upon a time
                /temperature inf
                /temperature -1
                /stats
                /top 3
                /tmperature
                /system x
                /reset
                /top x
                /stats
                /exit
                never read
                """, "--max-tokens", "5");
        String out = outcome.result();
        assertTrue(out.startsWith("τ = 0.8\nτ = 0\n"), out);
        assertTrue(out.contains("τ = ∞\n"), out);
        assertTrue(out.contains("answer     5 tokens"), out);
        assertTrue(out.contains("before samplers; * taken"), out);
        assertEquals(
                1,
                out.lines().filter(line -> line.startsWith("* ")).count(),
                "a greedy pick is among the first: " + out);
        assertTrue(out.contains("forgotten\n") && out.contains("context    0 of 512"), out);
        String err = outcome.err();
        assertTrue(err.contains("did you mean /temperature?"), err);
        assertTrue(err.contains("/temperature: from 0 to inf") && err.contains("/top: a number"), err);
        assertTrue(err.contains("knows no system message"), err);
    }

    @Test
    void helpNamesEachCommand() {
        String out = chat("/help\n").result();
        for (String name : List.of("temperature", "top", "system", "tools", "reset", "save", "load", "stats", "help")) {
            assertTrue(out.contains("/" + name), name);
        }
    }

    @Test
    void aFullContextIsToldAndTheOldestMessagesGo() throws IOException {
        Outcome outcome = chat("a\nb\na\nb\na\nb\na\nb\n", tiny());
        outcome.result();
        assertTrue(
                outcome.err().contains("the context of 32 tokens is full: the model no longer sees the oldest"),
                outcome.err());
        Outcome tooLong = chat("a".repeat(100) + "\n/stats\n", tiny());
        assertTrue(tooLong.err().contains("does not fit the model's context"), tooLong.err());
        assertTrue(tooLong.result().contains("context    0 of 32"), tooLong.out());
    }

    @Test
    void whatWasSavedIsGoneOnWith() throws IOException {
        Path file = folder.resolve("talk.json");
        String whole = chat("/system b\na\n/save " + file + "\n/temperature 0\nb\n", tiny())
                .result();
        String rest =
                chat("/load " + file + "\n/system\n/temperature 0\nb\n", tiny()).result();
        String answer = whole.substring(whole.indexOf("τ = 0\n"));
        assertEquals("loaded " + file + "\nb\n" + answer, rest);
        String json = Files.readString(file);
        assertTrue(json.contains("\"system\"") && json.contains("\"assistant\""), json);
        Files.writeString(file, "{\"messages\": [{\"role\": \"robot\"}]}");
        Outcome refused = chat("/load " + file + "\n/load\n/load " + folder.resolve("no") + "\na\n", tiny());
        assertTrue(refused.err().contains("role 'robot' is none of"), refused.err());
        assertTrue(refused.err().contains("the name of a file is missing"), refused.err());
        assertNotEquals("", refused.result(), "the chat goes on");
    }

    /** A saved conversation that ends early is refused whole: the one that runs stays as it is. */
    @Test
    void whatWasSavedAndCutIsRefused() throws IOException {
        Path file = folder.resolve("talk.json");
        chat("/system b\na\n/save " + file + "\n", tiny()).result();
        String whole = Files.readString(file).strip();
        StringBuilder commands = new StringBuilder("/system ab\n");
        for (int length = 0; length < whole.length(); length++) {
            Path cut = folder.resolve("cut" + length + ".json");
            Files.writeString(cut, whole.substring(0, length));
            commands.append("/load ").append(cut).append('\n');
        }
        Outcome outcome = chat(commands + "/system\n", tiny());
        assertEquals("ab\nab\n", outcome.result());
        long refusals = outcome.err()
                .lines()
                .filter(line -> line.contains("expected a conversation"))
                .count();
        assertEquals(whole.length(), refusals, outcome.err());
    }

    @Test
    void toolsAndValuesReachTheTemplate() throws IOException {
        Path tools = folder.resolve("tools.json");
        Files.writeString(tools, "[{\"name\": \"clock\", \"description\": \"Tells the time.\"}]");
        String out = chat("/tools\n/tools " + tools + "\n", tiny()).result();
        assertEquals("no tools\nclock  Tells the time.\n", out);
        Path model = TinyModel.write(
                folder.resolve("strict.gguf"), "tokenizer.chat_template", "{{ raise_exception('x is ' ~ x) }}");
        Outcome refused = chat("a\n", "--model", model.toString(), "--set", "x=12");
        assertTrue(refused.err().contains("x is 12"), refused.err());
    }

    @Test
    void longTextsAndSlashes() {
        assertEquals("a\nb", ChatInput.message("a\\\nb"));
        assertEquals("a\n/b", ChatInput.message("\"\"\"\na\n/b\n\"\"\""));
        assertTrue(ChatInput.isOpen("\"\"\" a") && ChatInput.isOpen("a\\") && !ChatInput.isOpen("\"\"\"a\"\"\""));
        Outcome block = chat("\"\"\"\nOnce upon\na time\n\"\"\"\n", "--max-tokens", "3");
        assertNotEquals("", block.result());
        Outcome slash = chat("//help\n", "--max-tokens", "3");
        assertFalse(slash.result().contains("/temperature"), slash.out());
    }

    @Test
    void aScreenGetsWholeWordsAndDimmedThoughts() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Terminal screen = new Terminal(
                new PrintStream(bytes, true, StandardCharsets.UTF_8), System.err, true, true, true, () -> 20);
        ChatVoice voice = new ChatVoice(screen);
        voice.reasoning("Let me th");
        voice.reasoning("ink of it now");
        voice.text("It is a won");
        voice.text("derful day\u001b[2J");
        voice.end();
        assertEquals(
                "\u001b[2mLet me think of it \nnow\n\u001b[22mIt is a wonderful \nday\\u{1b}[2J\n",
                bytes.toString(StandardCharsets.UTF_8));
    }
}
