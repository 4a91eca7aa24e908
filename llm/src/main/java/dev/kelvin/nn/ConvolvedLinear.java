// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.operand.Activation;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Convolved;
import dev.kelvin.tensor.HeapTensor;

/** A linear map, a causal convolution and a SiLU, as {@link Convolved} describes them. */
final class ConvolvedLinear {
    private final Compute compute;
    private final Linear projection;
    private final CausalConvolution convolution;

    /**
     * Puts them together.
     *
     * @param slot the number of the convolution's state among what all layers keep
     */
    ConvolvedLinear(Convolved plan, int slot, WeightSource weights, Compute compute) {
        this.compute = compute;
        projection = Linear.of(plan.projection(), weights, compute);
        convolution = new CausalConvolution(plan.taps(), plan.bias(), slot, weights, compute);
    }

    /** What it keeps of a sequence. */
    LayerMemory.State memory() {
        return convolution.memory();
    }

    /** What goes into the convolution: x·Wᵀ. */
    Linear projection() {
        return projection;
    }

    /**
     * Computes silu(conv(x·Wᵀ) + b).
     *
     * @param projected x·Wᵀ, {@code [T, C]}
     * @param y {@code [T, C]}, overwritten; must not overlap it
     */
    void convolve(HeapTensor projected, HeapTensor y, Context context) {
        convolution.forward(projected, y, context);
        compute.elements().activate(Activation.SILU, y, y);
    }
}
