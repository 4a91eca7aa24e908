// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.Tool;
import dev.kelvin.chat.ToolChoice;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.GenerationRequest;
import java.util.List;
import java.util.Objects;

/**
 * What a {@link Chat} is asked for: a value.
 *
 * @param conversation what the model is shown
 * @param toolChoice whether it calls tools
 * @param parallelToolCalls whether an answer may have more than one call
 * @param format what the answer has to look like
 * @param generation how the answer is computed: options, stops, log-probabilities; its prompt and constraint are
 *     replaced
 */
public record ChatRequest(
        Conversation conversation,
        ToolChoice toolChoice,
        boolean parallelToolCalls,
        ResponseFormat format,
        GenerationRequest generation) {
    /**
     * Checks that there are the tools that are to be called.
     *
     * @throws IllegalArgumentException if there is no tool, or none of that name
     */
    public ChatRequest {
        Objects.requireNonNull(format, "format");
        Objects.requireNonNull(generation, "generation");
        List<String> names = conversation.tools().stream().map(Tool::name).toList();
        if (toolChoice instanceof ToolChoice.Named named && !names.contains(named.name())) {
            throw new IllegalArgumentException(
                    "chat: the tool '" + named.name() + "' to be called is none of the tools " + names);
        }
        if (toolChoice instanceof ToolChoice.Required && names.isEmpty()) {
            throw new IllegalArgumentException("chat: a tool is to be called, and there are none");
        }
    }

    /** A conversation to be answered as the model likes. */
    public static ChatRequest of(Conversation conversation, GenerateOptions options) {
        return new ChatRequest(
                conversation, ToolChoice.AUTO, true, ResponseFormat.TEXT, GenerationRequest.of(new int[0], options));
    }

    /** The same with another choice of tools. */
    public ChatRequest withToolChoice(ToolChoice toolChoice) {
        return new ChatRequest(conversation, toolChoice, parallelToolCalls, format, generation);
    }

    /** The same with one call an answer at most, or any number. */
    public ChatRequest withParallelToolCalls(boolean parallelToolCalls) {
        return new ChatRequest(conversation, toolChoice, parallelToolCalls, format, generation);
    }

    /** The same with another form of the answer. */
    public ChatRequest withFormat(ResponseFormat format) {
        return new ChatRequest(conversation, toolChoice, parallelToolCalls, format, generation);
    }

    /** The same, computed otherwise. */
    public ChatRequest withGeneration(GenerationRequest generation) {
        return new ChatRequest(conversation, toolChoice, parallelToolCalls, format, generation);
    }

    /** The tools that the model is told of. */
    List<Tool> tools() {
        return toolChoice instanceof ToolChoice.None ? List.of() : conversation.tools();
    }
}
