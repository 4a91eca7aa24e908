// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.operand.ConvolutionCall;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Part;
import dev.kelvin.tensor.HeapTensor;

/** A causal convolution of each of C channels over K positions, whose last K − 1 rows are a state. */
final class CausalConvolution {
    private final Compute compute;
    private final HeapTensor taps;
    private final HeapTensor bias;
    private final int slot;

    /**
     * Turns the taps round, so that the channels of a tap lie together.
     *
     * @param plan {@code [C, K]}, or those rows of a matrix, the oldest tap first
     * @param bias {@code [C]}; null for none
     * @param slot the number of its state among what all layers keep
     */
    CausalConvolution(Part plan, Part bias, int slot, WeightSource weights, Compute compute) {
        this.compute = compute;
        this.slot = slot;
        this.bias = bias == null ? null : weights.vector(bias);
        HeapTensor byChannel = weights.matrix(plan.weight()).rowRange(plan.begin(), plan.end());
        int channels = byChannel.rows();
        taps = HeapTensor.zeros(byChannel.columns(), channels);
        for (int tap = 0; tap < taps.rows(); tap++) {
            for (int c = 0; c < channels; c++) {
                taps.data()[tap * channels + c] = byChannel.data()[byChannel.offset() + c * taps.rows() + tap];
            }
        }
    }

    /** What it keeps of a sequence. */
    LayerMemory.State memory() {
        return new LayerMemory.State(Math.multiplyExact(taps.rows() - 1, taps.columns()));
    }

    /**
     * Convolves.
     *
     * @param x {@code [T, C]}
     * @param y {@code [T, C]}, overwritten; must not overlap {@code x}
     */
    void forward(HeapTensor x, HeapTensor y, Context context) {
        compute.recurrences().shortConvolution(new ConvolutionCall(x, taps, bias, context.states(slot), y));
    }
}
