// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RopeTest {
    private final Compute compute = Compute.serial();

    @AfterEach
    void close() {
        compute.close();
    }

    private void refused(String message, int headDim, int dims, double base, float... factors) {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> new Rope(compute, headDim, dims, base, factors.length == 0 ? null : factors));
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
        Rope rope = new Rope(compute, 6, 4, 100, new float[] {1, 2});
        HeapTensor x = ramp(2, 12);
        HeapTensor y = ramp(2, 12);
        rope.forward(y, 7);
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
        new Rope(compute, 8, 8, 10000, null).forward(y, 0);
        assertArrayEquals(ramp(1, 16).data(), y.data());
    }

    @Test
    void theTableGrowsWithoutChangingBits() {
        Rope grown = new Rope(compute, 8, 8, 10000, null);
        Rope fresh = new Rope(compute, 8, 8, 10000, null);
        assertEquals(64, grown.table(1).positions());
        for (int position : new int[] {0, 63, 64, 1, 127, 128, 1000, 3}) {
            HeapTensor a = ramp(3, 16);
            HeapTensor b = ramp(3, 16);
            HeapTensor c = ramp(3, 16);
            grown.forward(a, position);
            fresh.forward(b, position);
            for (int t = 0; t < 3; t++) {
                new Rope(compute, 8, 8, 10000, null).forward(c.rowRange(t, t + 1), position + t);
            }
            assertArrayEquals(a.data(), b.data());
            assertArrayEquals(a.data(), c.data());
        }
        assertEquals(1003, grown.table(5).positions());
        assertEquals(2006, grown.table(1004).positions());
    }

    @Test
    void refusesParametersOutOfRange() {
        refused("dims must be even and in [2, headDim = 8], but is 3", 8, 3, 1e4);
        refused("but is 0", 8, 0, 1e4);
        refused("but is 10", 8, 10, 1e4);
        refused("base must be positive and finite, but is 0.0", 8, 8, 0);
        refused("but is NaN", 8, 8, Double.NaN);
        refused("but is Infinity", 8, 8, Double.POSITIVE_INFINITY);
        refused("frequencyFactors must be [4], but is [3]", 8, 8, 1e4, 1, 1, 1);
        refused("frequencyFactors[2] must be positive and finite, but is 0.0", 8, 8, 1e4, 1, 1, 0, 1);
        refused("frequencyFactors[0]", 8, 8, 1e4, Float.NaN, 1, 0, 1);
    }

    @Test
    void refusesPositionsOutOfRange() {
        Rope rope = new Rope(compute, 8, 8, 1e4, null);
        assertThrows(IllegalArgumentException.class, () -> rope.forward(ramp(1, 8), -1));
        assertThrows(IllegalArgumentException.class, () -> rope.forward(ramp(2, 8), Integer.MAX_VALUE - 1));
        assertThrows(IllegalArgumentException.class, () -> rope.forward(ramp(1, 12), 0));
    }

    @Test
    void keepsItsOwnCopyOfTheFactors() {
        float[] factors = {1, 2, 3, 4};
        Rope rope = new Rope(compute, 8, 8, 1e4, factors);
        factors[0] = 9;
        HeapTensor a = ramp(1, 8);
        HeapTensor b = ramp(1, 8);
        rope.forward(a, 5);
        new Rope(compute, 8, 8, 1e4, new float[] {1, 2, 3, 4}).forward(b, 5);
        assertArrayEquals(b.data(), a.data());
    }
}
