// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;

/** A sum of squares, split over chunks whose sums are kept and added afterwards in their order. */
final class SquaredNorm implements RangeTask {
    private static final int CHUNK = 4096;
    private final Team team;
    private float[] sums = new float[0];
    private float[] data;
    private int offset;
    private int length;

    SquaredNorm(Team team) {
        this.team = team;
    }

    double apply(HeapTensor x) {
        length = Math.toIntExact(x.shape().elements());
        int chunks = Math.ceilDiv(length, CHUNK);
        if (sums.length < chunks) {
            sums = new float[chunks];
        }
        data = x.data();
        offset = x.offset();
        try {
            team.run(chunks, Cost.SQUARED_NORM.picos() * CHUNK, 1, this);
        } finally {
            data = null;
        }
        double total = 0;
        for (int chunk = 0; chunk < chunks; chunk++) {
            total += sums[chunk];
        }
        return total;
    }

    @Override
    public void run(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        for (int chunk = begin; chunk < end; chunk++) {
            int at = offset + chunk * CHUNK;
            sums[chunk] = kernels.rows().dot(data, at, data, at, Math.min(CHUNK, length - chunk * CHUNK));
        }
    }
}
