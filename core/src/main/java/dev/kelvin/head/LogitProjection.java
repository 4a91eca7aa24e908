// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Tensor;

/**
 * The linear projection to the vocabulary (lm_head): logits = hidden·Wᵀ. It owns no threads and no memory; used by one
 * thread at a time, as its {@link Compute}.
 */
public final class LogitProjection {
    private final Compute compute;
    private final Tensor weight;

    /**
     * A projection.
     *
     * @param compute does the work
     * @param weight [V, D], of any type that {@link Compute#matmul} takes
     * @throws IllegalArgumentException if the weight is not a matrix
     */
    public LogitProjection(Compute compute, Tensor weight) {
        if (weight.shape().rank() != 2) {
            throw new IllegalArgumentException(
                    "LogitProjection: weight has shape " + weight.shape() + ", must be [V, D]");
        }
        this.compute = compute;
        this.weight = weight;
    }

    /**
     * Projects hidden states.
     *
     * @param hidden [B, D]
     * @param logits [B, V], overwritten; may not overlap {@code hidden}
     * @throws IllegalArgumentException if a shape does not fit
     */
    public void forward(HeapTensor hidden, HeapTensor logits) {
        compute.matmul(hidden, weight, logits);
    }

    /** V. */
    public int vocabSize() {
        return weight.shape().dim(0);
    }

    /** D. */
    public int dim() {
        return weight.shape().dim(1);
    }
}
