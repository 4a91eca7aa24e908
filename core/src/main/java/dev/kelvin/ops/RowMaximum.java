// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;

/** The maximum of one row and the lowest index that has it, by chunks. */
final class RowMaximum implements RangeTask {
    private static final int CHUNK = 4096;
    private static final long PICOS_PER_CHUNK = Cost.MAXIMUM.picos() * CHUNK;

    private final Team team;
    private float[] maxima = new float[64];
    private float[] data;
    private int offset;
    private int length;

    RowMaximum(Team team) {
        this.team = team;
    }

    /** The maximum; NaN if any element is NaN, minus infinity if there is none. */
    float max(String operation, HeapTensor row) {
        Require.oneRow(operation, "row", row);
        this.data = row.data();
        this.offset = row.offset();
        this.length = row.columns();
        try {
            int chunks = Math.ceilDiv(length, CHUNK);
            if (maxima.length < chunks) {
                maxima = new float[chunks];
            }
            team.run(chunks, PICOS_PER_CHUNK, 1, this);
            float max = Float.NEGATIVE_INFINITY;
            for (int c = 0; c < chunks; c++) {
                max = Math.max(max, maxima[c]);
            }
            return max;
        } finally {
            this.data = null;
        }
    }

    /** The lowest index of the maximum; refuses a row without a maximum that could be picked. */
    int argmax(HeapTensor row) {
        float max = max("argmax", row);
        if (!LogitErrors.hasFiniteMaximum(max)) {
            throw LogitErrors.of("argmax", "row", row, 0);
        }
        // Only the first chunk that has the maximum is searched.
        int chunk = 0;
        while (maxima[chunk] != max) {
            chunk++;
        }
        int from = chunk * CHUNK;
        int length = Math.min(CHUNK, row.columns() - from);
        return from + team.kernels(0).rows().indexOf(row.data(), row.offset() + from, length, max);
    }

    @Override
    public void run(int worker, int begin, int end) {
        for (int c = begin; c < end; c++) {
            int from = c * CHUNK;
            maxima[c] = team.kernels(worker).rows().max(data, offset + from, Math.min(CHUNK, length - from));
        }
    }
}
