// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.Objects;

/**
 * Normalisation of each row to mean 0 and variance 1: y = (x − mean(x)) / √(variance(x) + ε) · w + b.
 *
 * <p>Source: Ba et al., Layer Normalization, 2016.
 */
public final class LayerNorm implements NormLayer {
    private final Compute compute;
    private final HeapTensor weight;
    private final HeapTensor bias;
    private final float epsilon;

    /**
     * Wraps gains and biases, which are neither copied nor changed.
     *
     * @param weight {@code [D]}
     * @param bias {@code [D]}
     * @param epsilon added to the variance; finite and not negative
     * @throws IllegalArgumentException if they are not vectors of one length or epsilon is out of range
     */
    public LayerNorm(Compute compute, HeapTensor weight, HeapTensor bias, float epsilon) {
        this.compute = Objects.requireNonNull(compute, "compute");
        if (weight.shape().rank() != 1 || !weight.shape().equals(bias.shape())) {
            throw new IllegalArgumentException(
                    "layerNorm: weight and bias must be [D], but are " + weight.shape() + " and " + bias.shape());
        }
        if (!(epsilon >= 0) || epsilon == Float.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("layerNorm: epsilon must be finite and not negative, but is " + epsilon);
        }
        this.weight = weight;
        this.bias = bias;
        this.epsilon = epsilon;
    }

    @Override
    public void forward(HeapTensor x, HeapTensor y) {
        int width = weight.columns();
        compute.rows().layerNorm(NormLayer.rows(x, width), weight, bias, epsilon, NormLayer.rows(y, width));
    }
}
