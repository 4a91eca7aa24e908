// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

import dev.kelvin.kernel.SoftmaxChunk;
import dev.kelvin.kernel.SoftmaxKernels;
import dev.kelvin.kernel.SoftmaxScale;

/**
 * The specification of the softmax, chunk by chunk.
 *
 * <p>A row is cut into chunks of {@value SoftmaxKernels#CHUNK} logits. A chunk with the largest logit m has the base N,
 * the even integer next to m·log₂(e)/τ ({@link SoftmaxScale#base}), and its numerators are e[i] = 2³²⁻ᴺ·exp(x[i]/τ). No
 * maximum is subtracted: with n the integer next to x·log₂(e)/τ, the shift is the integer n − N in the exponent's bits,
 * and the fraction is found by two exact steps, so nothing cancels. A chunk needs nothing from the others, and its sum
 * is put in relation to theirs by a power of two, which is exact: a row may be cut over threads, or its chunks produced
 * one after another by a fused kernel, with the same bits.
 *
 * <p><b>Sums.</b> Sixteen lanes; 64 elements become 16 as (e[l] + e[16 + l]) + (e[32 + l] + e[48 + l]), the results are
 * taken together in the same way, until 16 are left; missing elements are +0. The 16 are folded by halves in double. An
 * element meets at most eight float additions. The sums of the chunks, each times 2^(its N − the row's N), are added
 * ascending in double.
 *
 * <p><b>Error of a numerator</b>, in u = 2⁻²⁴ relative: 1.2 of the polynomial, 0.7 of the fraction, 1.4 of its last two
 * steps: below 3.5. The numerators rise with the logits, without exception: every stage of Horner's rule does, since
 * coefficients and fraction are positive, and where the integer n steps up, the polynomial at 1 is 2.2 u below twice
 * its value at 0, more than roundings can make up for.
 */
public final class ScalarSoftmax implements SoftmaxKernels {
    /** Lanes of a sum. */
    public static final int LANES = 16;

    /** Elements that one step of a sum makes {@link #LANES} of. */
    public static final int STEP = 4 * LANES;

    // 2^(f - 1/2) for f in [-1/128, 1 + 1/128] by Horner's rule. The target was tilted by ±1.25 u from end to end; off
    // it, the largest relative error is 0.3 u.
    public static final float C0 = 0x1.6a09e8p-1f;
    public static final float C1 = 0x1.f5e460p-2f;
    public static final float C2 = 0x1.5be3c2p-3f;
    public static final float C3 = 0x1.415d38p-5f;
    public static final float C4 = 0x1.c15ad6p-8f;
    public static final float C5 = 0x1.c528e8p-11f;
    public static final float C6 = 0x1.4ed9f8p-13f;

    /** Factors below this make numerators probabilities in two steps, lest the factor itself be subnormal. */
    public static final double SMALL_FACTOR = 0x1p-90;

    /** The power of two by which the first of the two steps is too large. */
    public static final int LIFT = 64;

    private final float[] tree = new float[CHUNK / 4];

    /** Kernels of plain loops. */
    public ScalarSoftmax() {}

    @Override
    public double numerators(float[] x, int xOffset, float[] e, int eOffset, int length, int base, SoftmaxScale scale) {
        for (int i = 0; i < length; i++) {
            e[eOffset + i] = numerator(x[xOffset + i], base, scale);
        }
        return sum(e, eOffset, length);
    }

    /**
     * One numerator: 2^(32 − base)·exp(x/τ).
     *
     * @param x a logit, at most the maximum that the base stands for
     * @param base of its chunk
     * @param scale of τ
     * @return the numerator, in [2⁻¹²⁶, 2³⁴]
     */
    public static float numerator(float x, int base, SoftmaxScale scale) {
        float threshold = scale.threshold(base);
        float logit = x < threshold ? threshold : x;
        float round = round(base);
        float r = Math.fma(logit, scale.high(), round);
        float f = Math.fma(logit, scale.high(), (round - r) + 0.5f);
        f = Math.fma(logit, scale.low(), f);
        float p = Math.fma(C6, f, C5);
        p = Math.fma(p, f, C4);
        p = Math.fma(p, f, C3);
        p = Math.fma(p, f, C2);
        p = Math.fma(p, f, C1);
        p = Math.fma(p, f, C0);
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(r) << 23));
    }

    /**
     * What rounds to the nearest integer when it is added, and leaves that integer, less base − 32, in the low bits.
     *
     * @param base of the chunk, even, so that ties are broken as without it
     * @return 1.5·2²³ − base + 32
     */
    public static float round(int base) {
        return ScalarExponential.ROUND - base + HEADROOM;
    }

    private double sum(float[] e, int offset, int length) {
        quarter(e, offset, length);
        int count = ceilSteps(length) * LANES;
        while (count > LANES) {
            quarter(tree, 0, count);
            count = ceilSteps(count) * LANES;
        }
        return length == 0 ? 0 : fold(tree, 0);
    }

    private static int ceilSteps(int length) {
        return (length + STEP - 1) / STEP;
    }

    private void quarter(float[] from, int offset, int length) {
        for (int step = 0; step < length; step += STEP) {
            for (int l = 0; l < LANES; l++) {
                tree[step / 4 + l] = (element(from, offset, step + l, length)
                                + element(from, offset, step + 16 + l, length))
                        + (element(from, offset, step + 32 + l, length) + element(from, offset, step + 48 + l, length));
            }
        }
    }

    private static float element(float[] e, int offset, int index, int length) {
        return index < length ? e[offset + index] : 0;
    }

    /**
     * Folds the 16 lanes of a sum by halves, in double.
     *
     * @param lanes hold them
     * @param at the first one
     * @return their sum
     */
    public static double fold(float[] lanes, int at) {
        double a = fold(lanes[at], lanes[at + 8], lanes[at + 4], lanes[at + 12]);
        double b = fold(lanes[at + 1], lanes[at + 9], lanes[at + 5], lanes[at + 13]);
        double c = fold(lanes[at + 2], lanes[at + 10], lanes[at + 6], lanes[at + 14]);
        double d = fold(lanes[at + 3], lanes[at + 11], lanes[at + 7], lanes[at + 15]);
        return (a + c) + (b + d);
    }

    private static double fold(double l0, double l8, double l4, double l12) {
        return (l0 + l8) + (l4 + l12);
    }

    @Override
    public void probabilities(float[] e, int eOffset, float[] y, int yOffset, int length, double factor) {
        boolean small = Math.abs(factor) < SMALL_FACTOR;
        double lifted = small ? Math.scalb(factor, LIFT) : factor;
        float high = (float) lifted;
        float low = (float) (lifted - high);
        float last = small ? 0x1p-64f : 1;
        for (int i = 0; i < length; i++) {
            float numerator = e[eOffset + i];
            y[yOffset + i] = Math.fma(numerator, high, numerator * low) * last;
        }
    }

    @Override
    public void logProbs(
            float[] x,
            int xOffset,
            float[] y,
            int yOffset,
            int length,
            float max,
            float inverseTemperature,
            float logSum) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = Math.fma(x[xOffset + i] - max, inverseTemperature, -logSum);
        }
    }

    @Override
    public void softmaxGradient(
            float[] p,
            int pOffset,
            float[] dp,
            int dpOffset,
            float[] dz,
            int dzOffset,
            int length,
            float mean,
            float inverseTemperature) {
        for (int i = 0; i < length; i++) {
            dz[dzOffset + i] = (dp[dpOffset + i] - mean) * p[pOffset + i] * inverseTemperature;
        }
    }

    @Override
    public void logSoftmaxGradient(
            float[] p,
            int pOffset,
            float[] dl,
            int dlOffset,
            float[] dz,
            int dzOffset,
            int length,
            float sum,
            float inverseTemperature) {
        for (int i = 0; i < length; i++) {
            dz[dzOffset + i] = Math.fma(p[pOffset + i], -sum, dl[dlOffset + i]) * inverseTemperature;
        }
    }

    /**
     * The sum of a row from those of its chunks: Σ sums[c]·2^(bases[c] − base), ascending in double.
     *
     * @param sums of the chunks, as {@link SoftmaxKernels#numerators} gives them
     * @param bases of the chunks
     * @param begin the row's first chunk
     * @param end the chunk after its last
     * @param base the largest of the bases
     * @return Σ exp(x/τ), times 2^(32 − base)
     */
    public static double rowSum(double[] sums, int[] bases, int begin, int end, int base) {
        double total = 0;
        for (int c = begin; c < end; c++) {
            total += SoftmaxChunk.inRow(sums[c], bases[c], base);
        }
        return total;
    }

    /**
     * log Σ exp((x − max)/τ) of a row, in nats: never negative, and 0 for a single candidate. The logarithm of Σ
     * exp(x/τ) is max/τ more.
     *
     * @param sum {@link #rowSum} with the base of max
     * @param max the largest logit of the row
     * @param scale of τ
     * @return the logarithm, within 15·2⁻²⁴
     */
    public static double logSum(double sum, float max, SoftmaxScale scale) {
        float largest = scale.holds(max) ? max : 0;
        return StrictMath.log(sum / numerator(largest, scale.base(largest), scale));
    }
}
