// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.kernel.AttentionCall;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Heads;
import dev.kelvin.tensor.HeapTensor;

/** Rows that follow the valid ones of one cache. */
final class CacheContext implements Context {
    private final Compute compute;
    private KvCache cache;

    CacheContext(Compute compute) {
        this.compute = compute;
    }

    void begin(KvCache cache) {
        this.cache = cache;
    }

    @Override
    public void rotate(Rope rope, HeapTensor x) {
        rope.forward(x, cache.position());
    }

    @Override
    public void attend(AttentionLayer layer, HeapTensor q, HeapTensor k, HeapTensor v, HeapTensor out) {
        cache.store(layer.slot(), k, v);
        AttentionPlan plan = layer.plan();
        Heads heads = plan.heads();
        compute.attention(new AttentionCall(
                q,
                cache.keys(layer.slot()),
                cache.values(layer.slot()),
                out,
                heads.count(),
                heads.kvCount(),
                heads.dim(),
                cache.capacity(),
                cache.position(),
                plan.scale()));
    }
}
