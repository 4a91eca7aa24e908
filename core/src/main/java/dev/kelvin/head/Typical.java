// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * Locally typical sampling: keeps the candidates whose information is closest to what the distribution leads one to
 * expect, the fewest whose probabilities sum to more than p. 1 is off.
 *
 * <p>The distance of a candidate is |−ln pᵢ − H|, H = −Σⱼ pⱼ ln pⱼ being the entropy at the temperature so far. Since
 * ln pᵢ = zᵢ/τ − ln Σⱼ exp(zⱼ/τ), it is |zᵢ − Σⱼ pⱼzⱼ|/τ: the nearest to the mean logit, and no logarithm is taken. Of
 * equal distances that with the lowest id comes first; at least one stays. At τ = +∞ all are equally typical, and the
 * lowest ids stay.
 *
 * <p>Source: Meister, Pimentel, Wiher, Cotterell, "Locally Typical Sampling", 2023; the strict inequality is that of
 * llama.cpp.
 *
 * @param p the mass to keep, in [0, 1]
 */
public record Typical(float p) implements Sampler {
    /** Refuses what is no probability. */
    public Typical {
        Ranges.share("typical", "p", p);
    }

    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        if (p < 1) {
            candidates.narrow();
            candidates.keepFewest(nearness(candidates), candidates.probs(), p, true);
        }
    }

    /** Minus the distance of each candidate's logit from their mean, both from the largest. */
    private static float[] nearness(Candidates candidates) {
        int count = candidates.count();
        float[] probs = candidates.probs();
        float[] logits = candidates.logits();
        float max = candidates.max();
        double mean = 0;
        for (int i = 0; i < count; i++) {
            mean += probs[i] * ((double) logits[i] - max);
        }
        boolean equal = candidates.temperature() == Float.POSITIVE_INFINITY;
        float[] nearness = candidates.keys();
        for (int i = 0; i < count; i++) {
            nearness[i] = equal ? 0 : (float) -Math.abs((double) logits[i] - max - mean);
        }
        return nearness;
    }
}
