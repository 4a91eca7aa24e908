// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * Keeps the candidates whose probability is at least p times that of the most probable one, at the temperature so far:
 * zᵢ ≥ max z + τ·ln p. 0 is off; 1 leaves those that share the largest logit, more than 1 the one of them with the
 * lowest id.
 *
 * <p>Source: Nguyen et al., "Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM Outputs", 2024.
 *
 * @param p the fraction, at least 0
 */
public record MinP(float p) implements Sampler {
    /** Refuses NaN and negative numbers. */
    public MinP {
        if (!(p >= 0)) {
            throw new IllegalArgumentException("min-p: " + p + " is not in [0, +inf]");
        }
    }

    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        if (p > 1) {
            candidates.keepLargest();
        } else if (p > 0) {
            keepAbove(candidates);
        }
    }

    /** p_i ≥ p·max p is z_i ≥ max z + τ·ln p; at τ = +∞ all are equal. */
    private void keepAbove(Candidates candidates) {
        float temperature = candidates.temperature();
        if (temperature < Float.POSITIVE_INFINITY) {
            candidates.keepFrom(candidates.max() + temperature * StrictMath.log(p));
        }
    }
}
