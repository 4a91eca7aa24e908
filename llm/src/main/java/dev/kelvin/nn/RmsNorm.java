// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.Objects;

/**
 * Root-mean-square normalisation of each row: y = x / √(mean(x²) + ε) · w.
 *
 * <p>Source: Zhang and Sennrich, Root Mean Square Layer Normalization, 2019.
 */
public final class RmsNorm implements NormLayer {
    private final Compute compute;
    private final HeapTensor weight;
    private final float epsilon;

    /**
     * Wraps the gains, which are neither copied nor changed.
     *
     * @param weight {@code [D]}
     * @param epsilon added to the mean square; finite and not negative
     * @throws IllegalArgumentException if the weight is not a vector or epsilon out of range
     */
    public RmsNorm(Compute compute, HeapTensor weight, float epsilon) {
        this.compute = Objects.requireNonNull(compute, "compute");
        if (weight.shape().rank() != 1) {
            throw new IllegalArgumentException("rmsNorm: weight must be [D], but is " + weight.shape());
        }
        if (!(epsilon >= 0) || epsilon == Float.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("rmsNorm: epsilon must be finite and not negative, but is " + epsilon);
        }
        this.weight = weight;
        this.epsilon = epsilon;
    }

    @Override
    public void forward(HeapTensor x, HeapTensor y) {
        int width = weight.columns();
        compute.rows().rmsNorm(NormLayer.rows(x, width), weight, epsilon, NormLayer.rows(y, width));
    }
}
