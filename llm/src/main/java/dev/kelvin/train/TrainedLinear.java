// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;

/** y = x·Wᵀ + b with its derivatives; b may be absent. */
final class TrainedLinear {
    private final Compute compute;
    private final HeapTensor weight;
    private final HeapTensor weightGradient;
    private final HeapTensor bias;
    private final HeapTensor biasGradient;

    private TrainedLinear(
            Compute compute, HeapTensor weight, HeapTensor weightGradient, HeapTensor bias, HeapTensor biasGradient) {
        this.compute = compute;
        this.weight = weight;
        this.weightGradient = weightGradient;
        this.bias = bias;
        this.biasGradient = biasGradient;
    }

    /** The whole of a tensor, with the bias of the same name if there is one. */
    static TrainedLinear of(Compute compute, Parameters parameters, String name) {
        HeapTensor weight = parameters.value(name + ".weight");
        return rows(compute, parameters, name, 0, weight.rows());
    }

    /** Some rows of a tensor, where a file keeps several projections in one. */
    static TrainedLinear rows(Compute compute, Parameters parameters, String name, int begin, int end) {
        String bias = name + ".bias";
        boolean biased = parameters.contains(bias);
        return new TrainedLinear(
                compute,
                parameters.value(name + ".weight").rowRange(begin, end),
                parameters.gradient(name + ".weight").rowRange(begin, end),
                biased ? part(parameters.value(bias), begin, end) : null,
                biased ? part(parameters.gradient(bias), begin, end) : null);
    }

    private static HeapTensor part(HeapTensor vector, int begin, int end) {
        return HeapTensor.view(vector.data(), vector.offset() + begin, end - begin);
    }

    void forward(HeapTensor x, HeapTensor y) {
        compute.matmul(x, weight, y);
        if (bias != null) {
            compute.training().addBias(y, bias);
        }
    }

    /** Adds to the gradients of the parameters, and writes dx or adds to it. */
    void backward(HeapTensor dy, HeapTensor x, HeapTensor dx, boolean accumulate) {
        compute.matmulBackwardInput(dy, weight, dx, accumulate);
        compute.matmulBackwardWeight(dy, x, weightGradient, true);
        if (bias != null) {
            compute.training().biasBackward(dy, biasGradient);
        }
    }
}
