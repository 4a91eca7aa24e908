// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/**
 * The passes that find the largest of many logits without sorting them: the maximum of each block of a row, then the
 * elements above a threshold, which can only lie in blocks whose maximum is. Nothing is rounded, so there is no order
 * to fix.
 */
public final class BlockSearch {
    /** Elements of a block: few enough that a block is soon searched, many enough that a row has few of them. */
    public static final int BLOCK = 256;

    private BlockSearch() {}

    /** The blocks of a row; the last may be shorter. */
    public static int count(int length) {
        return (length + BLOCK - 1) / BLOCK;
    }

    /** {@link Kernels#blockMaxima} as plain loops. */
    public static void maxima(float[] x, int xOffset, int length, float[] y, int yOffset) {
        for (int block = 0; block < count(length); block++) {
            int end = Math.min(length, (block + 1) * BLOCK);
            float max = Float.NEGATIVE_INFINITY;
            for (int i = block * BLOCK; i < end; i++) {
                max = Math.max(max, x[xOffset + i]);
            }
            y[yOffset + block] = Float.isNaN(max) ? Float.NaN : max;
        }
    }

    /** {@link Kernels#collectAtLeast} as plain loops. */
    public static int collect(
            float[] x, int xOffset, int begin, int end, float threshold, int[] indices, float[] values, int count) {
        int next = count;
        for (int i = begin; i < end; i++) {
            float value = x[xOffset + i];
            if (value >= threshold) {
                indices[next] = i;
                values[next++] = value;
            }
        }
        return next;
    }
}
