// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import dev.kelvin.chat.Message;
import dev.kelvin.converse.ChatAnswer;
import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.generate.StopReason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;

/** Answers of Kelvin as responses of Spring AI. */
final class ChatResponses {
    /** What was thought, in the metadata of a message: all of it, or the next piece in a stream. */
    static final String THINKING = "thinking";

    /** All that was thought, where it is known; later prompts show it to the model again. */
    static final String THOUGHTS = "thoughts";

    /** The seed of the draws, in the metadata of a response. */
    static final String SEED = "seed";

    private final String model;
    private final long seed;

    /** Responses of a model to a request that is drawn from a seed. */
    ChatResponses(String model, long seed) {
        this.model = model;
        this.seed = seed;
    }

    /** A piece of a text. */
    ChatResponse text(String piece) {
        return piece(AssistantMessage.builder().content(piece).build());
    }

    /** A piece of what is thought. */
    ChatResponse thinking(String piece) {
        return piece(AssistantMessage.builder()
                .content("")
                .properties(Map.of(THINKING, piece))
                .build());
    }

    private ChatResponse piece(AssistantMessage message) {
        return new ChatResponse(List.of(new Generation(message)), head().build());
    }

    private ChatResponseMetadata.Builder head() {
        return ChatResponseMetadata.builder().model(model).keyValue(SEED, seed);
    }

    /** The whole answer. */
    ChatResponse whole(ChatAnswer answer) {
        String thoughts = answer.message().reasoning();
        return response(
                answer,
                answer.message().content(),
                thoughts.isEmpty() ? Map.of() : Map.of(THINKING, thoughts, THOUGHTS, thoughts));
    }

    /** The end of a stream: calls of tools, why it ended, and how many tokens there were. */
    ChatResponse last(ChatAnswer answer) {
        String thoughts = answer.message().reasoning();
        return response(answer, "", thoughts.isEmpty() ? Map.of() : Map.of(THOUGHTS, thoughts));
    }

    private ChatResponse response(ChatAnswer answer, String text, Map<String, Object> properties) {
        AssistantMessage message = AssistantMessage.builder()
                .content(text)
                .properties(new HashMap<>(properties))
                .toolCalls(calls(answer.message()))
                .build();
        ChatGenerationMetadata metadata = ChatGenerationMetadata.builder()
                .finishReason(finishReason(answer))
                .build();
        return new ChatResponse(
                List.of(new Generation(message, metadata)),
                head().usage(usage(answer.generation())).build());
    }

    private static List<AssistantMessage.ToolCall> calls(Message message) {
        return message.toolCalls().stream()
                .map(call -> new AssistantMessage.ToolCall(
                        call.id(), "function", call.name(), JsonWriter.write(call.arguments())))
                .toList();
    }

    private static String finishReason(ChatAnswer answer) {
        if (answer.stopReason() == StopReason.MAX_TOKENS || answer.stopReason() == StopReason.CONTEXT_FULL) {
            return "length";
        }
        return answer.message().toolCalls().isEmpty() ? "stop" : "tool_calls";
    }

    private static DefaultUsage usage(dev.kelvin.generate.Generation done) {
        return new DefaultUsage(
                done.promptTokens(), done.generatedTokens(), null, done, (long) done.cachedTokens(), null);
    }
}
