// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;

/** RoPE in place, split over rows. */
final class RotaryEmbedding implements RangeTask {
    private final Team team;
    private HeapTensor x;
    private RopeTable table;
    private int[] positions;

    RotaryEmbedding(Team team) {
        this.team = team;
    }

    void apply(HeapTensor x, RopeTable table, int[] positions) {
        int rows = x.rows();
        if (x.columns() % table.headDim() != 0) {
            throw new IllegalArgumentException("rope: x " + x.shape() + " must have a multiple of the table's headDim "
                    + table.headDim() + " columns");
        }
        if (positions.length < rows) {
            throw new IllegalArgumentException(
                    "rope: " + positions.length + " positions for the rows of x " + x.shape());
        }
        for (int row = 0; row < rows; row++) {
            if (positions[row] < 0 || positions[row] >= table.positions()) {
                throw new IllegalArgumentException("rope: position " + positions[row] + " of row " + row + " of x "
                        + x.shape() + " must lie in the table's [0, " + table.positions() + ")");
            }
        }
        Require.outside("rope", "x", x, "the table's cos", table.cos());
        Require.outside("rope", "x", x, "the table's sin", table.sin());
        this.x = x;
        this.table = table;
        this.positions = positions;
        try {
            team.run(rows, Cost.ROPE.picos() * x.columns(), 1, this);
        } finally {
            this.x = null;
            this.table = null;
            this.positions = null;
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        team.kernels(worker).rows().rope(x, table, positions, begin, end);
    }
}
