// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Scores;
import dev.kelvin.tensor.HeapTensor;

/** Grows queries with their position, as {@link Scores.Temper} describes it. */
final class Temper {
    private final Scores.Temper plan;
    private final Compute compute;
    private float[] factors = new float[0];

    /**
     * Keeps the plan.
     *
     * @param plan null for queries that stay as they are
     */
    Temper(Scores.Temper plan, Compute compute) {
        this.plan = plan;
        this.compute = compute;
    }

    /** Multiplies each row by the factor of its position. */
    void apply(HeapTensor q, int[] positions) {
        if (plan == null) {
            return;
        }
        int rows = q.rows();
        if (factors.length < rows) {
            factors = new float[rows];
        }
        for (int row = 0; row < rows; row++) {
            factors[row] = plan.factor(positions[row]);
        }
        compute.rows().scaleRows(q, factors, q);
    }
}
