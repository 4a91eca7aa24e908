// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import java.util.List;

/**
 * A token of an answer's text with its log-probability, at τ = 1 and before any sampler, in nats.
 *
 * @param id of the token
 * @param text of the token
 * @param logProb of the token, at most 0
 * @param top the most probable tokens in the same sense, most probable first; the list is copied
 */
public record TokenLogProbs(int id, String text, double logProb, List<Alternative> top) {
    /** Copies the list. */
    public TokenLogProbs {
        top = List.copyOf(top);
    }

    /**
     * A token that might have been picked.
     *
     * @param id of the token
     * @param text of the token
     * @param logProb of the token, at most 0
     */
    public record Alternative(int id, String text, double logProb) {}
}
