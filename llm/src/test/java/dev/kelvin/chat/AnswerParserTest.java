// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.SharedData;
import dev.kelvin.chat.AnswerPart.Call;
import dev.kelvin.chat.AnswerPart.Reasoning;
import dev.kelvin.chat.AnswerPart.Text;
import dev.kelvin.chat.jinja.TemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerParserTest {
    private static final List<Map<String, Object>> TOOLS = List.of(Map.of(
            "type",
            "function",
            "function",
            Map.of(
                    "name",
                    "f",
                    "parameters",
                    Map.of("properties", Map.of("n", Map.of("type", "integer"), "s", Map.of("type", "string"))))));

    /** The parts of an answer that comes in pieces of a size, neighbours of a kind joined. */
    private static List<AnswerPart> parts(AnswerFormat format, String prompt, String answer, int size) {
        AnswerParser parser = new AnswerParser(format, prompt, TOOLS);
        List<AnswerPart> parts = new ArrayList<>();
        for (int i = 0; i < answer.length(); i += size) {
            parts.addAll(parser.accept(answer.substring(i, Math.min(answer.length(), i + size))));
        }
        parts.addAll(parser.finish());
        List<AnswerPart> joined = new ArrayList<>();
        for (AnswerPart part : parts) {
            AnswerPart last = joined.isEmpty() ? null : joined.getLast();
            if (part instanceof Text text && last instanceof Text before) {
                joined.set(joined.size() - 1, new Text(before.text() + text.text()));
            } else if (part instanceof Reasoning text && last instanceof Reasoning before) {
                joined.set(joined.size() - 1, new Reasoning(before.text() + text.text()));
            } else {
                joined.add(part);
            }
        }
        return joined;
    }

    private static void check(AnswerFormat format, String prompt, String answer, AnswerPart... expected) {
        for (int size : new int[] {1, 2, 3, 7, 1000}) {
            assertEquals(List.of(expected), parts(format, prompt, answer, size), answer + " in pieces of " + size);
        }
    }

    private static Call call(String name, Map<String, Object> arguments) {
        return new Call(name, arguments);
    }

    @Test
    void reasoning() {
        check(
                AnswerFormat.PLAIN,
                "",
                "<think>\nhm <b>\n</think>\n\nyes, a < b ",
                new Reasoning("hm <b>"),
                new Text("yes, a < b "));
        check(AnswerFormat.PLAIN, "x<think>\n", "hm</think>yes", new Reasoning("hm"), new Text("yes"));
        check(AnswerFormat.MISTRAL, "", "[THINK]a[/THINK]b", new Reasoning("a"), new Text("b"));
        check(AnswerFormat.PLAIN, "", "<think>never ended", new Reasoning("never ended"));
        check(AnswerFormat.PLAIN, "", "half a <thi", new Text("half a <thi"));
    }

    @Test
    void callsInTags() {
        check(
                AnswerFormat.HERMES,
                "",
                "Let me see.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"n\": 1}}\n</tool_call>\n"
                        + "<tool_call>{\"name\": \"g\", \"arguments\": \"{}\"}</tool_call>",
                new Text("Let me see."),
                call("f", Map.of("n", 1L)),
                call("g", Map.of()));
        check(
                AnswerFormat.QWEN_CODER,
                "",
                "<tool_call>\n<function=f>\n<parameter=n>\n12\n</parameter>\n<parameter=s>\n34\n</parameter>\n</function>\n"
                        + "</tool_call>",
                call("f", Map.of("n", 12L, "s", "34")));
        check(
                AnswerFormat.QWEN_CODER,
                "",
                "<function=f>\n<parameter=s>\na\nb\n</parameter>\n</function>",
                call("f", Map.of("s", "a\nb")));
        check(
                AnswerFormat.COMMAND_R,
                "",
                "<|START_THINKING|>x<|END_THINKING|><|START_ACTION|>[{\"tool_call_id\": \"0\", \"tool_name\": \"f\","
                        + " \"parameters\": {\"n\": 2}}]<|END_ACTION|>",
                new Reasoning("x"),
                call("f", Map.of("n", 2L)));
    }

    @Test
    void callsUpToTheEnd() {
        check(
                AnswerFormat.MISTRAL,
                "",
                "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {\"n\": 3}, \"id\": \"abc\"}]",
                call("f", Map.of("n", 3L)));
        check(
                AnswerFormat.MISTRAL,
                "",
                "[TOOL_CALLS]f[ARGS]{\"n\": 3}[TOOL_CALLS]g[CALL_ID]1[ARGS]{}",
                call("f", Map.of("n", 3L)),
                call("g", Map.of()));
        check(AnswerFormat.LLAMA, "", "{\"name\": \"f\", \"parameters\": {\"n\": 4}}", call("f", Map.of("n", 4L)));
        check(
                AnswerFormat.LLAMA,
                "",
                "<|python_tag|>{\"name\": \"f\", \"parameters\": {}}; {\"name\": \"g\", \"parameters\": {}}",
                call("f", Map.of()),
                call("g", Map.of()));
        check(AnswerFormat.LLAMA, "", "A set {1, 2} is", new Text("A set {1, 2} is"));
    }

    @Test
    void channels() {
        check(
                AnswerFormat.HARMONY,
                "<|start|>assistant",
                "<|channel|>analysis<|message|>Think.<|end|><|start|>assistant<|channel|>commentary to=functions.f"
                        + " <|constrain|>json<|message|>{\"n\": 5}<|call|>",
                new Reasoning("Think."),
                call("f", Map.of("n", 5L)));
        check(
                AnswerFormat.HARMONY,
                "",
                "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>Hello <|x|><|return|>",
                new Reasoning("a"),
                new Text("Hello <|x|>"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "HERMES|<tool_call>{\"name\": }</tool_call>",
                "HERMES|<tool_call>{\"name\": \"f\"",
                "HERMES|<tool_call>3</tool_call>",
                "QWEN_CODER|<tool_call><function=f><parameter=n>1</function></tool_call>",
                "MISTRAL|[TOOL_CALLS]f[ARGS]{",
                "LLAMA|{\"no\": \"call\"}",
                "LLAMA|{\"name\": \"f\", \"parameters\": [1]}"
            })
    void whatIsNoCallComesBackAsText(AnswerFormat format, String answer) {
        check(format, "", answer, new Text(answer));
    }

    @ParameterizedTest
    @CsvSource({
        "Qwen-Qwen3-0.6B, HERMES",
        "Qwen3-Coder, QWEN_CODER",
        "mistralai-Mistral-Nemo-Instruct-2407, MISTRAL",
        "meta-llama-Llama-3.1-8B-Instruct, LLAMA",
        "CohereForAI-c4ai-command-r7b-12-2024-tool_use, COMMAND_R",
        "google-gemma-2-2b-it, PLAIN"
    })
    void theFormatIsFoundFromTheTemplate(String name, AnswerFormat format) throws IOException, TemplateException {
        String source = Files.readString(SharedData.require("templates/" + name + ".jinja"));
        assertEquals(format, AnswerFormat.of(ChatTemplate.of(source)));
    }

    @Test
    void aFormatHasAName() {
        assertEquals(AnswerFormat.QWEN_CODER, AnswerFormat.named("qwen-coder"));
        assertThrows(IllegalArgumentException.class, () -> AnswerFormat.named("morse"));
    }
}
