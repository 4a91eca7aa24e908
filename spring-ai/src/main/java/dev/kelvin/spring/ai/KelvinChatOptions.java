// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import dev.kelvin.chat.ToolChoice;
import dev.kelvin.converse.ResponseFormat;
import dev.kelvin.format.json.JsonWriter;
import java.util.Objects;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;

/**
 * How a {@link KelvinChatModel} answers: an immutable value, of which null stands for what is not said. Samplers that
 * are not said are those of {@link dev.kelvin.generate.Kelvin#STANDARD}; top-k 0, top-p 1 and min-p 0 turn theirs off.
 * The temperature is in [0, +∞], and both limits are exact. Without a most of tokens, an answer may fill the context.
 */
public final class KelvinChatOptions extends DefaultToolCallingChatOptions implements StructuredOutputChatOptions {
    private final Double minP;
    private final Long seed;
    private final ResponseFormat responseFormat;
    private final ToolChoice toolChoice;
    private final Boolean parallelToolCalls;
    private final Boolean thinking;

    private KelvinChatOptions(ToolCallingChatOptions common, Builder own) {
        super(
                common.getToolCallbacks(),
                common.getToolContext(),
                common.getModel(),
                common.getFrequencyPenalty(),
                common.getMaxTokens(),
                common.getPresencePenalty(),
                common.getStopSequences(),
                common.getTemperature(),
                common.getTopK(),
                common.getTopP());
        minP = own.minP;
        seed = own.seed;
        responseFormat = own.responseFormat;
        toolChoice = own.toolChoice;
        parallelToolCalls = own.parallelToolCalls;
        thinking = own.thinking;
    }

    /** Options that say nothing yet. */
    public static Builder builder() {
        return new Builder();
    }

    /** The fraction of the most probable token's probability that a candidate must have, at least 0. */
    public Double getMinP() {
        return minP;
    }

    /** The same seed and request have the same answer; where none is said, each answer has its own. */
    public Long getSeed() {
        return seed;
    }

    /** What the answer has to look like. */
    public ResponseFormat getResponseFormat() {
        return responseFormat;
    }

    /** The schema of the answer as JSON; null if there is none. */
    @Override
    public String getOutputSchema() {
        return responseFormat instanceof ResponseFormat.Schema schema ? JsonWriter.write(schema.schema()) : null;
    }

    /**
     * Whether tools are called. A call that is asked for is asked of the answer to a user's message: once tools have
     * given their results, the model may say something.
     */
    public ToolChoice getToolChoice() {
        return toolChoice;
    }

    /** Whether an answer may have more than one call; it may where nothing is said. */
    public Boolean getParallelToolCalls() {
        return parallelToolCalls;
    }

    /** Whether the model thinks before it answers, for templates that know the question. */
    public Boolean getThinking() {
        return thinking;
    }

    @Override
    public Builder mutate() {
        return builder()
                .model(getModel())
                .frequencyPenalty(getFrequencyPenalty())
                .maxTokens(getMaxTokens())
                .presencePenalty(getPresencePenalty())
                .stopSequences(getStopSequences())
                .temperature(getTemperature())
                .topK(getTopK())
                .topP(getTopP())
                .toolCallbacks(getToolCallbacks())
                .toolContext(getToolContext())
                .minP(minP)
                .seed(seed)
                .responseFormat(responseFormat)
                .toolChoice(toolChoice)
                .parallelToolCalls(parallelToolCalls)
                .thinking(thinking);
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other)
                && other instanceof KelvinChatOptions that
                && Objects.equals(minP, that.minP)
                && Objects.equals(seed, that.seed)
                && Objects.equals(responseFormat, that.responseFormat)
                && Objects.equals(toolChoice, that.toolChoice)
                && Objects.equals(parallelToolCalls, that.parallelToolCalls)
                && Objects.equals(thinking, that.thinking);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), minP, seed, responseFormat, toolChoice, parallelToolCalls, thinking);
    }

    /** Collects options; null takes back what was said. For one thread. */
    public static final class Builder extends DefaultToolCallingChatOptions.Builder<Builder>
            implements StructuredOutputChatOptions.Builder<Builder> {
        private Double minP;
        private Long seed;
        private ResponseFormat responseFormat;
        private ToolChoice toolChoice;
        private Boolean parallelToolCalls;
        private Boolean thinking;

        private Builder() {}

        /** See {@link KelvinChatOptions#getMinP}. */
        public Builder minP(Double minP) {
            this.minP = minP;
            return this;
        }

        /** See {@link KelvinChatOptions#getSeed}. */
        public Builder seed(Long seed) {
            this.seed = seed;
            return this;
        }

        /** See {@link KelvinChatOptions#getResponseFormat}; it replaces a schema. */
        public Builder responseFormat(ResponseFormat responseFormat) {
            this.responseFormat = responseFormat;
            return this;
        }

        /**
         * The schema of the answer, which keeps to it; it replaces another format.
         *
         * @param outputSchema a JSON Schema
         * @throws IllegalArgumentException if it is not JSON
         */
        @Override
        public Builder outputSchema(String outputSchema) {
            return responseFormat(
                    outputSchema == null
                            ? null
                            : ResponseFormat.schema(JsonValues.read("the schema of the answer", outputSchema)));
        }

        /** See {@link KelvinChatOptions#getToolChoice}. */
        public Builder toolChoice(ToolChoice toolChoice) {
            this.toolChoice = toolChoice;
            return this;
        }

        /** See {@link KelvinChatOptions#getParallelToolCalls}. */
        public Builder parallelToolCalls(Boolean parallelToolCalls) {
            this.parallelToolCalls = parallelToolCalls;
            return this;
        }

        /** See {@link KelvinChatOptions#getThinking}. */
        public Builder thinking(Boolean thinking) {
            this.thinking = thinking;
            return this;
        }

        /** Takes what others say; tools and stops of both stand side by side. */
        @Override
        public Builder combineWith(ChatOptions.Builder<?> other) {
            super.combineWith(other);
            if (other instanceof Builder that) {
                minP = said(that.minP, minP);
                seed = said(that.seed, seed);
                responseFormat = said(that.responseFormat, responseFormat);
                toolChoice = said(that.toolChoice, toolChoice);
                parallelToolCalls = said(that.parallelToolCalls, parallelToolCalls);
                thinking = said(that.thinking, thinking);
            }
            return this;
        }

        private static <T> T said(T value, T otherwise) {
            return value == null ? otherwise : value;
        }

        /** The options. */
        @Override
        public KelvinChatOptions build() {
            return new KelvinChatOptions(super.build(), this);
        }
    }
}
