// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;

/** LayerNorm where the parameters have a bias of this name, else RMSNorm, with the derivatives. */
final class TrainedNorm {
    private final Compute compute;
    private final HeapTensor weight;
    private final HeapTensor weightGradient;
    private final HeapTensor bias;
    private final HeapTensor biasGradient;

    TrainedNorm(Compute compute, Parameters parameters, String name) {
        this.compute = compute;
        this.weight = parameters.value(name + ".weight");
        this.weightGradient = parameters.gradient(name + ".weight");
        boolean centred = parameters.contains(name + ".bias");
        this.bias = centred ? parameters.value(name + ".bias") : null;
        this.biasGradient = centred ? parameters.gradient(name + ".bias") : null;
    }

    void forward(HeapTensor x, HeapTensor y) {
        if (bias == null) {
            compute.rmsNorm(x, weight, DecoderShape.NORM_EPSILON, y);
        } else {
            compute.training().layerNorm(x, weight, bias, DecoderShape.NORM_EPSILON, y);
        }
    }

    /** Adds to dx and to the gradients of the parameters. */
    void backward(HeapTensor x, HeapTensor dy, HeapTensor dx) {
        if (bias == null) {
            compute.training().rmsNormBackward(x, weight, DecoderShape.NORM_EPSILON, dy, dx, weightGradient);
        } else {
            compute.training()
                    .layerNormBackward(x, weight, DecoderShape.NORM_EPSILON, dy, dx, weightGradient, biasGradient);
        }
    }
}
