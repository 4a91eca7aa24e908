// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.chat.AnswerFormat;
import dev.kelvin.chat.ChatTemplate;
import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.Message;
import dev.kelvin.chat.Role;
import dev.kelvin.chat.Tool;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.tokenizer.Tokenizer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Conversations as values make the same prompts as the variables of published templates. */
@SuppressWarnings("unchecked")
class PublishedConversationsTest {
    private final Tokenizer tokenizer = Talk.tokenizer();

    @Test
    void valuesMakeThePromptsThatVariablesMake() throws Exception {
        List<String> wrong = new ArrayList<>();
        int count = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(SharedData.require("templates"), "*.jinja")) {
            for (Path file : files) {
                ChatTemplate template = ChatTemplate.of(Files.readString(file));
                String name = file.getFileName().toString().replace(".jinja", "");
                if (template.mentions("strftime_now") || !template.mentions("tools")) {
                    continue;
                }
                List<Map<String, Object>> cases = (List<Map<String, Object>>)
                        JsonReader.read(Files.readAllBytes(file.resolveSibling(name + ".json")));
                for (Map<String, Object> each : cases) {
                    Optional<Conversation> conversation = conversation(each);
                    if (conversation.isEmpty()) {
                        continue;
                    }
                    ChatStyle style = new ChatStyle(template, AnswerFormat.PLAIN, Map.of(), Optional.empty());
                    Chat chat = new Chat(style, tokenizer, Chat.Answering.oneByOne((request, listener) -> {
                        throw new AssertionError();
                    }));
                    count++;
                    String prompt;
                    try {
                        prompt = chat.prompt(conversation.get());
                    } catch (IllegalArgumentException e) {
                        prompt = e.getMessage();
                    }
                    if (!prompt.equals(each.get("expected"))) {
                        wrong.add(name + ", " + each.get("case") + ": " + prompt + "\n--\n" + each.get("expected"));
                    }
                }
            }
        }
        assertTrue(count > 1000, count + " conversations");
        assertEquals(List.of(), wrong.subList(0, Math.min(3, wrong.size())), wrong.size() + " of " + count);
    }

    /** A case as a value, if nothing of it is lost. */
    private static Optional<Conversation> conversation(Map<String, Object> each) {
        Map<String, Object> values = (Map<String, Object>) each.get("variables");
        if (!(each.get("expected") instanceof String)
                || !each.containsKey("tools")
                || List.of().equals(each.get("tools"))
                || each.get("documents") != null
                || values.containsKey("continue_final_message")
                || !Boolean.TRUE.equals(values.get("add_generation_prompt"))) {
            return Optional.empty();
        }
        List<Message> messages = new ArrayList<>();
        for (Map<String, Object> message : (List<Map<String, Object>>) each.get("messages")) {
            Optional<Message> value = message(message);
            if (value.isEmpty()) {
                return Optional.empty();
            }
            messages.add(value.get());
        }
        List<Tool> tools = new ArrayList<>();
        for (Object tool : each.get("tools") == null ? List.of() : (List<?>) each.get("tools")) {
            Map<String, Object> function = (Map<String, Object>) ((Map<?, ?>) tool).get("function");
            if (!(function.get("parameters") instanceof Map<?, ?> parameters)
                    || !(function.get("description") instanceof String description)) {
                return Optional.empty();
            }
            Tool value = new Tool((String) function.get("name"), description, (Map<String, ?>) parameters);
            if (!JsonWriter.write(value.variable()).equals(JsonWriter.write(tool))) {
                return Optional.empty();
            }
            tools.add(value);
        }
        return Optional.of(new Conversation(messages, tools, values, false));
    }

    private static Optional<Message> message(Map<String, Object> fields) {
        List<ToolCall> calls = new ArrayList<>();
        Object listed = fields.get("tool_calls");
        for (Map<String, Object> call :
                listed == null ? List.<Map<String, Object>>of() : (List<Map<String, Object>>) listed) {
            Map<String, Object> function = (Map<String, Object>) call.get("function");
            if (function == null || !(function.get("arguments") instanceof Map<?, ?> arguments)) {
                return Optional.empty();
            }
            calls.add(new ToolCall(
                    (String) call.getOrDefault("id", ""), (String) function.get("name"), (Map<String, Object>)
                            arguments));
        }
        try {
            Message message = new Message(
                    Role.named((String) fields.get("role")),
                    (String) fields.get("content"),
                    (String) fields.getOrDefault("reasoning_content", ""),
                    calls,
                    (String) fields.getOrDefault("tool_call_id", ""),
                    (String) fields.getOrDefault("name", ""));
            Map<String, Object> known = new LinkedHashMap<>(fields);
            known.keySet()
                    .removeAll(List.of("role", "content", "reasoning_content", "tool_calls", "tool_call_id", "name"));
            return known.isEmpty() ? Optional.of(message) : Optional.empty();
        } catch (IllegalArgumentException | ClassCastException | NullPointerException _) {
            return Optional.empty();
        }
    }
}
