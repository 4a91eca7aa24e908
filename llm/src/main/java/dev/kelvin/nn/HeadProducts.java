// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.ExpertProjection;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Tensor;

/** A linear map of each head of a row by a matrix of its own: y_h = W_h·x_h. */
final class HeadProducts {
    private final Compute compute;
    private final Tensor[] matrices;

    HeadProducts(ExpertProjection plan, WeightSource weights, Compute compute) {
        this.compute = compute;
        matrices = new Tensor[plan.experts()];
        for (int head = 0; head < matrices.length; head++) {
            matrices[head] = weights.factor(plan.of(head));
        }
    }

    /**
     * Computes the rows of each head, all of one head before those of the next.
     *
     * @param x {@code [H * T, K]}
     * @param y {@code [H * T, N]}, overwritten
     */
    void forward(HeapTensor x, HeapTensor y) {
        int rows = x.rows() / matrices.length;
        for (int head = 0; head < matrices.length; head++) {
            compute.matmul(
                    x.rowRange(head * rows, (head + 1) * rows),
                    matrices[head],
                    y.rowRange(head * rows, (head + 1) * rows));
        }
    }
}
