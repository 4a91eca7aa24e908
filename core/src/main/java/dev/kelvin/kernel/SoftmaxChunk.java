// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.operand.AttentionScores;

/** One chunk of a row whose maximum is known. */
public final class SoftmaxChunk {
    private static final double LN_2 = 0.6931471805599453;

    private SoftmaxChunk() {}

    /**
     * What a head's sink adds to the sum of a row's numerators: its own, in double, with {@link StrictMath#exp}. 0
     * where there are no sinks.
     *
     * @param scores of the attention
     * @param head of the row
     * @param max the row's largest score
     * @return 2^(32 − the row's base)·exp(sink), or of the sink lowered by the maximum, as the row is
     */
    public static double sink(AttentionScores scores, int head, float max) {
        if (scores.sinks() == null) {
            return 0;
        }
        SoftmaxScale one = SoftmaxScale.ONE;
        double zero = one.holds(max) ? one.base(max, max) * LN_2 : max;
        return Math.scalb(StrictMath.exp(scores.sinks()[head] - zero), SoftmaxKernels.HEADROOM);
    }

    /**
     * Puts a chunk in relation to its row: what counts in 2^(32 − chunk's base) in the unit of the row, or the factor
     * of a row's numerators in that of the chunk.
     *
     * @param value a sum of the chunk's numerators, or 1 over a sum of the row's
     * @param base of the chunk
     * @param rowBase of the row's maximum
     * @return value·2^(base − rowBase)
     */
    public static double inRow(double value, int base, int rowBase) {
        return Math.scalb(value, base - rowBase);
    }

    /**
     * {@link SoftmaxKernels#numerators} of one chunk, lowered first where the row demands it.
     *
     * @param kernels compute it
     * @param x holds the chunk
     * @param xOffset its first logit
     * @param e receives the numerators
     * @param eOffset where the first one goes
     * @param length the number of logits
     * @param base {@link SoftmaxScale#base(float, float)} of the chunk's and the row's maximum
     * @param rowMax the row's maximum
     * @param scale of τ
     * @return their sum
     */
    public static double numerators(
            Kernels kernels,
            float[] x,
            int xOffset,
            float[] e,
            int eOffset,
            int length,
            int base,
            float rowMax,
            SoftmaxScale scale) {
        if (scale.holds(rowMax)) {
            return kernels.softmax().numerators(x, xOffset, e, eOffset, length, base, scale);
        }
        kernels.elements().affine(x, xOffset, e, eOffset, length, 1, -rowMax);
        return kernels.softmax().numerators(e, eOffset, e, eOffset, length, base, scale);
    }
}
