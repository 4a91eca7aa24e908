// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.ops.Compute;
import dev.kelvin.ops.Logits;
import dev.kelvin.tensor.HeapTensor;

/**
 * The maxima of a row's blocks: one pass over the vocabulary that tells whether the logits are sound, and after which
 * only those blocks need another look that hold something large.
 */
final class RowIndex {
    private final Compute compute;
    private float[] maxima = new float[0];
    private float[] selected = new float[0];
    private int blocks;
    private float max;

    RowIndex(Compute compute) {
        this.compute = compute;
    }

    /** Looks at a row. */
    void build(HeapTensor row) {
        blocks = Math.ceilDiv(row.columns(), Logits.BLOCK);
        if (maxima.length < blocks) {
            maxima = new float[blocks];
            selected = new float[blocks];
        }
        compute.logits().blockMaxima(row, maxima);
        max = Float.NEGATIVE_INFINITY;
        for (int block = 0; block < blocks; block++) {
            max = Math.max(max, maxima[block]);
        }
    }

    /** The largest element; NaN if any is NaN. */
    float max() {
        return max;
    }

    /** How many blocks the row has. */
    int blocks() {
        return blocks;
    }

    /** The largest element of a block. */
    float max(int block) {
        return maxima[block];
    }

    /**
     * The k-th largest of the blocks' maxima: the k largest elements of the row are all at least that.
     *
     * @param k from 1 to {@link #blocks}
     */
    float largest(int k) {
        System.arraycopy(maxima, 0, selected, 0, blocks);
        int begin = 0;
        int end = blocks;
        // Invariant: the answer is in [begin, end), what stands before is at least that, what stands behind at most.
        while (end - begin > 1) {
            float pivot = selected[begin + (end - begin) / 2];
            int i = begin;
            int j = end - 1;
            while (i <= j) {
                while (selected[i] > pivot) {
                    i++;
                }
                while (selected[j] < pivot) {
                    j--;
                }
                if (i <= j) {
                    float swapped = selected[i];
                    selected[i++] = selected[j];
                    selected[j--] = swapped;
                }
            }
            if (k - 1 <= j) {
                end = j + 1;
            } else if (k - 1 >= i) {
                begin = i;
            } else {
                return pivot;
            }
        }
        return selected[begin];
    }
}
