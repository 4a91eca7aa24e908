// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.kernel.AttentionCall;
import dev.kelvin.kernel.AttentionMask;
import dev.kelvin.kernel.AttentionScores;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvRows;
import java.util.Objects;

/**
 * Causal self-attention in which H query heads share Hkv key and value heads, with rotary positions and a cache.
 *
 * <p>q = rope(x·Wqᵀ), k = rope(x·Wkᵀ), v = x·Wvᵀ; head h attends with the keys and values of head h / (H / Hkv): o_h =
 * softmax(q_h·kᵀ / √Dh)·v; y = o·Woᵀ.
 *
 * <p>Source: Ainslie et al., GQA: Training Generalized Multi-Query Transformer Models, 2023.
 */
public final class GroupedQueryAttention {
    private final Compute compute;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear output;
    private final Rope rope;
    private final int heads;
    private final int kvHeads;
    private final int headDim;
    private final float scale;

    /**
     * Puts an attention layer together.
     *
     * @param query {@code [H * Dh, D]}
     * @param key {@code [Hkv * Dh, D]}
     * @param value {@code [Hkv * Dh, D]}
     * @param output {@code [D, H * Dh]}
     * @param heads H, a multiple of {@code kvHeads}
     * @throws IllegalArgumentException if heads and weights do not fit together
     */
    public GroupedQueryAttention(
            Compute compute,
            Linear query,
            Linear key,
            Linear value,
            Linear output,
            Rope rope,
            int heads,
            int kvHeads,
            int headDim) {
        this.compute = Objects.requireNonNull(compute, "compute");
        this.rope = Objects.requireNonNull(rope, "rope");
        if (heads < 1 || kvHeads < 1 || headDim < 1 || heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    "attention: heads must be a multiple of kvHeads, all positive, but heads = " + heads
                            + ", kvHeads = " + kvHeads + ", headDim = " + headDim);
        }
        int dim = query.inputDim();
        requireShape("query", query, (long) heads * headDim, dim);
        requireShape("key", key, (long) kvHeads * headDim, dim);
        requireShape("value", value, (long) kvHeads * headDim, dim);
        requireShape("output", output, dim, (long) heads * headDim);
        this.query = query;
        this.key = key;
        this.value = value;
        this.output = output;
        this.heads = heads;
        this.kvHeads = kvHeads;
        this.headDim = headDim;
        this.scale = (float) (1 / Math.sqrt(headDim));
    }

    private static void requireShape(String name, Linear linear, long outputDim, long inputDim) {
        if (linear.outputDim() != outputDim || linear.inputDim() != inputDim) {
            throw new IllegalArgumentException("attention: " + name + " weight must be [" + outputDim + ", " + inputDim
                    + "], but is [" + linear.outputDim() + ", " + linear.inputDim() + "]");
        }
    }

    /** The intermediate rows of a call, kept for the next one; all attention layers of a model can share it. */
    public static final class Scratch {
        private final RowBuffer q;
        private final RowBuffer k;
        private final RowBuffer v;
        private final RowBuffer mixed;
        private int[] positions = new int[0];

        /** Makes scratch for layers of these sizes; it grows to the largest number of positions seen. */
        public Scratch(int heads, int kvHeads, int headDim) {
            q = new RowBuffer(Math.multiplyExact(heads, headDim));
            k = new RowBuffer(Math.multiplyExact(kvHeads, headDim));
            v = new RowBuffer(Math.multiplyExact(kvHeads, headDim));
            mixed = new RowBuffer(Math.multiplyExact(heads, headDim));
        }

        private int[] positions(int first, int rows) {
            if (positions.length < rows) {
                positions = new int[rows];
            }
            for (int t = 0; t < rows; t++) {
                positions[t] = first + t;
            }
            return positions;
        }
    }

    /**
     * Computes the layer for T positions that follow the valid ones of the cache, and stores their keys and values
     * there without advancing it.
     *
     * @param x {@code [T, D]}
     * @param cache of the sequence, with the heads of this layer
     * @param layer index of this layer in the cache
     * @param y {@code [T, D]}, overwritten; must not overlap {@code x}
     * @throws IllegalArgumentException if the shapes do not fit or the cache is full
     */
    public void forward(HeapTensor x, KvCache cache, int layer, HeapTensor y, Scratch scratch) {
        if (cache.kvHeads() != kvHeads || cache.headDim() != headDim) {
            throw new IllegalArgumentException("attention: the cache has kvHeads = " + cache.kvHeads() + ", headDim = "
                    + cache.headDim() + ", but the layer has " + kvHeads + ", " + headDim);
        }
        int rows = x.rows();
        int position = cache.position();
        HeapTensor q = scratch.q.rows(rows);
        HeapTensor k = scratch.k.rows(rows);
        HeapTensor v = scratch.v.rows(rows);
        HeapTensor mixed = scratch.mixed.rows(rows);
        query.forward(x, q);
        key.forward(x, k);
        value.forward(x, v);
        int[] positions = scratch.positions(position, rows);
        rope.forward(q, positions);
        rope.forward(k, positions);
        KvRows stored = cache.rows(layer, rows);
        compute.storeKeysAndValues(k, v, stored);
        compute.attention(
                new AttentionCall(q, stored, mixed, heads, scale, AttentionMask.causal(), AttentionScores.PLAIN));
        output.forward(mixed, y);
    }
}
