// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/**
 * Floats that grow, with the tensors that look at them. A tensor is made once for a length, so that a pick allocates
 * nothing: rows of changing length are padded to the next power of two.
 */
final class RowStore {
    private static final int LEAST = 16;
    private static final int LARGEST_POWER = 1 << 30;

    private float[] data = new float[LEAST];
    private final HeapTensor[] padded = new HeapTensor[Integer.SIZE];
    private HeapTensor exact;

    /** The numbers; another array after {@link #grow}. */
    float[] data() {
        return data;
    }

    /** Makes room for so many numbers, keeping those that are there. */
    void grow(int length) {
        if (data.length < length) {
            data = Arrays.copyOf(data, powerOfTwo(length));
            Arrays.fill(padded, null);
            exact = null;
        }
    }

    /** The first {@code length} numbers as a row. */
    HeapTensor row(int length) {
        grow(length);
        if (exact == null || exact.columns() != length) {
            exact = HeapTensor.view(data, 0, 1, length);
        }
        return exact;
    }

    /** The first {@code length} numbers as a {@link #padded} row, those behind them set to −∞. */
    HeapTensor masked(int length) {
        HeapTensor row = padded(length);
        Arrays.fill(data, length, row.columns(), Float.NEGATIVE_INFINITY);
        return row;
    }

    /** A row of at least {@code length} numbers, its length a power of two, or all that there can be. */
    HeapTensor padded(int length) {
        grow(length);
        int columns = powerOfTwo(length);
        int slot = Integer.SIZE - Integer.numberOfLeadingZeros(columns - 1);
        if (padded[slot] == null) {
            padded[slot] = HeapTensor.view(data, 0, 1, columns);
        }
        return padded[slot];
    }

    private static int powerOfTwo(int length) {
        return length > LARGEST_POWER
                ? HeapTensor.MAX_ELEMENTS
                : Math.max(LEAST, Integer.highestOneBit(Math.max(1, length - 1)) << 1);
    }
}
