// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai.autoconfigure;

import dev.kelvin.generate.EngineLimits;
import dev.kelvin.spring.ai.KelvinChatOptions;
import dev.kelvin.tensor.DType;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The properties {@code kelvin.*}.
 *
 * @param model The model that answers: a GGUF file, a folder of the Hugging Face hub, or a resource such as
 *     classpath:model.gguf.
 * @param name What the model is called in responses and observations; by default as its file says.
 * @param threads How many threads compute; by default one a processor.
 * @param contextLength The most tokens of a conversation with its answer; 0 for what the model's file says.
 * @param kvMemory The most memory for keys and values, those of answered texts among them; 0 for half of what heap and
 *     machine have left.
 * @param kvType What keys and values are kept in: f32, f16 or q8-0.
 * @param sequences The most answers that are computed at the same time.
 * @param queued The most requests that wait; more are refused.
 * @param prefixCache Whether what was computed is kept for texts that begin alike.
 * @param draft The most tokens that are guessed in a step, at most 64; 0 for none. No answer changes by it.
 * @param chat How is answered where a prompt says nothing.
 * @param embedding The model that makes vectors.
 */
@ConfigurationProperties("kelvin")
public record KelvinProperties(
        String model,
        String name,
        Integer threads,
        @DefaultValue("0") int contextLength,
        @DefaultValue("0B") DataSize kvMemory,
        @DefaultValue("f32") DType kvType,
        @DefaultValue("16") int sequences,
        @DefaultValue("256") int queued,
        @DefaultValue("true") boolean prefixCache,
        @DefaultValue("0") int draft,
        @DefaultValue Chat chat,
        @DefaultValue Embedding embedding) {

    /** How much is done at once. */
    EngineLimits limits() {
        EngineLimits standard = EngineLimits.STANDARD;
        return standard.with(Math.max(standard.rows(), sequences), sequences)
                .withQueued(queued)
                .withKeysAndValues(kvMemory.toBytes(), kvType)
                .withPrefixCache(prefixCache)
                .withDraft(draft);
    }

    /**
     * The properties {@code kelvin.chat.*}.
     *
     * @param temperature From 0, the most probable token, to Infinity, all alike; 0.8 if nothing is said.
     * @param topK How many of the most probable tokens are candidates; 0 for all, 40 if nothing is said.
     * @param topP The probability that candidates have together; 1 for all, 0.95 if nothing is said.
     * @param minP The fraction of the most probable token's probability that a candidate has; 0 for all, 0.05 if
     *     nothing is said.
     * @param frequencyPenalty How much less likely a token gets each time it occurs.
     * @param presencePenalty How much less likely a token gets that has occurred.
     * @param seed The same seed and prompt have the same answer; by default each answer has a seed of its own.
     * @param maxTokens The most tokens of an answer; by default as many as the context has room for.
     * @param stop Texts that end an answer and are no part of it.
     * @param thinking Whether the model thinks before it answers, if its template knows the question.
     * @param outputSchema A JSON Schema that answers keep to.
     * @param nativeStructuredOutput Whether entities of a ChatClient keep to their schema by a grammar, rather than by
     *     asking the model for it.
     */
    public record Chat(
            Double temperature,
            Integer topK,
            Double topP,
            Double minP,
            Double frequencyPenalty,
            Double presencePenalty,
            Long seed,
            Integer maxTokens,
            List<String> stop,
            Boolean thinking,
            String outputSchema,
            @DefaultValue("true") boolean nativeStructuredOutput) {

        /** The options that these are. */
        KelvinChatOptions options(String name) {
            return KelvinChatOptions.builder()
                    .model(name)
                    .temperature(temperature)
                    .topK(topK)
                    .topP(topP)
                    .minP(minP)
                    .frequencyPenalty(frequencyPenalty)
                    .presencePenalty(presencePenalty)
                    .seed(seed)
                    .maxTokens(maxTokens)
                    .stopSequences(stop)
                    .thinking(thinking)
                    .outputSchema(outputSchema)
                    .build();
        }
    }

    /**
     * The properties {@code kelvin.embedding.*}.
     *
     * @param model The model that makes vectors, named as kelvin.model is; where spring.ai.model.embedding is kelvin
     *     and there is none, that of kelvin.model does.
     * @param name What the model is called in responses and observations; by default as its file says.
     */
    public record Embedding(String model, String name) {}
}
