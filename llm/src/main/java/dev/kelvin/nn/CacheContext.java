// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.kernel.AttentionCall;
import dev.kelvin.kernel.AttentionScores;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvRows;

/** Rows that follow the valid ones of one cache. */
final class CacheContext implements Context {
    private final Compute compute;
    private KvCache cache;
    private int[] positions;

    CacheContext(Compute compute) {
        this.compute = compute;
    }

    void begin(KvCache cache, int[] positions) {
        this.cache = cache;
        this.positions = positions;
    }

    @Override
    public void rotate(Rope rope, HeapTensor x) {
        rope.forward(x, positions);
    }

    @Override
    public void attend(AttentionLayer layer, HeapTensor q, HeapTensor k, HeapTensor v, HeapTensor out) {
        KvRows rows = cache.rows(layer.slot(), q.rows());
        compute.storeKeysAndValues(k, v, rows);
        AttentionPlan plan = layer.plan();
        compute.attention(new AttentionCall(
                q, rows, out, plan.heads().count(), plan.scale(), plan.mask(), AttentionScores.PLAIN));
    }
}
