// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operand.RopeTable;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RopeTest {
    private final Compute compute = Compute.serial();

    @AfterEach
    void close() {
        compute.close();
    }

    private Rope rope(int headDim, double... frequencies) {
        return new Rope(compute, RopeTable.Pairing.ADJACENT, headDim, frequencies, 1);
    }

    private Rope plain() {
        return rope(8, RopeTable.frequencies(8, 10_000));
    }

    private static int[] from(int position, int rows) {
        return IntStream.range(position, position + rows).toArray();
    }

    private void refused(String message, int headDim, double magnitude, double... frequencies) {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> new Rope(compute, RopeTable.Pairing.HALVES, headDim, frequencies, magnitude));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    private static HeapTensor ramp(int rows, int columns) {
        HeapTensor x = HeapTensor.zeros(rows, columns);
        for (int i = 0; i < x.data().length; i++) {
            x.data()[i] = (float) Math.sin(i + 1);
        }
        return x;
    }

    @Test
    void turnsAdjacentPairsByPositionTimesFrequency() {
        Rope rope = rope(6, 1, 0.1 / 2);
        HeapTensor x = ramp(2, 12);
        HeapTensor y = ramp(2, 12);
        rope.forward(y, from(7, 2));
        for (int t = 0; t < 2; t++) {
            for (int h = 0; h < 2; h++) {
                int offset = t * 12 + h * 6;
                for (int i = 0; i < 2; i++) {
                    double angle = (7 + t) * (i == 0 ? 1 : 0.1 / 2);
                    double a = x.data()[offset + 2 * i];
                    double b = x.data()[offset + 2 * i + 1];
                    assertEquals(a * Math.cos(angle) - b * Math.sin(angle), y.data()[offset + 2 * i], 1e-6);
                    assertEquals(a * Math.sin(angle) + b * Math.cos(angle), y.data()[offset + 2 * i + 1], 1e-6);
                }
                assertEquals(x.data()[offset + 4], y.data()[offset + 4]);
                assertEquals(x.data()[offset + 5], y.data()[offset + 5]);
            }
        }
    }

    @Test
    void positionZeroChangesNothing() {
        HeapTensor y = ramp(1, 16);
        plain().forward(y, from(0, 1));
        assertArrayEquals(ramp(1, 16).data(), y.data());
    }

    @Test
    void theTableGrowsWithoutChangingBits() {
        Rope grown = plain();
        Rope fresh = plain();
        assertEquals(64, grown.table(1).positions());
        for (int position : new int[] {0, 63, 64, 1, 127, 128, 1000, 3}) {
            HeapTensor a = ramp(3, 16);
            HeapTensor b = ramp(3, 16);
            HeapTensor c = ramp(3, 16);
            grown.forward(a, from(position, 3));
            fresh.forward(b, from(position, 3));
            for (int t = 0; t < 3; t++) {
                plain().forward(c.rowRange(t, t + 1), from(position + t, 1));
            }
            assertArrayEquals(a.data(), b.data());
            assertArrayEquals(a.data(), c.data());
        }
        assertEquals(1003, grown.table(5).positions());
        assertEquals(2006, grown.table(1004).positions());
    }

    /** Half-split pairs are adjacent ones in another order; the magnitude is a factor. */
    @Test
    void turnsHalvesAndScales() {
        double[] frequencies = {1, 0.3};
        HeapTensor x = ramp(2, 10);
        HeapTensor y = ramp(2, 10);
        new Rope(compute, RopeTable.Pairing.HALVES, 5, frequencies, 1.5).forward(y, new int[] {3, 70});
        for (int t = 0; t < 2; t++) {
            for (int h = 0; h < 2; h++) {
                int offset = t * 10 + h * 5;
                for (int i = 0; i < 2; i++) {
                    double angle = (t == 0 ? 3 : 70) * frequencies[i];
                    double a = 1.5 * x.data()[offset + i];
                    double b = 1.5 * x.data()[offset + 2 + i];
                    assertEquals(a * Math.cos(angle) - b * Math.sin(angle), y.data()[offset + i], 1e-6);
                    assertEquals(a * Math.sin(angle) + b * Math.cos(angle), y.data()[offset + 2 + i], 1e-6);
                }
                assertEquals(x.data()[offset + 4], y.data()[offset + 4]);
            }
        }
    }

    @Test
    void aPairOfFrequencyZeroStaysAsItIs() {
        HeapTensor x = HeapTensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 8);
        HeapTensor y = HeapTensor.of(x.data().clone(), 1, 8);
        rope(8, 1, 0, 0.5, 0).forward(y, new int[] {9});
        for (int i = 0; i < 8; i++) {
            boolean turns = i / 2 % 2 == 0;
            assertEquals(turns, x.data()[i] != y.data()[i], "element " + i);
        }
    }

    @Test
    void refusesParametersOutOfRange() {
        refused("dims must be even and in [2, headDim = 8], but is 0", 8, 1);
        refused("but is 10", 8, 1, 1, 1, 1, 1, 1);
        refused("frequencies[2] must be finite and not negative, but is -1.0", 8, 1, 1, 1, -1, 1);
        refused("frequencies[0]", 8, 1, Double.NaN, 1, 0, 1);
        refused("frequencies[1]", 8, 1, 1, Double.POSITIVE_INFINITY, 0, 1);
        refused("magnitude must be positive and finite, but is 0.0", 8, 0, 1, 1);
        refused("but is NaN", 8, Double.NaN, 1);
        refused("but is Infinity", 8, Double.POSITIVE_INFINITY, 1);
    }

    @Test
    void refusesPositionsOutOfRange() {
        Rope rope = plain();
        assertThrows(IllegalArgumentException.class, () -> rope.forward(ramp(1, 8), new int[] {-1}));
        assertThrows(IllegalArgumentException.class, () -> rope.forward(ramp(1, 8), new int[] {Integer.MAX_VALUE}));
        assertThrows(IllegalArgumentException.class, () -> rope.forward(ramp(2, 8), new int[1]));
        assertThrows(IllegalArgumentException.class, () -> rope.forward(ramp(1, 12), new int[1]));
    }

    @Test
    void keepsItsOwnCopyOfTheFrequencies() {
        double[] frequencies = {1, 2, 3, 4};
        Rope rope = rope(8, frequencies);
        frequencies[0] = 9;
        HeapTensor a = ramp(1, 8);
        HeapTensor b = ramp(1, 8);
        rope.forward(a, from(5, 1));
        rope(8, 1, 2, 3, 4).forward(b, from(5, 1));
        assertArrayEquals(b.data(), a.data());
    }
}
