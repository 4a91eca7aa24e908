// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Norm;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/** Normalises rows, or where it is narrower than a row, each head of a row. */
public sealed interface NormLayer permits RmsNorm, LayerNorm, HeadNorm {
    /** The layer of a plan; null for null. */
    static NormLayer of(Norm plan, WeightSource weights, Compute compute) {
        return switch (plan) {
            case null -> null;
            case Norm.Rms rms -> new RmsNorm(compute, weights.vector(rms.gain()), rms.epsilon());
            case Norm.PlainRms plain -> new RmsNorm(compute, ones(plain.width()), plain.epsilon());
            case Norm.Layer layer
            when layer.gain().shape().rank() == 2 ->
                new HeadNorm(compute, weights.matrix(layer.gain()), layer.epsilon());
            case Norm.Layer layer ->
                new LayerNorm(
                        compute,
                        weights.vector(layer.gain()),
                        layer.bias() == null ? HeapTensor.zeros(layer.width()) : weights.vector(layer.bias()),
                        layer.epsilon());
        };
    }

    private static HeapTensor ones(int width) {
        HeapTensor ones = HeapTensor.zeros(width);
        Arrays.fill(ones.data(), 1);
        return ones;
    }

    /**
     * Normalises.
     *
     * @param x {@code [T, columns]}; columns a multiple of the norm's width
     * @param y {@code [T, columns]}, overwritten; may be {@code x}
     * @throws IllegalArgumentException if the shapes do not fit
     */
    void forward(HeapTensor x, HeapTensor y);

    /** The same elements as rows of one width. */
    static HeapTensor rows(HeapTensor x, int width) {
        if (x.columns() == width || x.columns() % width != 0) {
            return x;
        }
        return HeapTensor.view(x.data(), x.offset(), Math.multiplyExact(x.rows(), x.columns() / width), width);
    }
}
