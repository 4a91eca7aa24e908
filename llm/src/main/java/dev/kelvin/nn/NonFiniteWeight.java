// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.RowDecoder;
import dev.kelvin.tensor.Tensor;
import java.util.Optional;

/**
 * A weight that is NaN or infinite, which makes all logits NaN sooner or later.
 *
 * @param tensor its tensor's name
 * @param row of the tensor, whose leading dimensions are folded into rows
 * @param column of the row
 * @param value what it is
 */
public record NonFiniteWeight(String tensor, int row, int column, float value) {
    /** The first of a plan in the order of its tensors; empty if there is none. Reads every weight. */
    static Optional<NonFiniteWeight> first(DecoderPlan plan, WeightSource source) {
        RowDecoder decoder = new RowDecoder();
        for (Weight weight : plan.weights()) {
            Tensor tensor = weight.shape().rank() < 2 ? source.vector(weight) : source.table(weight);
            int columns = tensor.shape().columns();
            float[] values = new float[columns];
            for (int row = 0; row < tensor.shape().rows(); row++) {
                read(tensor, row, values, decoder);
                for (int column = 0; column < columns; column++) {
                    if (!Float.isFinite(values[column])) {
                        return Optional.of(new NonFiniteWeight(weight.name(), row, column, values[column]));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static void read(Tensor tensor, int row, float[] values, RowDecoder decoder) {
        switch (tensor) {
            case HeapTensor heap ->
                System.arraycopy(heap.data(), heap.offset() + row * values.length, values, 0, values.length);
            case MappedTensor mapped -> decoder.decode(mapped, row, values, 0);
            default -> throw new AssertionError("a table is not packed: " + tensor);
        }
    }

    /** What it is and where in its tensor, for messages that name the tensor already. */
    public String found() {
        return value + " in row " + row + ", column " + column;
    }

    /** Where it is, for messages. */
    @Override
    public String toString() {
        return "tensor " + tensor + " has " + found();
    }
}
