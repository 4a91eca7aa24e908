// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.head.Sampler;
import dev.kelvin.head.Temperature;
import java.util.List;

/**
 * How tokens are picked, and how many.
 *
 * @param maxTokens the most tokens to make, at least 0
 * @param seed the draw for a token is a pure function of the seed and of the token's index in the sequence
 * @param samplers applied to the candidates in this order; the list is copied
 */
public record GenerateOptions(int maxTokens, long seed, List<Sampler> samplers) {
    /**
     * Checks the number of tokens.
     *
     * @throws IllegalArgumentException if {@code maxTokens} is negative
     */
    public GenerateOptions {
        if (maxTokens < 0) {
            throw new IllegalArgumentException("generate: maxTokens must not be negative, but is " + maxTokens);
        }
        samplers = List.copyOf(samplers);
    }

    /** Always the most probable token, the lowest id among equals. */
    public static GenerateOptions greedy(int maxTokens) {
        return new GenerateOptions(maxTokens, 0, List.of(new Temperature(0)));
    }
}
