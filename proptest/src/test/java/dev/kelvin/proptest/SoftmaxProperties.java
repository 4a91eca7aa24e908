// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.proptest;

import static dev.kelvin.ops.SoftmaxOracle.ABSORBED;
import static dev.kelvin.ops.SoftmaxOracle.PROBABILITY;
import static dev.kelvin.ops.SoftmaxOracle.SECOND_ORDER;
import static dev.kelvin.ops.SoftmaxOracle.SUM;
import static dev.kelvin.ops.SoftmaxOracle.U;

import dev.kelvin.ops.ComputeGrid;
import dev.kelvin.ops.SoftmaxOracle;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.domains.Domain;
import net.jqwik.api.domains.DomainContext;

/**
 * The laws of the temperature softmax, at every temperature from {@code Float.MIN_VALUE} to {@code Float.MAX_VALUE} and
 * at both limits. The bounds start from those of {@link SoftmaxOracle}, which derives them: with u = 2⁻²⁴, |p - P| ≤
 * 16u·P + 2⁻¹⁴⁸ for a probability p whose exact value is P, and |Σp - 1| ≤ 9u + V·2⁻¹⁴⁸.
 */
@Domain(SoftmaxDomain.class)
@Domain(DomainContext.Global.class)
class SoftmaxProperties {
    private static final float INF = Float.POSITIVE_INFINITY;
    private static final float MASKED = Float.NEGATIVE_INFINITY;

    /** A larger Δ would allow nearly anything, so such cases (overflow among them) are drawn again. */
    private static final double VACUOUS = 0.1;

    private static float[] softmax(float[] logits, float temperature) {
        HeapTensor probs = HeapTensor.zeros(logits.length);
        ComputeGrid.fastest().softmax(HeapTensor.of(logits, logits.length), temperature, probs);
        return probs.data();
    }

    /**
     * In [0, 1] exactly: no rounding of positive terms takes a sum below one of them, and the quotient is rounded once.
     * The sum of the probabilities and each of them are within the bounds above.
     */
    @Property(tries = 1000)
    void probabilitiesAreExactWithinTheirBoundsAndSumToOne(@ForAll SoftmaxCase row) {
        float[] logits = row.logits();
        float[] probs = softmax(logits, row.temperature());
        String wrong = SoftmaxOracle.firstOutside(probs, SoftmaxOracle.probs(logits, row.temperature()));
        Law.holds(wrong == null, () -> wrong);
        double off = Math.abs(SoftmaxOracle.sum(probs) - 1);
        Law.holds(off <= SoftmaxOracle.sumBound(probs.length), () -> "sum is off by " + off / U + " u");
    }

    /** τ = 0: exactly equal shares among the tied largest, exactly nothing for the others. */
    @Property(tries = 1000)
    void atZeroTheLargestShareEqually(@ForAll SoftmaxCase row) {
        float[] logits = row.logits();
        float max = MASKED;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        float largest = max;
        checkShares(logits, softmax(logits, 0), largest);
    }

    /** τ = +∞: exactly equal shares among all that are not masked, exactly nothing for the masked. */
    @Property(tries = 1000)
    void atInfinityAllCandidatesShareEqually(@ForAll SoftmaxCase row) {
        float[] logits = row.logits();
        checkShares(logits, softmax(logits, INF), -Float.MAX_VALUE);
    }

    private static void checkShares(float[] logits, float[] probs, float threshold) {
        int count = 0;
        for (float logit : logits) {
            count += logit >= threshold ? 1 : 0;
        }
        float share = (float) (1.0 / count);
        for (int i = 0; i < logits.length; i++) {
            float expected = logits[i] >= threshold ? share : 0;
            int index = i;
            Law.holds(probs[i] == expected, () -> "probs[" + index + "] is " + probs[index] + ", expected " + expected);
        }
    }

    /** A mask keeps probability 0 and log-probability -∞ at every temperature. */
    @Property(tries = 500)
    void masksStayMasked(@ForAll SoftmaxCase row) {
        float[] logits = row.logits();
        float[] probs = softmax(logits, row.temperature());
        HeapTensor logProbs = HeapTensor.zeros(logits.length);
        ComputeGrid.fastest().logSoftmax(HeapTensor.of(logits, logits.length), row.temperature(), logProbs);
        for (int i = 0; i < logits.length; i++) {
            if (logits[i] == MASKED) {
                int index = i;
                Law.holds(probs[i] == 0 && logProbs.data()[i] == MASKED, () -> "mask at " + index + " is lost");
            }
        }
    }

    /**
     * Entropy H = -Σ p·ln p never falls as τ rises, from ln(ties) at 0 to ln(candidates) at +∞.
     *
     * <p>Bound: the derivative of -p·ln p is -(1 + ln p), so relative errors of 16u make at most 16u·Σ(P + |P·ln P|) =
     * 16u(1 + H); an absorbed probability is below 2⁻¹⁴⁷, and its -p·ln p below 2⁻¹⁴⁷·103 &lt; 2⁻¹⁴⁰.
     */
    @Property(tries = 400)
    void entropyNeverFallsAsTheTemperatureRises(@ForAll SoftmaxCase row, @ForAll @Size(5) float[] factors) {
        float[] logits = row.logits();
        float[] temperatures = new float[factors.length + 3];
        temperatures[0] = 0;
        temperatures[1] = row.temperature();
        temperatures[2] = INF;
        for (int i = 0; i < factors.length; i++) {
            // From a hair's breadth above the case's temperature to a thousand times of it, either way.
            double factor = Math.exp(7 * Math.sin(factors[i]));
            temperatures[3 + i] = (float) Math.clamp(row.temperature() * factor, Float.MIN_VALUE, Float.MAX_VALUE);
        }
        Arrays.sort(temperatures);
        double last = 0;
        for (int i = 0; i < temperatures.length; i++) {
            double entropy = entropy(softmax(logits, temperatures[i]));
            double floor = last - entropyBound(last, logits.length) - entropyBound(entropy, logits.length);
            int step = i;
            Law.holds(
                    entropy >= floor,
                    () -> "entropy falls to " + entropy + " below " + floor + " at step " + step + " of "
                            + Arrays.toString(temperatures));
            last = entropy;
        }
    }

    private static double entropy(float[] probs) {
        double entropy = 0;
        for (float p : probs) {
            if (p > 0) {
                entropy -= p * Math.log(p);
            }
        }
        return entropy;
    }

    private static double entropyBound(double entropy, int length) {
        return PROBABILITY * U * SECOND_ORDER * (1 + entropy) + length * 0x1p-140;
    }

    /**
     * Where the shift itself is exact, the shifted logits have the same probabilities but for the roundings of both.
     */
    @Property(tries = 500)
    void anExactShiftChangesNoMoreThanTheRoundings(
            @ForAll SoftmaxCase row,
            @ForAll @IntRange(min = -1000, max = 1000) int shift,
            @ForAll @IntRange(max = 20) int places) {
        float unit = Math.scalb(1f, -places);
        SplittableRandom random = new SplittableRandom(row.seed());
        float[] logits = new float[row.length()];
        float[] shifted = new float[row.length()];
        for (int i = 0; i < logits.length; i++) {
            int steps = random.nextInt(-4096, 4097);
            logits[i] = steps * unit;
            shifted[i] = (steps + shift) * unit;
        }
        for (float temperature : new float[] {row.temperature(), unit, 900 * unit}) {
            checkWithin(softmax(logits, temperature), softmax(shifted, temperature), 0);
        }
        for (float temperature : new float[] {0, INF}) {
            Law.sameBits(
                    softmax(logits, temperature),
                    softmax(shifted, temperature),
                    () -> "shift by " + shift * unit + " at temperature " + temperature);
        }
    }

    /**
     * A rounded shift: z + c is off by at most u·|z + c|, which moves an exponent by Δ = u·max|z + c|/τ, a numerator by
     * a factor within e^±Δ and a probability by one within e^±2Δ; both computed probabilities have their own 16u and
     * 2⁻¹⁴⁸ besides.
     */
    @Property(tries = 500)
    void aRoundedShiftChangesNoMoreThanItsRounding(
            @ForAll SoftmaxCase row, @ForAll @IntRange(min = -999, max = 999) int steps) {
        float[] logits = row.logits();
        float shift = Math.clamp(row.temperature() * steps * 0.37f, -1e37f, 1e37f);
        double delta = 0;
        float[] shifted = new float[logits.length];
        for (int i = 0; i < logits.length; i++) {
            shifted[i] = logits[i] + shift;
            if (logits[i] != MASKED) {
                delta = Math.max(delta, U * Math.abs((double) shifted[i]) / row.temperature());
            }
        }
        Assume.that(delta <= VACUOUS);
        checkWithin(softmax(logits, row.temperature()), softmax(shifted, row.temperature()), delta);
    }

    /**
     * softmax(x, τ) = softmax(x/τ, 1): the quotient is off by at most u·|x/τ| + 2⁻¹⁵⁰, so Δ = u·max|x/τ| + 2⁻¹⁵⁰ and
     * the bound is that of a rounded shift.
     */
    @Property(tries = 500)
    void temperatureIsADivisor(@ForAll SoftmaxCase row) {
        float[] logits = row.logits();
        float[] quotients = new float[logits.length];
        double delta = 0x1p-150;
        for (int i = 0; i < logits.length; i++) {
            quotients[i] = logits[i] / row.temperature();
            if (logits[i] != MASKED) {
                delta = Math.max(delta, U * Math.abs((double) quotients[i]) + 0x1p-150);
            }
        }
        Assume.that(delta <= VACUOUS);
        checkWithin(softmax(logits, row.temperature()), softmax(quotients, 1), delta);
    }

    private static void checkWithin(float[] a, float[] b, double delta) {
        double factor = Math.exp(2 * delta) * (1 + 2 * PROBABILITY * U * SECOND_ORDER);
        double absorbed = 2 * ABSORBED * factor;
        for (int i = 0; i < a.length; i++) {
            double p = a[i];
            double q = b[i];
            int index = i;
            Law.holds(
                    q <= p * factor + absorbed && p <= q * factor + absorbed,
                    () -> "probs[" + index + "] is " + p + " and " + q + ", allowed factor " + factor);
        }
    }

    /**
     * A permutation of the logits permutes the probabilities: numerators differ by powers of two alone, only the sum is
     * added up in another order: twice its 8u, and twice the rounding of the quotient. Exactly so at both limits.
     */
    @Property(tries = 500)
    void permutationsPermute(@ForAll SoftmaxCase row) {
        float[] logits = row.logits();
        int[] order = permutation(logits.length, row.seed());
        float[] permuted = permute(logits, order);
        double factor = 1 + (2 * SUM + 2) * U * SECOND_ORDER;
        float[] expected = permute(softmax(logits, row.temperature()), order);
        float[] actual = softmax(permuted, row.temperature());
        for (int i = 0; i < expected.length; i++) {
            int index = i;
            Law.holds(
                    actual[i] <= expected[i] * factor + ABSORBED && expected[i] <= actual[i] * factor + ABSORBED,
                    () -> "probs[" + index + "] is " + actual[index] + ", expected " + expected[index]);
        }
        for (float limit : new float[] {0, INF}) {
            Law.sameBits(permute(softmax(logits, limit), order), softmax(permuted, limit), () -> "limit " + limit);
        }
    }

    private static int[] permutation(int length, long seed) {
        SplittableRandom random = new SplittableRandom(seed + 1);
        int[] order = new int[length];
        for (int i = 0; i < length; i++) {
            int other = random.nextInt(i + 1);
            order[i] = order[other];
            order[other] = i;
        }
        return order;
    }

    private static float[] permute(float[] values, int[] order) {
        float[] permuted = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            permuted[i] = values[order[i]];
        }
        return permuted;
    }

    /** A larger logit never has a smaller probability. */
    @Property(tries = 500)
    void theOrderOfLogitsIsTheOrderOfProbabilities(@ForAll SoftmaxCase row) {
        float[] logits = row.logits();
        // Unsorted, so that neighbours lie in different chunks.
        float[] probs = softmax(logits, row.temperature());
        Integer[] order = new Integer[logits.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Float.compare(logits[a], logits[b]));
        for (int i = 1; i < order.length; i++) {
            float below = probs[order[i - 1]];
            float above = probs[order[i]];
            int index = order[i];
            Law.holds(above >= below, () -> "probs[" + index + "] " + above + " is below " + below);
        }
    }

    /** The logarithm of a probability is the log-probability, within the errors of both. */
    @Property(tries = 500)
    void logSoftmaxIsTheLogarithm(@ForAll SoftmaxCase row) {
        float[] logits = row.logits();
        float[] probs = softmax(logits, row.temperature());
        HeapTensor logProbs = HeapTensor.zeros(logits.length);
        ComputeGrid.fastest().logSoftmax(HeapTensor.of(logits, logits.length), row.temperature(), logProbs);
        for (int i = 0; i < probs.length; i++) {
            double logProb = logProbs.data()[i];
            if (probs[i] >= Float.MIN_NORMAL) {
                double bound = 17 * U + 3.001 * U * Math.abs(logProb) + 0x1p-20;
                double log = Math.log(probs[i]);
                Law.holds(Math.abs(log - logProb) <= bound, () -> "log " + log + ", log-probability " + logProb);
            } else {
                Law.holds(logProb < -87, () -> "log-probability " + logProb + " of a probability below 2^-126");
            }
        }
    }

    /** NaN and +∞ never become a token: the error names the first index and the count, at every temperature. */
    @Property(tries = 500)
    void nanAndInfinityAreRefusedWithTheirIndex(
            @ForAll SoftmaxCase row, @ForAll @IntRange(min = 1, max = 5) int faults, @ForAll boolean nanFirst) {
        float[] logits = row.logits();
        SplittableRandom random = new SplittableRandom(row.seed());
        boolean[] faulty = new boolean[logits.length];
        for (int i = 0; i < faults; i++) {
            int at = random.nextInt(logits.length);
            faulty[at] = true;
            logits[at] = nanFirst == (i % 2 == 0) ? Float.NaN : INF;
        }
        int first = -1;
        int count = 0;
        for (int i = 0; i < faulty.length; i++) {
            if (faulty[i]) {
                first = first < 0 ? i : first;
                count++;
            }
        }
        String expected = "softmax: logits[row 0] has " + (Float.isNaN(logits[first]) ? "NaN" : "+inf") + " at index "
                + first + " (" + count + " of " + logits.length + " are NaN or +inf)";
        for (float temperature : new float[] {0, row.temperature(), INF}) {
            String message = null;
            try {
                softmax(logits, temperature);
            } catch (IllegalArgumentException e) {
                message = e.getMessage();
            }
            String said = message;
            Law.holds(expected.equals(said), () -> "said: " + said + ", expected: " + expected);
        }
    }
}
