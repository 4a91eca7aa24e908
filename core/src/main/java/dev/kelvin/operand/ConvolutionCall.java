// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.StateRows;

/**
 * A short causal convolution of each channel over the rows of a batch: y[t, c] = Σⱼ weight[j, c]·x[t − (K − 1) + j, c]
 * + bias[c]. What lies before a sequence's first row of the batch is its state: the last K − 1 rows of x, zeros at
 * first.
 *
 * @param x [R, C]
 * @param weight [K, C], the oldest tap first
 * @param bias [C]; null for none
 * @param states whose the rows are, and [K − 1, C] of each sequence
 * @param y [R, C], overwritten; may not overlap the others
 */
public record ConvolutionCall(HeapTensor x, HeapTensor weight, HeapTensor bias, StateRows states, HeapTensor y) {
    /** K. */
    public int taps() {
        return weight.rows();
    }

    /** C. */
    public int channels() {
        return x.columns();
    }

    /** Floats of a sequence's state. */
    public long stateFloats() {
        return (taps() - 1L) * channels();
    }
}
