// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * What somebody says in a conversation.
 *
 * @param role who
 * @param content the text; empty if there is none
 * @param reasoning thoughts of a model on the way there; empty if there are none
 * @param toolCalls what a model wants called; the list is copied
 * @param toolCallId of a tool's result: the call that it answers; empty elsewhere
 * @param name of a tool's result: the tool; else of the speaker; may be empty
 */
public record Message(
        Role role, String content, String reasoning, List<ToolCall> toolCalls, String toolCallId, String name) {
    /** Copies the list. */
    public Message {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
        Objects.requireNonNull(reasoning, "reasoning");
        Objects.requireNonNull(toolCallId, "toolCallId");
        Objects.requireNonNull(name, "name");
        toolCalls = List.copyOf(toolCalls);
    }

    /** A text of somebody. */
    public static Message of(Role role, String content) {
        return new Message(role, content, "", List.of(), "", "");
    }

    /** What sets the scene. */
    public static Message system(String content) {
        return of(Role.SYSTEM, content);
    }

    /** A question. */
    public static Message user(String content) {
        return of(Role.USER, content);
    }

    /** An answer. */
    public static Message assistant(String content) {
        return of(Role.ASSISTANT, content);
    }

    /** What a tool gave. */
    public static Message toolResult(String toolCallId, String name, String content) {
        return new Message(Role.TOOL, content, "", List.of(), toolCallId, name);
    }

    /** The same with another text. */
    public Message withContent(String content) {
        return new Message(role, content, reasoning, toolCalls, toolCallId, name);
    }

    /** The same with thoughts. */
    public Message withReasoning(String reasoning) {
        return new Message(role, content, reasoning, toolCalls, toolCallId, name);
    }

    /** The same with calls of tools. */
    public Message withToolCalls(List<ToolCall> toolCalls) {
        return new Message(role, content, reasoning, toolCalls, toolCallId, name);
    }

    /**
     * The message as templates know it.
     *
     * @param argumentsOf how the arguments of a call are passed: as they are, or as JSON
     */
    Map<String, Object> variable(Function<ToolCall, Object> argumentsOf) {
        Map<String, Object> variable = new LinkedHashMap<>();
        variable.put("role", role.word());
        variable.put("content", content);
        if (!reasoning.isEmpty()) {
            variable.put("reasoning_content", reasoning);
            variable.put("thinking", reasoning);
        }
        if (!toolCalls.isEmpty()) {
            variable.put(
                    "tool_calls",
                    toolCalls.stream().map(call -> call(call, argumentsOf)).toList());
        }
        if (!toolCallId.isEmpty()) {
            variable.put("tool_call_id", toolCallId);
        }
        if (!name.isEmpty()) {
            variable.put("name", name);
        }
        return variable;
    }

    private static Map<String, Object> call(ToolCall call, Function<ToolCall, Object> argumentsOf) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", call.name());
        function.put("arguments", argumentsOf.apply(call));
        Map<String, Object> variable = new LinkedHashMap<>();
        if (!call.id().isEmpty()) {
            variable.put("id", call.id());
        }
        variable.put("type", "function");
        variable.put("function", function);
        return variable;
    }
}
