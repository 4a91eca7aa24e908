// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.tensor.HeapTensor;

/** What blocks are given of tokens besides their rows, as {@link EmbeddingPlan.LayerInputs} describes it. */
final class LayerInputRows {
    private final Compute compute;
    private final Embedding tokens;
    private final Linear projection;
    private final NormLayer norm;
    private final float tokenScale;
    private final float rowScale;
    private final RowBuffer looked;
    private final RowBuffer projected;

    LayerInputRows(EmbeddingPlan.LayerInputs plan, WeightSource weights, Compute compute) {
        this.compute = compute;
        tokens = new Embedding(weights.table(plan.tokens()));
        projection = Linear.of(plan.projection(), weights, compute);
        norm = NormLayer.of(plan.norm(), weights, compute);
        tokenScale = (float) Math.sqrt(plan.norm().width());
        rowScale = (float) (1 / Math.sqrt(plan.projection().inputDim()));
        looked = new RowBuffer(tokens.dim());
        projected = new RowBuffer(tokens.dim());
    }

    /**
     * Computes them.
     *
     * @param ids of the rows; longer is fine
     * @param x the first rows {@code [T, D]}
     * @return {@code [T, L·P]}, until the next call
     */
    HeapTensor forward(int[] ids, HeapTensor x) {
        HeapTensor inputs = projected.rows(x.rows());
        projection.forward(x, inputs);
        compute.elements().scale(inputs, rowScale, inputs);
        norm.forward(inputs, inputs);
        HeapTensor table = looked.rows(x.rows());
        tokens.forward(ids, 0, x.rows(), table);
        compute.elements().scale(table, tokenScale, table);
        compute.elements().add(inputs, table, inputs);
        compute.elements().scale(inputs, (float) Math.sqrt(0.5), inputs);
        return inputs;
    }
}
