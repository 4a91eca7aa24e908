// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.Objects;

/**
 * The gated feed-forward layer: y = (silu(x·Wgᵀ) ⊙ x·Wuᵀ)·Wdᵀ.
 *
 * <p>Source: Shazeer, GLU Variants Improve Transformer, 2020.
 */
public final class SwiGluFeedForward {
    private final Compute compute;
    private final Linear gate;
    private final Linear up;
    private final Linear down;

    /**
     * Puts a feed-forward layer together.
     *
     * @param gate {@code [F, D]}
     * @param up {@code [F, D]}
     * @param down {@code [D, F]}
     * @throws IllegalArgumentException if the shapes do not fit together
     */
    public SwiGluFeedForward(Compute compute, Linear gate, Linear up, Linear down) {
        this.compute = Objects.requireNonNull(compute, "compute");
        if (gate.inputDim() != up.inputDim()
                || gate.outputDim() != up.outputDim()
                || down.inputDim() != gate.outputDim()
                || down.outputDim() != gate.inputDim()) {
            throw new IllegalArgumentException("feedForward: gate and up must be [F, D] and down [D, F], but are "
                    + shape(gate) + ", " + shape(up) + " and " + shape(down));
        }
        this.gate = gate;
        this.up = up;
        this.down = down;
    }

    private static String shape(Linear linear) {
        return "[" + linear.outputDim() + ", " + linear.inputDim() + "]";
    }

    /** The intermediate rows of a call, kept for the next one; all feed-forward layers of a model can share it. */
    public static final class Scratch {
        private final RowBuffer gate;
        private final RowBuffer up;

        /** Makes scratch for layers of this width; it grows to the largest number of positions seen. */
        public Scratch(int ffnDim) {
            gate = new RowBuffer(ffnDim);
            up = new RowBuffer(ffnDim);
        }
    }

    /**
     * Computes the layer for T positions.
     *
     * @param x {@code [T, D]}
     * @param y {@code [T, D]}, overwritten; must not overlap {@code x}
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public void forward(HeapTensor x, HeapTensor y, Scratch scratch) {
        HeapTensor gated = scratch.gate.rows(x.rows());
        HeapTensor raised = scratch.up.rows(x.rows());
        gate.forward(x, gated);
        up.forward(x, raised);
        compute.swiGlu(gated, raised, gated);
        down.forward(gated, y);
    }
}
