// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.Serializable;
import java.util.List;

/**
 * How answers are made.
 *
 * @param maxTokens the most tokens of one
 * @param seed with a row's key it decides every draw
 * @param samplers in the words of {@link SamplerLanguage}
 * @param stops texts that end an answer and are no part of it
 * @param form what an answer has to look like
 * @param chat how texts are asked; null if they are continued
 */
record AnswerSpec(int maxTokens, long seed, String samplers, List<String> stops, TextForm form, ChatSpec chat)
        implements Serializable {
    /** Copies the list. */
    AnswerSpec {
        stops = List.copyOf(stops);
    }

    /**
     * Finds out on the driver what would fail on executors.
     *
     * @throws IllegalArgumentException if a part is none
     */
    void check() {
        var _ = request(SamplerLanguage.parse(samplers));
        var _ = form.grammar();
        if (chat != null) {
            chat.check();
        }
    }

    /** What an engine is asked for, but for the prompt. */
    GenerationRequest request(Tokenizer tokenizer) {
        return request(SamplerLanguage.withBreakers(SamplerLanguage.parse(samplers), tokenizer));
    }

    private GenerationRequest request(SamplerChain chain) {
        return GenerationRequest.of(new int[0], new GenerateOptions(maxTokens, seed, chain.samplers()))
                .withStops(stops);
    }
}
