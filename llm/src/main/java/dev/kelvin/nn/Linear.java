// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Projection;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Tensor;
import java.util.Objects;

/**
 * A linear map: y = s · x·Wᵀ + b, with x {@code [T, K]}, W {@code [N, K]}, b {@code [N]} or none, and y {@code [T, N]};
 * s is 1 but in files that say otherwise.
 *
 * <p>It hides where the weights lie (on the heap or in a mapped file) and of which type they are; a model that is built
 * on it does not change when a weight type is added.
 */
public final class Linear {
    private final Compute compute;
    private final Tensor weight;
    private final HeapTensor bias;
    private final float scale;

    /**
     * Wraps a weight matrix, which is neither copied nor changed.
     *
     * @param weight {@code [N, K]}
     * @param bias {@code [N]}; null for none
     * @throws IllegalArgumentException if the weight is not a matrix or of a type that cannot be computed, or the bias
     *     has another length
     */
    public Linear(Compute compute, Tensor weight, HeapTensor bias) {
        this(compute, weight, bias, 1);
    }

    private Linear(Compute compute, Tensor weight, HeapTensor bias, float scale) {
        this.compute = Objects.requireNonNull(compute, "compute");
        if (weight.shape().rank() != 2) {
            throw new IllegalArgumentException("linear: weight must be [N, K], but is " + weight.shape());
        }
        if (!weight.dtype().isDecodable()) {
            throw new IllegalArgumentException("linear: weight " + weight.shape() + " is of type " + weight.dtype()
                    + "; only these can be computed: " + DType.decodable());
        }
        if (bias != null && (bias.shape().rank() != 1 || bias.columns() != weight.rows())) {
            throw new IllegalArgumentException("linear: bias must be [" + weight.rows() + "], but is " + bias.shape());
        }
        this.weight = weight;
        this.bias = bias;
        this.scale = scale;
    }

    /** The map of a plan. */
    static Linear of(Projection plan, WeightSource weights, Compute compute) {
        HeapTensor bias = plan.bias() == null ? null : weights.vector(plan.bias());
        float scale = plan.scale() == null ? 1 : weights.elements(plan.scale())[0];
        return new Linear(compute, weights.factor(plan.weight()), bias, scale);
    }

    /** K, the elements of an input row. */
    public int inputDim() {
        return weight.columns();
    }

    /** N, the elements of an output row. */
    public int outputDim() {
        return weight.rows();
    }

    /** W. */
    public Tensor weight() {
        return weight;
    }

    /**
     * Computes y = s · x·Wᵀ + b.
     *
     * @param x {@code [T, K]}
     * @param y {@code [T, N]}, overwritten; must not overlap {@code x}
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public void forward(HeapTensor x, HeapTensor y) {
        compute.matmul(x, weight, y);
        finish(y);
    }

    /** From x·Wᵀ to y. */
    void finish(HeapTensor y) {
        if (scale != 1) {
            compute.elements().scale(y, scale, y);
        }
        if (bias != null) {
            compute.rows().addBias(y, bias);
        }
    }
}
