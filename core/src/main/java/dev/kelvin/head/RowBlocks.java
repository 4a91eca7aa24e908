// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.tensor.HeapTensor;

/** Views of consecutive rows of the tensor last seen, so that a training loop that reuses its tensors makes none. */
final class RowBlocks {
    private HeapTensor tensor;
    private int blockRows;
    private HeapTensor[] blocks;

    /** The rows in blocks of so many, the last one shorter. */
    @SuppressWarnings("ReferenceEquality") // A tensor is a view and has no equality but identity.
    HeapTensor[] of(HeapTensor tensor, int blockRows) {
        if (this.tensor != tensor || this.blockRows != blockRows) {
            blocks = new HeapTensor[Math.ceilDiv(tensor.rows(), blockRows)];
            for (int i = 0; i < blocks.length; i++) {
                int begin = i * blockRows;
                blocks[i] = tensor.rowRange(begin, Math.min(begin + blockRows, tensor.rows()));
            }
            this.tensor = tensor;
            this.blockRows = blockRows;
        }
        return blocks;
    }
}
