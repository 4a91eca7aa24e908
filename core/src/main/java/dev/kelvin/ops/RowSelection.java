// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.RowKernels;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;

/** Finds what is large in one row: the maxima of its blocks, and the elements above a threshold. */
final class RowSelection implements RangeTask {
    private static final long PICOS_PER_BLOCK = Cost.BLOCK_MAXIMUM.picos() * RowKernels.BLOCK;

    private final Team team;
    private float[] data;
    private int offset;
    private int length;
    private float[] maxima;

    RowSelection(Team team) {
        this.team = team;
    }

    void blockMaxima(HeapTensor row, float[] maxima) {
        Require.oneRow("blockMaxima", "row", row);
        Require.outside("blockMaxima", "row", row, "maxima", maxima);
        int blocks = RowKernels.blocks(row.columns());
        if (maxima.length < blocks) {
            throw new IllegalArgumentException("blockMaxima: maxima has room for " + maxima.length + ", row "
                    + row.shape() + " has " + blocks + " blocks");
        }
        this.data = row.data();
        this.offset = row.offset();
        this.length = row.columns();
        this.maxima = maxima;
        try {
            team.run(blocks, PICOS_PER_BLOCK, 1, this);
        } finally {
            this.data = null;
            this.maxima = null;
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        int first = begin * RowKernels.BLOCK;
        int count = Math.min(length, end * RowKernels.BLOCK) - first;
        team.kernels(worker).rows().blockMaxima(data, offset + first, count, maxima, begin);
    }

    int collectAtLeast(HeapTensor row, int begin, int end, float threshold, int[] indices, float[] values, int count) {
        Require.oneRow("collectAtLeast", "row", row);
        Require.outside("collectAtLeast", "row", row, "values", values);
        if (begin < 0 || end < begin || end > row.columns()) {
            throw new IllegalArgumentException(
                    "collectAtLeast: [" + begin + ", " + end + ") does not lie within row " + row.shape());
        }
        if (count < 0 || Math.min(indices.length, values.length) - count < end - begin) {
            throw new IllegalArgumentException("collectAtLeast: indices [" + indices.length + "] and values ["
                    + values.length + "] have no room for [" + begin + ", " + end + ") behind " + count);
        }
        return team.kernels(0)
                .rows()
                .collectAtLeast(row.data(), row.offset(), begin, end, threshold, indices, values, count);
    }
}
