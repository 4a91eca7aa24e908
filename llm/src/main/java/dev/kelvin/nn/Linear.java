// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Tensor;
import java.util.Objects;

/**
 * A linear map without bias: y = x·Wᵀ, with x {@code [T, K]}, W {@code [N, K]} and y {@code [T, N]}.
 *
 * <p>It hides where the weights lie (on the heap or in a mapped file) and of which type they are; a model that is built
 * on it does not change when a weight type is added.
 */
public final class Linear {
    private final Compute compute;
    private final Tensor weight;

    /**
     * Wraps a weight matrix, which is neither copied nor changed.
     *
     * @param weight {@code [N, K]}
     * @throws IllegalArgumentException if the weight is not a matrix or of a type that cannot be computed
     */
    public Linear(Compute compute, Tensor weight) {
        this.compute = Objects.requireNonNull(compute, "compute");
        if (weight.shape().rank() != 2) {
            throw new IllegalArgumentException("linear: weight must be [N, K], but is " + weight.shape());
        }
        if (!supports(weight.dtype())) {
            throw new IllegalArgumentException("linear: weight " + weight.shape() + " is of type " + weight.dtype()
                    + "; only these can be computed: " + DType.decodable());
        }
        this.weight = weight;
    }

    /** Whether weights of this type can be computed. */
    public static boolean supports(DType type) {
        return type.isDecodable();
    }

    /** K, the elements of an input row. */
    public int inputDim() {
        return weight.columns();
    }

    /** N, the elements of an output row. */
    public int outputDim() {
        return weight.rows();
    }

    /**
     * Computes y = x·Wᵀ.
     *
     * @param x {@code [T, K]}
     * @param y {@code [T, N]}, overwritten; must not overlap {@code x}
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public void forward(HeapTensor x, HeapTensor y) {
        compute.matmul(x, weight, y);
    }
}
