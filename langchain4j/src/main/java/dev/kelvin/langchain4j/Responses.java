// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.chat.Message;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.converse.ChatAnswer;
import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.generate.Generation;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import java.util.UUID;

/** Kelvin's answers as LangChain4j's. */
final class Responses {
    private Responses() {}

    static ChatResponse of(ChatAnswer answer, String modelName, List<TokenLogProbs> logProbs) {
        Generation generation = answer.generation();
        return ChatResponse.builder()
                .aiMessage(message(answer.message()))
                .metadata(KelvinChatResponseMetadata.builder()
                        .id("chat-" + UUID.randomUUID())
                        .modelName(modelName)
                        .tokenUsage(new TokenUsage(generation.promptTokens(), generation.generatedTokens()))
                        .finishReason(reason(answer))
                        .generation(generation)
                        .logProbs(logProbs)
                        .build())
                .build();
    }

    private static AiMessage message(Message message) {
        // A text that is empty is none, where there is something else.
        boolean noText = message.content().isEmpty() && !message.toolCalls().isEmpty();
        return AiMessage.builder()
                .text(noText ? null : message.content())
                .thinking(message.reasoning().isEmpty() ? null : message.reasoning())
                .toolExecutionRequests(
                        message.toolCalls().stream().map(Responses::call).toList())
                .build();
    }

    static ToolExecutionRequest call(ToolCall call) {
        return ToolExecutionRequest.builder()
                .id(call.id())
                .name(call.name())
                .arguments(JsonWriter.write(call.arguments()))
                .build();
    }

    private static FinishReason reason(ChatAnswer answer) {
        return switch (answer.stopReason()) {
            case END_OF_TEXT, STOP_TEXT ->
                answer.message().toolCalls().isEmpty() ? FinishReason.STOP : FinishReason.TOOL_EXECUTION;
            case MAX_TOKENS, CONTEXT_FULL -> FinishReason.LENGTH;
            case CANCELLED -> FinishReason.OTHER;
        };
    }
}
