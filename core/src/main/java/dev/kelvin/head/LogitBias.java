// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Adds a number to the logits of some tokens: zᵢ ← zᵢ + biasᵢ. −∞ bans a token. After a temperature, z is the logit
 * divided by it. What leaves the range of a float is held at its end. No entries is off.
 *
 * <p>Source: {@code logit_bias} of OpenAI's API, as in llama.cpp.
 *
 * @param entries what is added to which token, each token at most once; the list is copied
 */
public record LogitBias(List<Entry> entries) implements Sampler {
    /**
     * A token's bias.
     *
     * @param id of the token
     * @param bias what is added to its logit, finite or −∞
     */
    public record Entry(int id, float bias) {
        /** Refuses a negative id, NaN and +∞. */
        public Entry {
            if (id < 0) {
                throw new IllegalArgumentException("logit bias: id " + id + " is negative");
            }
            if (!(bias < Float.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("logit bias: " + bias + " is not in [-inf, +inf)");
            }
        }
    }

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if a token stands in it twice
     */
    public LogitBias {
        entries = List.copyOf(entries);
        Set<Integer> ids = new HashSet<>();
        for (Entry entry : entries) {
            if (!ids.add(entry.id())) {
                throw new IllegalArgumentException("logit bias: id " + entry.id() + " stands there twice");
            }
        }
    }

    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        boolean bans = false;
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            candidates.requireId("logit bias", entry.id());
            int index = candidates.indexOf(entry.id());
            if (index >= 0 && entry.bias() == Float.NEGATIVE_INFINITY) {
                candidates.mask(index);
                bans = true;
            } else if (index >= 0) {
                candidates.setScaledLogit(index, candidates.scaledLogit(index) + entry.bias());
            }
        }
        if (bans) {
            candidates.dropMasked("logit bias");
        }
    }
}
