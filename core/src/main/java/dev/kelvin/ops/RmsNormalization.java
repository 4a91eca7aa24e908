// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/** RMSNorm of each row, split over rows. */
final class RmsNormalization implements RangeTask {
    private final Team team;
    private HeapTensor ones;
    private HeapTensor x;
    private HeapTensor weight;
    private float epsilon;
    private HeapTensor y;

    RmsNormalization(Team team) {
        this.team = team;
    }

    void apply(HeapTensor x, HeapTensor weight, float epsilon, HeapTensor y) {
        Require.sameShape("rmsNorm", "x", x, "y", y);
        Require.oneRow("rmsNorm", "weight", weight);
        Require.sameColumns("rmsNorm", "x", x, "weight", weight);
        if (!(epsilon >= 0) || epsilon == Float.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("rmsNorm: epsilon must be finite and at least 0, got " + epsilon);
        }
        Require.sameOrDisjoint("rmsNorm", "y", y, "x", x);
        Require.disjoint("rmsNorm", "y", y, "weight", weight);
        this.x = x;
        this.weight = weight;
        this.epsilon = epsilon;
        this.y = y;
        try {
            team.run(x.rows(), Cost.RMS_NORM.picos() * x.columns(), 1, this);
        } finally {
            this.x = null;
            this.weight = null;
            this.y = null;
        }
    }

    /** Without weights. */
    void apply(HeapTensor x, float epsilon, HeapTensor y) {
        if (ones == null || ones.columns() != x.columns()) {
            ones = HeapTensor.zeros(x.columns());
            Arrays.fill(ones.data(), 1);
        }
        apply(x, ones, epsilon, y);
    }

    @Override
    public void run(int worker, int begin, int end) {
        team.kernels(worker).rows().rmsNorm(x, weight, epsilon, y, begin, end);
    }
}
