// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/** A tensor with its axes in another order, split over groups of rows of the result. */
final class Permutation implements RangeTask {
    /** Rows of the result that are written together where they lie side by side in x: a cache line of it. */
    private static final int ROW_GROUP = 16;

    private final Team team;
    private HeapTensor x;
    private HeapTensor y;

    /** Elements of x from one index of an axis of y to the next. */
    private int[] strides = new int[0];

    Permutation(Team team) {
        this.team = team;
    }

    void apply(HeapTensor x, int[] axes, HeapTensor y) {
        check(x, axes, y);
        int rank = axes.length;
        if (strides.length < rank) {
            strides = new int[rank];
        }
        for (int i = 0; i < rank; i++) {
            int stride = 1;
            for (int axis = axes[i] + 1; axis < rank; axis++) {
                stride *= x.shape().dim(axis);
            }
            strides[i] = stride;
        }
        this.x = x;
        this.y = y;
        try {
            team.run(y.rows(), Cost.ROW_TABLE.picos() * y.columns(), ROW_GROUP, this);
        } finally {
            this.x = null;
            this.y = null;
        }
    }

    private static void check(HeapTensor x, int[] axes, HeapTensor y) {
        int rank = x.shape().rank();
        int seen = 0;
        for (int axis : axes) {
            seen |= axis >= 0 && axis < rank ? 1 << axis : 0;
        }
        if (rank > Integer.SIZE - 2 || axes.length != rank || seen != (1 << rank) - 1) {
            throw new IllegalArgumentException(
                    "permute: axes " + Arrays.toString(axes) + " must name each axis of x " + x.shape() + " once");
        }
        boolean fits = y.shape().rank() == rank;
        for (int i = 0; fits && i < rank; i++) {
            fits = y.shape().dim(i) == x.shape().dim(axes[i]);
        }
        if (!fits) {
            throw new IllegalArgumentException("permute: x " + x.shape() + " with axes " + Arrays.toString(axes)
                    + " does not have the shape of y " + y.shape());
        }
        Require.disjoint("permute", "y", y, "x", x);
    }

    @Override
    public void run(int worker, int begin, int end) {
        int rank = y.shape().rank();
        int columns = y.columns();
        int columnStride = rank == 0 ? 1 : strides[rank - 1];
        boolean sideBySide = rank > 1 && strides[rank - 2] == 1;
        int rowsOfAxis = rank > 1 ? y.shape().dim(rank - 2) : 1;
        for (int row = begin, count; row < end; row += count) {
            count = sideBySide ? Math.min(Math.min(ROW_GROUP, end - row), rowsOfAxis - row % rowsOfAxis) : 1;
            int from = x.offset() + place(row);
            int to = y.offset() + row * columns;
            if (columnStride == 1 && count == 1) {
                System.arraycopy(x.data(), from, y.data(), to, columns);
                continue;
            }
            for (int column = 0; column < columns; column++) {
                for (int r = 0; r < count; r++) {
                    y.data()[to + r * columns + column] = x.data()[from + column * columnStride + r];
                }
            }
        }
    }

    /** Where in x a row of y begins. */
    private int place(int row) {
        int place = 0;
        int rest = row;
        for (int axis = y.shape().rank() - 2; axis >= 0; axis--) {
            int extent = y.shape().dim(axis);
            place += rest % extent * strides[axis];
            rest /= extent;
        }
        return place;
    }
}
