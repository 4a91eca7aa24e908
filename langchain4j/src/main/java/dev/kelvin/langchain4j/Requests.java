// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.ToolChoice;
import dev.kelvin.converse.ResponseFormat;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Penalties;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopP;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import java.util.ArrayList;
import java.util.List;

/** LangChain4j's requests as Kelvin's. What they leave open is as in {@link dev.kelvin.generate.Kelvin#STANDARD}. */
final class Requests {
    private static final int TOP_K = 40;
    private static final float TOP_P = 0.95f;
    private static final float MIN_P = 0.05f;
    private static final float TEMPERATURE = 0.8f;

    private Requests() {}

    /**
     * What a chat is asked.
     *
     * @param contextLength the most tokens of an answer, if the request names no fewer
     * @param withThinking whether the model is shown what it thought before
     * @throws IllegalArgumentException if a parameter is out of its range
     */
    static dev.kelvin.converse.ChatRequest of(ChatRequest request, int contextLength, boolean withThinking) {
        KelvinChatRequestParameters parameters = KelvinChatRequestParameters.EMPTY.overrideWith(request.parameters());
        Conversation conversation = Conversations.of(request.messages(), parameters.toolSpecifications(), withThinking);
        if (parameters.thinking() != null) {
            conversation = conversation.withValue("enable_thinking", parameters.thinking());
        }
        return dev.kelvin.converse.ChatRequest.of(conversation, options(parameters, contextLength))
                .withToolChoice(toolChoice(parameters))
                .withFormat(format(parameters.responseFormat()))
                .withGeneration(generation(parameters, contextLength));
    }

    private static GenerationRequest generation(KelvinChatRequestParameters parameters, int contextLength) {
        return GenerationRequest.of(new int[0], options(parameters, contextLength))
                .withStops(parameters.stopSequences())
                .withLogProbs(or(parameters.topLogProbs(), -1));
    }

    private static GenerateOptions options(KelvinChatRequestParameters parameters, int contextLength) {
        int maxTokens = or(parameters.maxOutputTokens(), contextLength);
        return new GenerateOptions(maxTokens, or(parameters.seed(), 0L), samplers(parameters));
    }

    private static List<Sampler> samplers(KelvinChatRequestParameters parameters) {
        List<Sampler> samplers = new ArrayList<>();
        float frequency = real(parameters.frequencyPenalty(), 0);
        float presence = real(parameters.presencePenalty(), 0);
        if (frequency != 0 || presence != 0) {
            samplers.add(new Penalties(-1, 1, frequency, presence));
        }
        samplers.add(new TopK(or(parameters.topK(), TOP_K)));
        samplers.add(new TopP(real(parameters.topP(), TOP_P)));
        samplers.add(new MinP(real(parameters.minP(), MIN_P)));
        samplers.add(new Temperature(real(parameters.temperature(), TEMPERATURE)));
        return samplers;
    }

    private static float real(Double value, float otherwise) {
        return value == null ? otherwise : value.floatValue();
    }

    private static <T> T or(T value, T otherwise) {
        return value == null ? otherwise : value;
    }

    private static ToolChoice toolChoice(ChatRequestParameters parameters) {
        return switch (parameters.toolChoice()) {
            case REQUIRED -> ToolChoice.REQUIRED;
            case NONE -> ToolChoice.NONE;
            case AUTO -> ToolChoice.AUTO;
            case null -> ToolChoice.AUTO;
        };
    }

    private static ResponseFormat format(dev.langchain4j.model.chat.request.ResponseFormat format) {
        if (format == null || format.type() == ResponseFormatType.TEXT) {
            return ResponseFormat.TEXT;
        }
        return format.jsonSchema() == null
                ? ResponseFormat.JSON_OBJECT
                : ResponseFormat.schema(JsonSchemas.of(format.jsonSchema().rootElement()));
    }
}
