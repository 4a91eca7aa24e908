// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Norm;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.HeapTensor;

/** The derivative of a norm of whole rows. */
final class NormDerivative {
    private final Compute compute;
    private final float epsilon;
    private final HeapTensor gain;
    private final HeapTensor gainGradient;
    private final HeapTensor biasGradient;

    NormDerivative(Norm plan, Parameters parameters, Compute compute) {
        this.compute = compute;
        epsilon = plan.epsilon();
        Weight bias =
                switch (plan) {
                    case Norm.Rms _ -> null;
                    case Norm.Layer layer when layer.bias() != null -> layer.bias();
                    case Norm.Layer _, Norm.PlainRms _ ->
                        throw new IllegalArgumentException("train: no derivative is known of " + plan);
                };
        gain = parameters.vector(plan.gain());
        gainGradient = parameters.gradient(plan.gain().whole());
        biasGradient = bias == null ? null : parameters.gradient(bias.whole());
    }

    /** Adds to dx and to the gradients of the parameters. */
    void backward(HeapTensor x, HeapTensor dy, HeapTensor dx) {
        if (biasGradient == null) {
            compute.training().rmsNormBackward(x, gain, epsilon, dy, dx, gainGradient);
        } else {
            compute.training().layerNormBackward(x, gain, epsilon, dy, dx, gainGradient, biasGradient);
        }
    }
}
