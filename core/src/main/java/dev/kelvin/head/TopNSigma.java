// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * Keeps the candidates whose logit lies within n standard deviations of the largest: zᵢ ≥ max z − n·σ, σ² = Σⱼ (zⱼ −
 * mean)²/count over the candidates left. 0 is off, and a single candidate stays. Scaling all logits scales σ as well,
 * so the temperature has no influence: the noise of a hot distribution stays out.
 *
 * <p>Source: Tang et al., "Top-nσ: Not All Logits Are You Need", 2024; that 0 is off is llama.cpp's.
 *
 * @param n standard deviations, at least 0, finite; 0 for off
 */
public record TopNSigma(float n) implements Sampler {
    /** Refuses NaN, infinities and negative numbers. */
    public TopNSigma {
        Ranges.atLeast("top-n-sigma", "n", n, 0);
    }

    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        if (n > 0) {
            candidates.keepFrom(candidates.max() - n * candidates.standardDeviation());
        }
    }
}
