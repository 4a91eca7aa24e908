// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * Divides logits by τ: pᵢ = exp(zᵢ/τ)/Σⱼ exp(zⱼ/τ). Below 1 the distribution sharpens, above it flattens; 1 is off.
 *
 * <p>Both limits are exact: 0 leaves the candidate with the largest logit and the lowest id, with probability 1; +∞
 * gives equal shares to all candidates that are left. Several temperatures of a chain multiply; once infinite, the
 * product stays so.
 *
 * <p>Source: Ackley, Hinton, Sejnowski, "A Learning Algorithm for Boltzmann Machines", 1985.
 *
 * @param value τ in [0, +∞]
 */
public record Temperature(float value) implements Sampler {
    /** Refuses what is no temperature. */
    public Temperature {
        if (!(value >= 0)) {
            throw new IllegalArgumentException("temperature: " + value + " is not in [0, +inf]");
        }
    }

    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        candidates.heat(value);
    }
}
