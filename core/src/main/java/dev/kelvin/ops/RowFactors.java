// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;

/** Rows times a number or a vector, split over rows. */
final class RowFactors implements RangeTask {
    private enum Part {
        L2_NORM,
        ROWS,
        COLUMNS
    }

    private final Team team;
    private Part part;
    private HeapTensor x;
    private HeapTensor y;
    private HeapTensor weight;
    private float[] factors;
    private float epsilon;

    RowFactors(Team team) {
        this.team = team;
    }

    void l2Norm(HeapTensor x, float epsilon, HeapTensor y) {
        if (!(epsilon > 0) || epsilon == Float.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("l2Norm: epsilon must be positive and finite, got " + epsilon);
        }
        check("l2Norm", x, y);
        this.epsilon = epsilon;
        run(Part.L2_NORM, x, y);
    }

    void scaleRows(HeapTensor x, float[] factors, HeapTensor y) {
        check("scaleRows", x, y);
        if (factors.length < x.rows()) {
            throw new IllegalArgumentException(
                    "scaleRows: " + factors.length + " factors for the rows of x " + x.shape());
        }
        this.factors = factors;
        run(Part.ROWS, x, y);
    }

    void scaleColumns(HeapTensor x, HeapTensor weight, HeapTensor y) {
        check("scaleColumns", x, y);
        Require.oneRow("scaleColumns", "weight", weight);
        Require.sameColumns("scaleColumns", "x", x, "weight", weight);
        Require.disjoint("scaleColumns", "y", y, "weight", weight);
        this.weight = weight;
        run(Part.COLUMNS, x, y);
    }

    private static void check(String operation, HeapTensor x, HeapTensor y) {
        Require.sameShape(operation, "x", x, "y", y);
        Require.sameOrDisjoint(operation, "y", y, "x", x);
    }

    private void run(Part part, HeapTensor x, HeapTensor y) {
        this.part = part;
        this.x = x;
        this.y = y;
        try {
            team.run(x.rows(), Cost.ROW_FACTOR.picos() * x.columns(), 1, this);
        } finally {
            this.x = null;
            this.y = null;
            this.weight = null;
            this.factors = null;
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        int columns = x.columns();
        for (int row = begin; row < end; row++) {
            int xAt = x.offset() + row * columns;
            int yAt = y.offset() + row * columns;
            switch (part) {
                case L2_NORM -> {
                    float squares = kernels.rows().dot(x.data(), xAt, x.data(), xAt, columns);
                    float inverse = (float) (1 / Math.max(Math.sqrt(squares), epsilon));
                    kernels.elements().scale(x.data(), xAt, y.data(), yAt, columns, inverse);
                }
                case ROWS -> kernels.elements().scale(x.data(), xAt, y.data(), yAt, columns, factors[row]);
                case COLUMNS ->
                    kernels.elements().mul(x.data(), xAt, weight.data(), weight.offset(), y.data(), yAt, columns);
            }
        }
    }
}
