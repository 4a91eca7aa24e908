// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;

/**
 * Whose the rows of a batch are: span after span of rows that are consecutive positions of one sequence. Filled anew
 * for each batch, without making anything once it has grown; not to be changed while an operation reads it.
 */
public final class RowSpans {
    private int count;
    private int[] rowBegins = {0};
    private int[] positions = new int[0];

    /** No rows. */
    public RowSpans() {}

    /**
     * Rows of a single sequence.
     *
     * @param position of the first row
     * @param rows how many
     * @return one span
     */
    public static RowSpans of(int position, int rows) {
        RowSpans spans = new RowSpans();
        spans.add(position, rows);
        return spans;
    }

    /** Forgets all spans. */
    public void clear() {
        count = 0;
    }

    /**
     * Adds the rows of a sequence behind those that are there.
     *
     * @param position of the first of them
     * @param rows how many, at least 1
     * @throws IllegalArgumentException if there is no row, or a position beyond the range of an int
     */
    public void add(int position, int rows) {
        if (rows < 1 || position < 0 || position > Integer.MAX_VALUE - rows - KvPage.POSITIONS) {
            throw new IllegalArgumentException(
                    "RowSpans: cannot take " + rows + " rows from position " + position + " on");
        }
        if (positions.length == count) {
            positions = Arrays.copyOf(positions, Math.max(4, 2 * count));
            rowBegins = Arrays.copyOf(rowBegins, positions.length + 1);
        }
        positions[count] = position;
        rowBegins[count + 1] = Math.addExact(rowBegins[count], rows);
        count++;
    }

    /** The number of spans. */
    public int count() {
        return count;
    }

    /** The number of rows of all spans. */
    public int rows() {
        return rowBegins[count];
    }

    /** The first row of a span. */
    public int rowBegin(int span) {
        return rowBegins[span];
    }

    /** The row after the last of a span. */
    public int rowEnd(int span) {
        return rowBegins[span + 1];
    }

    /** The number of rows of a span. */
    public int rows(int span) {
        return rowBegins[span + 1] - rowBegins[span];
    }

    /** The position of a span's first row. */
    public int position(int span) {
        return positions[span];
    }

    /** The position after that of a span's last row. */
    public int end(int span) {
        return positions[span] + rows(span);
    }

    /** The span of a row in [0, rows()). */
    public int of(int row) {
        int low = 0;
        int high = count - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (rowBegins[middle] <= row) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
