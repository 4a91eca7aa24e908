// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.Role;
import dev.kelvin.chat.Tool;
import dev.kelvin.chat.ToolChoice;
import dev.kelvin.converse.ChatRequest;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Penalties;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopP;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.tool.definition.ToolDefinition;

/** Prompts of Spring AI as requests of Kelvin. */
final class ChatRequests {
    private ChatRequests() {}

    /**
     * The request of a prompt.
     *
     * @param options of the prompt
     * @param tools that the model may call
     * @param seed of the draws
     * @param contextLength the most tokens where the options say none
     * @throws IllegalArgumentException if a part is out of its range or not supported
     */
    static ChatRequest of(
            Prompt prompt, KelvinChatOptions options, List<ToolDefinition> tools, long seed, int contextLength) {
        Conversation conversation = Conversation.of(PromptMessages.of(prompt.getInstructions()))
                .withTools(tools.stream().map(ChatRequests::tool).toList());
        if (options.getThinking() != null) {
            // Templates differ in what they call it.
            conversation = conversation
                    .withValue("enable_thinking", options.getThinking())
                    .withValue("thinking", options.getThinking());
        }
        int maxTokens = options.getMaxTokens() == null ? contextLength : options.getMaxTokens();
        GenerateOptions how = new GenerateOptions(maxTokens, seed, samplers(options));
        List<String> stops = options.getStopSequences();
        ChatRequest request = ChatRequest.of(conversation, how)
                .withGeneration(GenerationRequest.of(new int[0], how).withStops(stops == null ? List.of() : stops))
                .withParallelToolCalls(!Boolean.FALSE.equals(options.getParallelToolCalls()))
                .withToolChoice(toolChoice(conversation, options.getToolChoice()));
        return options.getResponseFormat() == null ? request : request.withFormat(options.getResponseFormat());
    }

    private static Tool tool(ToolDefinition definition) {
        Map<String, Object> parameters =
                JsonValues.readObject("the schema of the tool '" + definition.name() + "'", definition.inputSchema());
        return new Tool(
                definition.name(), definition.description(), parameters.isEmpty() ? Tool.ANY_ARGUMENTS : parameters);
    }

    /** Whoever calls tools in a loop would never come to its end if each answer had to be a call. */
    private static ToolChoice toolChoice(Conversation conversation, ToolChoice asked) {
        if (asked == null) {
            return ToolChoice.AUTO;
        }
        boolean mustCall = asked instanceof ToolChoice.Required || asked instanceof ToolChoice.Named;
        boolean hasCalled = !conversation.messages().isEmpty()
                && conversation.messages().getLast().role() == Role.TOOL;
        return mustCall && hasCalled ? ToolChoice.AUTO : asked;
    }

    /** The stages of {@link Kelvin#STANDARD} with what is said otherwise, behind penalties. */
    static List<Sampler> samplers(KelvinChatOptions options) {
        List<Sampler> stages = new ArrayList<>();
        float frequency = orZero(options.getFrequencyPenalty());
        float presence = orZero(options.getPresencePenalty());
        if (frequency != 0 || presence != 0) {
            stages.add(new Penalties(-1, 1, frequency, presence));
        }
        for (Sampler standard : Kelvin.STANDARD.samplers()) {
            stages.add(
                    switch (standard) {
                        case TopK topK -> options.getTopK() == null ? topK : new TopK(options.getTopK());
                        case TopP topP ->
                            options.getTopP() == null
                                    ? topP
                                    : new TopP(options.getTopP().floatValue());
                        case MinP minP ->
                            options.getMinP() == null
                                    ? minP
                                    : new MinP(options.getMinP().floatValue());
                        case Temperature temperature ->
                            options.getTemperature() == null
                                    ? temperature
                                    : new Temperature(options.getTemperature().floatValue());
                        default -> standard;
                    });
        }
        return stages;
    }

    private static float orZero(Double value) {
        return value == null ? 0 : value.floatValue();
    }
}
