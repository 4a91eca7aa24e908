// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

import dev.kelvin.tensor.HeapTensor;

/**
 * What is added to the scores of attention before the softmax: one number a key, for each query, head and sequence, or
 * the same for all of them. −∞ hides a key: neither it nor its value takes part, even if they are NaN.
 *
 * @param values [keys], [rows, keys], [heads, rows, keys] or [sequences, heads, rows, keys]; an extent of 1 serves all,
 *     and there may be more keys than a sequence has
 */
public record AttentionBias(HeapTensor values) {
    private static final int AXES = 4;

    /** Checks the number of dimensions. */
    public AttentionBias {
        if (values.shape().rank() < 1 || values.shape().rank() > AXES) {
            throw new IllegalArgumentException(
                    "attention: a bias of " + values.shape() + " is not [sequences, heads, rows, keys] or less");
        }
    }

    /**
     * A bias.
     *
     * @param values as above, not copied
     */
    public static AttentionBias of(HeapTensor values) {
        return new AttentionBias(values);
    }

    /**
     * A mask.
     *
     * @param seen whether a key takes part
     * @param dims the extents, as above
     * @return a bias of 0 and −∞
     */
    public static AttentionBias mask(boolean[] seen, int... dims) {
        float[] values = new float[seen.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = seen[i] ? 0 : Float.NEGATIVE_INFINITY;
        }
        return new AttentionBias(HeapTensor.of(values, dims));
    }

    /**
     * An extent.
     *
     * @param axis 0 for sequences, 1 for heads, 2 for rows, 3 for keys
     * @return 1 for a dimension that is not there
     */
    public int extent(int axis) {
        int at = axis - (AXES - values.shape().rank());
        return at < 0 ? 1 : values.shape().dim(at);
    }

    /** Elements from a key to the next: 0 if one serves all. */
    public int keyStride() {
        return extent(3) == 1 ? 0 : 1;
    }

    /**
     * The place in the array of the bias of key 0.
     *
     * @param sequence b
     * @param head of the queries
     * @param row t of the query
     */
    public int at(int sequence, int head, int row) {
        int b = extent(0) == 1 ? 0 : sequence;
        int h = extent(1) == 1 ? 0 : head;
        int t = extent(2) == 1 ? 0 : row;
        return values.offset() + ((b * extent(1) + h) * extent(2) + t) * extent(3);
    }
}
