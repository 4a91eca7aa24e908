// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.head.TokenConstraint;
import java.util.List;
import java.util.Objects;

/**
 * What an {@link Engine} is asked for.
 *
 * @param prompt ids of the prompt with everything that belongs to it (see {@link Tokenizers#promptIds}), not copied; if
 *     empty, the generation starts from BOS
 * @param options how tokens are picked, and how many
 * @param stops texts that end the answer and are no part of it; the list is copied
 * @param topLogProbs how many of the most probable tokens are told with each pick; 0 for the pick alone, −1 for no
 *     log-probabilities at all, which is fastest
 * @param constraint what the text must look like; null for anything. It belongs to this request alone
 * @param keepSpecial whether control tokens are spelled out in the text; else they are nothing
 * @param sequence which of several answers of one seed this is: the draw for a token is a function of seed, sequence
 *     and the token's index
 */
public record GenerationRequest(
        int[] prompt,
        GenerateOptions options,
        List<String> stops,
        int topLogProbs,
        TokenConstraint constraint,
        boolean keepSpecial,
        long sequence) {
    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if a stop is empty or {@code topLogProbs} less than −1
     */
    public GenerationRequest {
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(options, "options");
        stops = List.copyOf(stops);
        if (stops.contains("")) {
            throw new IllegalArgumentException("generate: a stop must not be empty");
        }
        if (topLogProbs < -1) {
            throw new IllegalArgumentException("generate: topLogProbs must be -1 or more, but is " + topLogProbs);
        }
    }

    /** A prompt and how to continue it. */
    public static GenerationRequest of(int[] prompt, GenerateOptions options) {
        return new GenerationRequest(prompt, options, List.of(), -1, null, false, 0);
    }

    /** The same with texts that end the answer. */
    public GenerationRequest withStops(List<String> stops) {
        return new GenerationRequest(prompt, options, stops, topLogProbs, constraint, keepSpecial, sequence);
    }

    /** The same with log-probabilities. */
    public GenerationRequest withLogProbs(int topLogProbs) {
        return new GenerationRequest(prompt, options, stops, topLogProbs, constraint, keepSpecial, sequence);
    }

    /** The same with a constraint of the text. */
    public GenerationRequest withConstraint(TokenConstraint constraint) {
        return new GenerationRequest(prompt, options, stops, topLogProbs, constraint, keepSpecial, sequence);
    }

    /** The same with another prompt. */
    public GenerationRequest withPrompt(int[] prompt) {
        return new GenerationRequest(prompt, options, stops, topLogProbs, constraint, keepSpecial, sequence);
    }

    /** The same with control tokens spelled out in the text, or not. */
    public GenerationRequest withSpecial(boolean keepSpecial) {
        return new GenerationRequest(prompt, options, stops, topLogProbs, constraint, keepSpecial, sequence);
    }

    /** The same as another answer of its seed. */
    public GenerationRequest withSequence(long sequence) {
        return new GenerationRequest(prompt, options, stops, topLogProbs, constraint, keepSpecial, sequence);
    }
}
