// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import java.util.Arrays;

/**
 * The temperature softmax of one row in double precision, and the bounds within which the float one must lie. Public,
 * for the properties in module proptest.
 *
 * <p><b>The bounds</b>, with u = 2⁻²⁴, half a ULP of a float. Let E_i be the exact exp((z_i - max z)/τ).
 *
 * <ul>
 *   <li>e_i = E_i·2^k·(1 + 3.5u), k the same for the whole row; see {@link dev.kelvin.kernel.scalar.ScalarSoftmax}.
 *       Below 2⁻¹⁵⁴ it is something below 2⁻¹⁵⁴ instead.
 *   <li>S = Σe_i(1 + 8u): an element passes at most eight additions in the float tree of its chunk; from there on the
 *       sum is in double, whose 2⁻⁵³ a step is nothing beside u. All terms are positive, so relative errors do not grow
 *       by cancellation. {@link #SUM} = 8.
 *   <li>p_i = e_i/S, where 1/S is taken as a pair of floats: one rounding.
 * </ul>
 *
 * Hence Σp_i = Σe_i/S·(1 + u) = 1 + (8 + 1)u: {@link #TOTAL}, in which the error of the exponentials cancels. One
 * probability has 3.5u of its own exponential, 3.5u of those in the sum, 8u of the sum, and one rounding:
 * {@link #PROBABILITY} = 16. Where p_i is subnormal, its rounding is 2⁻¹⁵⁰, twice where the factor is small:
 * {@link #ABSORBED} = 2⁻¹⁴⁸ covers both.
 *
 * <p>Terms of second order (at most 256u² = 0.00002u) hide in the margin of {@link #SECOND_ORDER}.
 */
public final class SoftmaxOracle {
    /** u, half a ULP of a float. */
    public static final double U = 0x1p-24;

    /** Roundings of the canonical sum, in u. */
    public static final double SUM = 8;

    /** Relative error of one probability, in u. */
    public static final double PROBABILITY = 16;

    /** Error of the sum of all probabilities, in u. */
    public static final double TOTAL = 9;

    /** Error of a subnormal probability. */
    public static final double ABSORBED = 0x1p-148;

    /** Room for what bounds of first order leave out. */
    public static final double SECOND_ORDER = 1 + 1e-4;

    private SoftmaxOracle() {}

    /** The probabilities of {@code logits} at {@code temperature}, both limits included. */
    public static double[] probs(float[] logits, float temperature) {
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double[] probs = new double[logits.length];
        for (int i = 0; i < probs.length; i++) {
            probs[i] = weight(logits[i], max, temperature);
        }
        double sum = Arrays.stream(probs).sum();
        for (int i = 0; i < probs.length; i++) {
            probs[i] /= sum;
        }
        return probs;
    }

    private static double weight(double logit, double max, float temperature) {
        if (temperature == 0) {
            return logit == max ? 1 : 0;
        }
        if (temperature == Float.POSITIVE_INFINITY) {
            return logit == Double.NEGATIVE_INFINITY ? 0 : 1;
        }
        return StrictMath.exp((logit - max) / temperature);
    }

    /** The exact log-probability of element {@code i}, also where the probability is too small for a double. */
    public static double[] logProbs(float[] logits, float temperature) {
        double[] probs = probs(logits, temperature);
        int best = 0;
        for (int i = 0; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        double bestLogProb = StrictMath.log(probs[best]);
        double[] logProbs = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            boolean limit = temperature == 0 || temperature == Float.POSITIVE_INFINITY;
            logProbs[i] =
                    limit ? StrictMath.log(probs[i]) : ((double) logits[i] - logits[best]) / temperature + bestLogProb;
        }
        return logProbs;
    }

    /** Null if every probability is within its bound of the exact one, else what is wrong first. */
    public static String firstOutside(float[] probs, double[] exact) {
        for (int i = 0; i < probs.length; i++) {
            double bound = PROBABILITY * U * SECOND_ORDER * exact[i] + ABSORBED;
            if (!(Math.abs(probs[i] - exact[i]) <= bound) || !(probs[i] >= 0) || !(probs[i] <= 1)) {
                return "probs[" + i + "] of " + probs.length + " is " + probs[i] + ", exact " + exact[i] + ", off by "
                        + Math.abs(probs[i] - exact[i]) / (U * exact[i]) + " u";
            }
        }
        return null;
    }

    /** The sum in double. */
    public static double sum(float[] probs) {
        double sum = 0;
        for (float p : probs) {
            sum += p;
        }
        return sum;
    }

    /** How far the sum of {@code count} probabilities may be from 1: {@link #TOTAL} and the absorbed subnormals. */
    public static double sumBound(int count) {
        return TOTAL * U * SECOND_ORDER + count * ABSORBED;
    }
}
