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
}
