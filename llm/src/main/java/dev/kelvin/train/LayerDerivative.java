// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.nn.AttentionLayer;
import dev.kelvin.nn.GatedFeedForward;
import dev.kelvin.nn.Layer;
import dev.kelvin.nn.PlainFeedForward;
import dev.kelvin.nn.RowBuffers;
import dev.kelvin.operand.Activation;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;

/** The derivative of what a branch computes. */
interface LayerDerivative {
    /**
     * That of a layer.
     *
     * @throws IllegalArgumentException if none is known
     */
    static LayerDerivative of(Layer layer, Parameters parameters, WholeSequences sequences, Compute compute) {
        return switch (layer) {
            case AttentionLayer attention
            when AttentionDerivative.isOf(attention.plan()) ->
                new AttentionDerivative(attention, parameters, sequences, compute);
            case GatedFeedForward gated
            when gated.plan().activation() == Activation.SILU -> new GatedDerivative(gated.plan(), parameters, compute);
            case PlainFeedForward plain
            when plain.plan().activation() == Activation.GELU_TANH ->
                new PlainDerivative(plain.plan(), parameters, compute);
            default -> throw new IllegalArgumentException("train: no derivative is known of this " + layer);
        };
    }

    /**
     * Adds to the gradients of the parameters.
     *
     * @param dy [R, D]
     * @param x [R, D], what went into the layer
     * @param dx [R, D], overwritten
     * @param kept what the layer kept
     * @param scratch buffers of the same widths
     */
    void backward(HeapTensor dy, HeapTensor x, HeapTensor dx, RowBuffers kept, RowBuffers scratch);
}
