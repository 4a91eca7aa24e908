// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;

/** The gradients of Y = X·Wᵀ, split over the rows of the result. */
final class MatmulBackward implements RangeTask {
    /** Rows of the result that the kernels take together. */
    private static final int ROW_GROUP = 8;

    /** Every range packs the factor anew, so ranges are few. */
    private static final int RANGES_PER_THREAD = 2;

    private final Team team;
    private HeapTensor dy;
    private HeapTensor factor;
    private HeapTensor out;
    private boolean accumulate;
    private boolean ofWeight;

    MatmulBackward(Team team) {
        this.team = team;
    }

    void input(HeapTensor dy, HeapTensor w, HeapTensor dx, boolean accumulate) {
        String operation = "matmulBackwardInput";
        if (dy.columns() != w.rows()) {
            throw Require.mismatch(operation, "as many columns in dy as rows in w", "dy", dy, "w", w);
        }
        Require.sameRows(operation, "dy", dy, "dx", dx);
        Require.sameColumns(operation, "w", w, "dx", dx);
        Require.disjoint(operation, "dx", dx, "dy", dy);
        Require.disjoint(operation, "dx", dx, "w", w);
        run(dy, w, dx, accumulate, false);
    }

    void weight(HeapTensor dy, HeapTensor x, HeapTensor dw, boolean accumulate) {
        String operation = "matmulBackwardWeight";
        Require.sameRows(operation, "dy", dy, "x", x);
        if (dy.columns() != dw.rows()) {
            throw Require.mismatch(operation, "as many columns in dy as rows in dw", "dy", dy, "dw", dw);
        }
        Require.sameColumns(operation, "x", x, "dw", dw);
        Require.disjoint(operation, "dw", dw, "dy", dy);
        Require.disjoint(operation, "dw", dw, "x", x);
        run(dy, x, dw, accumulate, true);
    }

    private void run(HeapTensor dy, HeapTensor factor, HeapTensor out, boolean accumulate, boolean ofWeight) {
        this.dy = dy;
        this.factor = factor;
        this.out = out;
        this.accumulate = accumulate;
        this.ofWeight = ofWeight;
        try {
            long picosPerRow = Team.saturatedProduct(out.columns(), Cost.GRADIENT_MULTIPLY_ADD.picos() * factor.rows());
            int groups = Math.ceilDiv(out.rows(), ROW_GROUP * RANGES_PER_THREAD * team.threads());
            team.run(out.rows(), picosPerRow, ROW_GROUP * Math.max(1, groups), this);
        } finally {
            this.dy = null;
            this.factor = null;
            this.out = null;
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        if (ofWeight) {
            kernels.chains().gemmBackwardWeight(dy, factor, out, accumulate, begin, end);
        } else {
            kernels.chains().gemmBackwardInput(dy, factor, out, accumulate, begin, end);
        }
    }
}
