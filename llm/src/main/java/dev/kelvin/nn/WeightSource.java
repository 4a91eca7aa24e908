// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.plan.Part;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Tensor;

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
}
