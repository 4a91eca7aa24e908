// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/** Shannon's entropy of a distribution. */
public final class Entropy {
    private Entropy() {}

    /**
     * −Σ pᵢ ln pᵢ, with 0 ln 0 = 0, summed in double and ascending.
     *
     * @param probs holds the distribution
     * @param offset its first probability
     * @param length the number of outcomes
     * @return the entropy in nats, 0 for a certain outcome and ln n for n equal ones
     */
    public static double nats(float[] probs, int offset, int length) {
        double sum = 0;
        for (int i = offset; i < offset + length; i++) {
            double p = probs[i];
            if (p > 0) {
                sum -= p * StrictMath.log(p);
            }
        }
        // The entropy of a certain outcome is +0, not the -0 that the subtraction leaves.
        return sum + 0.0;
    }

    /**
     * The entropy of a softmax from its logits: −Σ pᵢ ln pᵢ with ln pᵢ = ln p_max + (zᵢ − max z)/τ, so that one
     * logarithm is taken and not one an outcome.
     *
     * @param probs the softmax, from index 0 on
     * @param logits its logits
     * @param offset the first logit
     * @param length the number of outcomes
     * @param temperature τ in (0, +∞)
     * @return the entropy in nats
     */
    static double nats(float[] probs, float[] logits, int offset, int length, float temperature) {
        float max = Float.NEGATIVE_INFINITY;
        float most = 0;
        for (int i = 0; i < length; i++) {
            max = Math.max(max, logits[offset + i]);
            most = Math.max(most, probs[i]);
        }
        double mean = 0;
        for (int i = 0; i < length; i++) {
            if (probs[i] > 0) {
                mean += probs[i] * (((double) logits[offset + i] - max) / temperature);
            }
        }
        return Math.max(0, -mean - StrictMath.log(most));
    }
}
