// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Projection;
import dev.kelvin.tensor.HeapTensor;

/** The derivative of y = x·Wᵀ + b. */
final class LinearDerivative {
    private final Compute compute;
    private final HeapTensor weight;
    private final HeapTensor weightGradient;
    private final HeapTensor biasGradient;

    LinearDerivative(Projection plan, Parameters parameters, Compute compute) {
        this.compute = compute;
        weight = parameters.factor(plan.weight());
        weightGradient = parameters.gradient(plan.weight());
        biasGradient = plan.bias() == null ? null : parameters.gradient(plan.bias());
    }

    /** Adds to the gradients of the parameters, and writes dx or adds to it. */
    void backward(HeapTensor dy, HeapTensor x, HeapTensor dx, boolean accumulate) {
        compute.training().matmulBackwardInput(dy, weight, dx, accumulate);
        compute.training().matmulBackwardWeight(dy, x, weightGradient, true);
        if (biasGradient != null) {
            compute.training().biasBackward(dy, biasGradient);
        }
    }
}
