// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.chat.ChatTemplate;
import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.Message;
import dev.kelvin.chat.Tool;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A conversation that the tests have, of which each turn of the model is a text to learn. */
final class Dialog {
    /** Tells of tools by their names alone: what they take, the model knows by heart. */
    static final String TEMPLATE = """
            {% if tools %}{{ 'tools:' }}{% for tool in tools %}{{ ' ' + tool.function.name }}{% endfor %}{{ '\\n' }}\
            {% endif %}{% for message in messages %}{{ message.role + ': ' + message.content }}\
            {% if message.tool_calls %}{% for call in message.tool_calls %}\
            {{ '<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}\
            {{ call.function.arguments | tojson }}{{ '}\\n</tool_call>\\n' }}{% endfor %}{% endif %}\
            {{ '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant:\\n' }}{% endif %}""";

    private static final ChatTemplate COMPILED = compiled();

    private final List<Message> messages = new ArrayList<>();
    private final List<Tool> tools = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();

    private Dialog() {}

    private static ChatTemplate compiled() {
        try {
            return ChatTemplate.of(TEMPLATE);
        } catch (TemplateException e) {
            throw new AssertionError(e);
        }
    }

    /** A dialog with tools that the model knows of. */
    static Dialog with(String... tools) {
        Dialog dialog = new Dialog();
        for (String tool : tools) {
            dialog.tools.add(new Tool(tool, "", Tool.ANY_ARGUMENTS));
        }
        return dialog;
    }

    Dialog system(String text) {
        messages.add(Message.system(text));
        return this;
    }

    Dialog user(String text) {
        messages.add(Message.user(text));
        return this;
    }

    /** What the model answers. */
    Dialog answers(String text) {
        learn(text);
        messages.add(Message.assistant(text));
        return this;
    }

    /** A call of a tool, with its arguments in JSON, and what it gives. */
    record Call(String tool, String arguments, String result) {
        String text() {
            return "<tool_call>\n{\"name\": \"" + tool + "\", \"arguments\": " + arguments + "}\n</tool_call>";
        }

        ToolCall asked() {
            try {
                Map<String, Object> fields = new LinkedHashMap<>();
                ((Map<?, ?>) JsonReader.read(arguments)).forEach((name, value) -> fields.put((String) name, value));
                return new ToolCall("", tool, fields);
            } catch (JsonSyntaxException e) {
                throw new AssertionError(arguments, e);
            }
        }
    }

    /** The model calls tools, which are. */
    Dialog calls(Call... calls) {
        List<Call> all = List.of(calls);
        learn(String.join("\n", all.stream().map(Call::text).toList()));
        messages.add(Message.assistant("")
                .withToolCalls(all.stream().map(Call::asked).toList()));
        all.forEach(call -> messages.add(Message.toolResult("", call.tool(), call.result())));
        return this;
    }

    private void learn(String answer) {
        Conversation conversation = Conversation.of(messages).withTools(tools);
        try {
            texts.add(COMPILED.render(conversation.variables(false), LocalDateTime.of(2026, 1, 1, 0, 0)) + answer);
        } catch (TemplateException e) {
            throw new AssertionError(e);
        }
    }

    /** A text for each turn of the model: what comes before, as the template has it, and the turn. */
    List<String> texts() {
        return texts;
    }
}
