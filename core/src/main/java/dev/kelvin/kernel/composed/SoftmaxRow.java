// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.composed;

import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.SoftmaxChunk;
import dev.kelvin.kernel.SoftmaxKernels;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.kernel.scalar.ScalarSoftmax;

/**
 * The softmax of one row on one thread: its maximum, then numerators and their sum, then probabilities or a logarithm,
 * in this order, with the same row and scale. See {@link ScalarSoftmax} for the arithmetic.
 *
 * <p>A row whose maximum is too large for {@link SoftmaxScale#holds} is first lowered by it. That is exact wherever a
 * numerator matters: such a maximum is 45,000 τ or more, and a logit within 100 τ of it is within a factor of two,
 * where subtraction makes no error (Sterbenz).
 *
 * <p>An instance owns scratch that grows to the longest row, and belongs to one thread.
 */
public final class SoftmaxRow {
    private static final int CHUNK = SoftmaxKernels.CHUNK;

    /** Times a factor up to this, a numerator that was raised to the threshold rounds to 0, as it should. */
    private static final double HARMLESS = 0x1p-28;

    private final Kernels kernels;
    private float[] maxima = new float[0];
    private int[] bases = new int[0];
    private double[] sums = new double[0];
    private float[] discarded;
    private float max;
    private int base;
    private double sum;
    private SoftmaxScale scale;

    /**
     * A row computed by these kernels.
     *
     * @param kernels of the same thread
     */
    public SoftmaxRow(Kernels kernels) {
        this.kernels = kernels;
    }

    /**
     * Begins a row.
     *
     * @param x holds the row
     * @param offset its first logit
     * @param length the number of its logits
     * @return the largest logit; NaN if any is NaN, −∞ if there is none
     */
    public float max(float[] x, int offset, int length) {
        int chunks = chunks(length);
        if (maxima.length < chunks) {
            maxima = new float[chunks];
            bases = new int[chunks];
            sums = new double[chunks];
        }
        max = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < chunks; c++) {
            maxima[c] = kernels.rows().max(x, offset + c * CHUNK, Math.min(CHUNK, length - c * CHUNK));
            max = Math.max(max, maxima[c]);
        }
        return max;
    }

    private static int chunks(int length) {
        return (length + CHUNK - 1) / CHUNK;
    }

    /**
     * The numerators of the row and their sum, after {@link #max}.
     *
     * @param x holds the row
     * @param xOffset its first logit
     * @param e receives the numerators, each relative to its chunk's base; may be {@code x} at the same offset
     * @param eOffset where the first numerator goes
     * @param length the number of logits
     * @param scale of τ
     * @return the sum, 2^(32 − base)·Σ exp(x/τ), with the base of the row's maximum
     */
    public double numerators(float[] x, int xOffset, float[] e, int eOffset, int length, SoftmaxScale scale) {
        for (int c = 0; c < chunks(length); c++) {
            chunk(c, x, xOffset, e, eOffset + c * CHUNK, length, scale);
        }
        return addUp(length, scale);
    }

    /**
     * As {@link #numerators}, for those who want the sum alone.
     *
     * @param x holds the row
     * @param xOffset its first logit
     * @param length the number of logits
     * @param scale of τ
     * @return the sum
     */
    public double sum(float[] x, int xOffset, int length, SoftmaxScale scale) {
        if (discarded == null) {
            discarded = new float[CHUNK];
        }
        for (int c = 0; c < chunks(length); c++) {
            chunk(c, x, xOffset, discarded, 0, length, scale);
        }
        return addUp(length, scale);
    }

    private void chunk(int c, float[] x, int xOffset, float[] e, int eOffset, int length, SoftmaxScale scale) {
        int from = xOffset + c * CHUNK;
        int count = Math.min(CHUNK, length - c * CHUNK);
        bases[c] = scale.base(maxima[c], max);
        sums[c] = SoftmaxChunk.numerators(kernels, x, from, e, eOffset, count, bases[c], max, scale);
    }

    private double addUp(int length, SoftmaxScale scale) {
        this.scale = scale;
        base = scale.base(max, max);
        sum = ScalarSoftmax.rowSum(sums, bases, 0, chunks(length), base);
        return sum;
    }

    /**
     * The probabilities of the row, times a factor, after {@link #numerators}. Logits that were raised to the
     * {@linkplain SoftmaxScale#threshold threshold}, masks among them, get 0 whatever the factor.
     *
     * @param e the numerators
     * @param eOffset the first one
     * @param y receives numerator·factor/sum; may be {@code e} at the same offset
     * @param yOffset where the first one goes
     * @param length the number of logits
     * @param factor 1 for probabilities; a magnitude up to 2⁹⁰
     */
    public void probabilities(float[] e, int eOffset, float[] y, int yOffset, int length, double factor) {
        for (int c = 0; c < chunks(length); c++) {
            int from = c * CHUNK;
            int count = Math.min(CHUNK, length - from);
            double chunkFactor = SoftmaxChunk.inRow(factor / sum, bases[c], base);
            if (Math.abs(chunkFactor) > HARMLESS) {
                dropRaised(e, eOffset + from, count, raised(c));
            }
            kernels.softmax().probabilities(e, eOffset + from, y, yOffset + from, count, chunkFactor);
        }
    }

    /** The numerator of what was raised to the threshold of a chunk. */
    private float raised(int chunk) {
        return ScalarSoftmax.numerator(Float.NEGATIVE_INFINITY, bases[chunk], scale);
    }

    private static void dropRaised(float[] e, int offset, int length, float raised) {
        for (int i = offset; i < offset + length; i++) {
            e[i] = e[i] > raised ? e[i] : 0;
        }
    }

    /**
     * One probability, not rounded to float, after {@link #numerators}.
     *
     * @param numerator that of a logit
     * @param index the place of the logit in its row
     * @return numerator/sum; 0 for a logit that was raised to the threshold
     */
    public double probability(float numerator, int index) {
        int chunk = index / CHUNK;
        return numerator > raised(chunk) ? numerator * SoftmaxChunk.inRow(1 / sum, bases[chunk], base) : 0;
    }

    /**
     * log Σ exp((x − max)/τ), in nats, after {@link #numerators} or {@link #sum}: never negative, 0 for a single
     * candidate. The logarithm of Σ exp(x/τ) is max/τ more.
     *
     * @param scale of τ
     * @return the logarithm, within 15·2⁻²⁴
     */
    public double logSum(SoftmaxScale scale) {
        return ScalarSoftmax.logSum(sum, max, scale);
    }
}
