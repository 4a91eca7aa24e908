// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import dev.kelvin.format.json.JsonWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model is shown: a value, of which a template makes a prompt.
 *
 * @param messages oldest first; the list is copied
 * @param tools that the model may call; the list is copied
 * @param values of further variables of the template, such as {@code enable_thinking}; copied
 * @param continuesLast whether the model goes on with the last message, rather than answers it
 */
public record Conversation(
        List<Message> messages, List<Tool> tools, Map<String, Object> values, boolean continuesLast) {
    /** Copies lists and values. */
    public Conversation {
        messages = List.copyOf(messages);
        tools = List.copyOf(tools);
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** A conversation without tools. */
    public static Conversation of(List<Message> messages) {
        return new Conversation(messages, List.of(), Map.of(), false);
    }

    /** A conversation without tools. */
    public static Conversation of(Message... messages) {
        return of(List.of(messages));
    }

    /** The same and one more message. */
    public Conversation and(Message message) {
        List<Message> more = new ArrayList<>(messages);
        more.add(message);
        return new Conversation(more, tools, values, continuesLast);
    }

    /** The same with other messages. */
    public Conversation withMessages(List<Message> messages) {
        return new Conversation(messages, tools, values, continuesLast);
    }

    /** The same with tools. */
    public Conversation withTools(List<Tool> tools) {
        return new Conversation(messages, tools, values, continuesLast);
    }

    /** The same with a variable of the template: a string, number, boolean, null, list or map. */
    public Conversation withValue(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(values);
        more.put(name, value);
        return new Conversation(messages, tools, more, continuesLast);
    }

    /** The same, of which the last message is to be continued. */
    public Conversation continuingLast() {
        return new Conversation(messages, tools, values, true);
    }

    /** Whether there are calls of tools among the messages. */
    public boolean hasToolCalls() {
        return messages.stream().anyMatch(message -> !message.toolCalls().isEmpty());
    }

    /**
     * The variables of a template.
     *
     * @param argumentsAsJson whether the arguments of calls are passed as JSON texts, as some templates ask
     */
    public Map<String, Object> variables(boolean argumentsAsJson) {
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put(
                "messages",
                messages.stream()
                        .map(message -> message.variable(
                                call -> argumentsAsJson ? JsonWriter.write(call.arguments()) : call.arguments()))
                        .toList());
        // Where there are none they are null and defined: so do Hugging Face's transformers.
        variables.put(
                "tools",
                tools.isEmpty() ? null : tools.stream().map(Tool::variable).toList());
        variables.put("documents", null);
        variables.put("add_generation_prompt", !continuesLast);
        variables.putAll(values);
        return variables;
    }
}
