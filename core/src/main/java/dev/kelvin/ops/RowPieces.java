// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Shape;
import dev.kelvin.tensor.Tensor;

/** Views of consecutive rows of the tensor last seen, so that a loop that reuses its tensors makes none. */
final class RowPieces {
    private final int rows;
    private Tensor tensor;
    private Tensor[] pieces;

    /** Views of so many rows each; the last one may be shorter. */
    RowPieces(int rows) {
        this.rows = rows;
    }

    @SuppressWarnings("ReferenceEquality") // A tensor is a view and has no equality but identity.
    Tensor[] of(Tensor tensor) {
        if (this.tensor != tensor) {
            Tensor[] made = new Tensor[Math.ceilDiv(tensor.rows(), rows)];
            for (int i = 0; i < made.length; i++) {
                int begin = i * rows;
                made[i] = piece(tensor, begin, Math.min(begin + rows, tensor.rows()));
            }
            this.pieces = made;
            this.tensor = tensor;
        }
        return pieces;
    }

    private static Tensor piece(Tensor tensor, int begin, int end) {
        return switch (tensor) {
            case HeapTensor heap -> heap.rowRange(begin, end);
            case PackedTensor packed -> packed.rowRange(begin, end);
            case MappedTensor mapped -> {
                long byteOffset = mapped.dtype().byteSize((long) begin * mapped.columns());
                long bytes = mapped.dtype().byteSize((long) (end - begin) * mapped.columns());
                yield new MappedTensor(
                        mapped.dtype(),
                        Shape.of(end - begin, mapped.columns()),
                        mapped.segment().asSlice(byteOffset, bytes));
            }
        };
    }
}
