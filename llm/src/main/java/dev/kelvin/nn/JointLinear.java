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
    private final Linear[] maps;
    private final Tensor[] weights;

    /** Joins maps that take rows of the same width. */
    JointLinear(Compute compute, Linear... maps) {
        this.compute = compute;
        this.maps = maps.clone();
        weights = new Tensor[maps.length];
        for (int i = 0; i < maps.length; i++) {
            weights[i] = maps[i].weight();
        }
    }

    /**
     * Computes each map.
     *
     * @param x {@code [T, K]}
     * @param ys for each map {@code [T, N]}, overwritten; must overlap neither {@code x} nor one another
     */
    void forward(HeapTensor x, HeapTensor... ys) {
        compute.matmul(x, weights, ys);
        for (int i = 0; i < maps.length; i++) {
            maps[i].finish(ys[i]);
        }
    }
}
