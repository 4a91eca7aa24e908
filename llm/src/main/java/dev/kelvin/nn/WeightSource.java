// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.plan.Part;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Tensor;
import java.util.Arrays;

/** Where a decoder finds the numbers of its plan: in a file, or among the parameters of a training run. */
public interface WeightSource {
    /** A matrix whose rows are looked up. */
    Tensor table(Weight weight);

    /** Rows of a matrix to multiply with, in whatever form is fastest. */
    Tensor factor(Part part);

    /** A vector, or a part of one. */
    HeapTensor vector(Part part);

    /** A whole vector. */
    default HeapTensor vector(Weight weight) {
        return vector(weight.whole());
    }

    /** A copy of the elements of a vector. */
    default float[] elements(Weight weight) {
        HeapTensor vector = vector(weight);
        return Arrays.copyOfRange(vector.data(), vector.offset(), vector.offset() + weight.rows());
    }

    /** A whole matrix as numbers, for those that are added and not multiplied with. */
    default HeapTensor matrix(Weight weight) {
        return switch (table(weight)) {
            case HeapTensor heap -> heap;
            case MappedTensor mapped -> mapped.toHeap();
            case PackedTensor packed -> throw new AssertionError("a table is not packed: " + packed);
        };
    }
}
