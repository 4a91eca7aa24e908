// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.operand.Activation;
import dev.kelvin.tensor.HeapTensor;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Operations on elements and rows of layers: their formulas, their bits everywhere, their refusals. */
class ComputeLayersTest {
    private static HeapTensor random(int seed, int rows, int columns) {
        Random random = new Random(seed);
        HeapTensor tensor = HeapTensor.zeros(rows, columns);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextGaussian();
        }
        return tensor;
    }

    private static HeapTensor copy(HeapTensor x) {
        return HeapTensor.of(x.data().clone(), x.rows(), x.columns());
    }

    private static HeapTensor everywhere(HeapTensor x, BiConsumer<Compute, HeapTensor> operation) {
        HeapTensor expected = copy(x);
        operation.accept(ComputeGrid.reference(), expected);
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            HeapTensor actual = copy(x);
            operation.accept(point.compute(), actual);
            assertArrayEquals(expected.data(), actual.data(), point::toString);
        }
        return expected;
    }

    @Test
    void elements() {
        HeapTensor x = random(1, 5, 700);
        HeapTensor up = random(2, 5, 700);
        for (Activation f : Activation.values()) {
            HeapTensor activated =
                    everywhere(x, (compute, y) -> compute.elements().activate(f, y, y));
            HeapTensor gated = everywhere(x, (compute, y) -> compute.elements().gated(f, y, up, y));
            for (int i = 0; i < gated.data().length; i++) {
                assertEquals(activated.data()[i] * up.data()[i], gated.data()[i]);
            }
        }
        HeapTensor capped = everywhere(x, (compute, y) -> compute.elements().softCap(y, 2, y));
        assertEquals(2 * Math.tanh(x.data()[7] / 2), capped.data()[7], 1e-6);
        HeapTensor clamped = everywhere(x, (compute, y) -> compute.elements().clampedSwiGlu(y, up, 1.5f, 0.5f, y));
        double g = Math.min(x.data()[9], 0.5);
        double u = Math.clamp(up.data()[9], -0.5, 0.5);
        assertEquals(g / (1 + Math.exp(-1.5 * g)) * (u + 1), clamped.data()[9], 1e-6);
    }

    @Test
    void rows() {
        HeapTensor x = random(1, 9, 37);
        HeapTensor weight = random(2, 1, 37);
        float[] factors = random(3, 1, 11).data();
        HeapTensor unit = everywhere(x, (compute, y) -> compute.rows().l2Norm(y, 1e-6f, y));
        HeapTensor byRow = everywhere(x, (compute, y) -> compute.rows().scaleRows(y, factors, y));
        HeapTensor byColumn = everywhere(x, (compute, y) -> compute.rows().scaleColumns(y, weight, y));
        HeapTensor biased = everywhere(x, (compute, y) -> compute.rows().addBias(y, weight));
        HeapTensor scaled = everywhere(x, (compute, y) -> compute.elements().scale(y, 3, y));
        HeapTensor normed = everywhere(x, (compute, y) -> compute.rows().layerNorm(y, weight, weight, 1e-5f, y));
        for (int row = 0; row < 9; row++) {
            double squares = 0;
            double mean = 0;
            for (int i = 0; i < 37; i++) {
                squares += Math.pow(x.data()[row * 37 + i], 2);
                mean += x.data()[row * 37 + i] / 37.0;
            }
            double variance = squares / 37 - mean * mean;
            for (int i = 0; i < 37; i++) {
                int at = row * 37 + i;
                float value = x.data()[at];
                float w = weight.data()[i];
                assertEquals(value / Math.sqrt(squares), unit.data()[at], 1e-6);
                assertEquals(value * factors[row], byRow.data()[at]);
                assertEquals(value * w, byColumn.data()[at]);
                assertEquals(value + w, biased.data()[at]);
                assertEquals(value * 3, scaled.data()[at]);
                assertEquals((value - mean) / Math.sqrt(variance + 1e-5) * w + w, normed.data()[at], 1e-5);
            }
        }
        HeapTensor zeros = HeapTensor.zeros(1, 4);
        ComputeGrid.fastest().rows().l2Norm(zeros, 1e-6f, zeros);
        assertEquals(0, zeros.data()[0]);
    }

    @Test
    void refusals() {
        Compute compute = ComputeGrid.fastest();
        HeapTensor x = HeapTensor.zeros(2, 3);
        refuses("softCap: cap must be positive and finite, got 0.0", () -> compute.elements()
                .softCap(x, 0, x));
        refuses("l2Norm: epsilon must be positive and finite, got 0.0", () -> compute.rows()
                .l2Norm(x, 0, x));
        refuses("scaleRows: 1 factors for the rows of x [2, 3]", () -> compute.rows()
                .scaleRows(x, new float[1], x));
        refuses("gated: gate [2, 3] and up [3, 2] must have the same shape", () -> compute.elements()
                .gated(Activation.TANH, x, HeapTensor.zeros(3, 2), x));
        refuses("scaleColumns: x [2, 3] and weight [2] must have as many columns", () -> compute.rows()
                .scaleColumns(x, HeapTensor.zeros(2), x));
    }

    private static void refuses(String message, Runnable operation) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, operation::run).getMessage());
    }
}
