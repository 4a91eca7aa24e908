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

    /**
     * Computes silu(conv(x·Wᵀ) + b).
     *
     * @param x {@code [T, D]}
     * @param between {@code [T, C]}, overwritten
     * @param y {@code [T, C]}, overwritten; must overlap neither
     */
    void forward(HeapTensor x, HeapTensor between, HeapTensor y, Context context) {
        projection.forward(x, between);
        convolution.forward(between, y, context);
        compute.elements().activate(Activation.SILU, y, y);
    }
}
