// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Tensor;

/**
 * Linear maps of the same rows, one after the other to the bit. Few rows take one hand-over to the threads for all
 * maps: while a token is made, that is what a small product costs beside its weights.
 */
final class JointLinear {
    private final Compute compute;
    private final int[] slots;
    private final Linear[] maps;
    private final Tensor[] weights;
    private final HeapTensor[] ys;

    /**
     * Joins maps that take rows of the same width.
     *
     * @param slots where the rows of each map go, all different
     */
    JointLinear(Compute compute, int[] slots, Linear... maps) {
        this.compute = compute;
        this.slots = slots.clone();
        this.maps = maps.clone();
        weights = new Tensor[maps.length];
        for (int i = 0; i < maps.length; i++) {
            weights[i] = maps[i].weight();
        }
        ys = new HeapTensor[maps.length];
    }

    /**
     * Computes each map, into its slot.
     *
     * @param x {@code [T, K]}, in none of these slots
     */
    void forward(HeapTensor x, RowBuffers kept) {
        for (int i = 0; i < ys.length; i++) {
            ys[i] = kept.rows(slots[i], x.rows());
        }
        compute.matmul(x, weights, ys);
        for (int i = 0; i < maps.length; i++) {
            maps[i].finish(ys[i]);
        }
    }
}
