// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * Nucleus sampling: keeps the smallest set of most probable candidates whose probabilities sum to at least p, at the
 * temperature so far. Of equal ones those with the lowest ids; at least one stays. 1 is off.
 *
 * <p>Source: Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020.
 *
 * @param p the mass to keep, in [0, 1]
 */
public record TopP(float p) implements Sampler {
    /** Refuses what is no probability. */
    public TopP {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("top-p: " + p + " is not in [0, 1]");
        }
    }

    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        if (p < 1) {
            float[] weights = candidates.narrowToMass(p);
            candidates.keepFewest(candidates.logits(), weights, p, false);
        }
    }
}
