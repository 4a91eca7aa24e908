// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.tensor.HeapTensor;

/**
 * A reusable activation {@code [rows, columns]} whose number of rows changes from call to call.
 *
 * <p>The array grows to the largest number of rows asked for and is kept; the view of the last number of rows is kept
 * too, so that asking for the same number again, as every decode step does, allocates nothing. For one thread.
 */
public final class RowBuffer {
    private final int columns;
    private float[] data = new float[0];
    private HeapTensor view;

    /**
     * Makes an empty buffer.
     *
     * @param columns elements a row, at least 1
     * @throws IllegalArgumentException if {@code columns} is not positive
     */
    public RowBuffer(int columns) {
        if (columns < 1) {
            throw new IllegalArgumentException("RowBuffer: columns must be positive, but is " + columns);
        }
        this.columns = columns;
    }

    /**
     * Returns the buffer as {@code [rows, columns]}. The contents are what the last user left there. A later call with
     * another number of rows may move the buffer, after which the earlier view is stale.
     *
     * @param rows number of rows, at least 0
     * @throws IllegalArgumentException if {@code rows} is negative or the elements exceed an array's range
     */
    public HeapTensor rows(int rows) {
        if (view != null && view.rows() == rows) {
            return view;
        }
        long elements = (long) rows * columns;
        if (rows < 0 || elements > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("RowBuffer: [" + rows + ", " + columns + "] is not a possible size");
        }
        if (elements > data.length) {
            data = new float[(int) elements];
        }
        view = HeapTensor.view(data, 0, rows, columns);
        return view;
    }
}
