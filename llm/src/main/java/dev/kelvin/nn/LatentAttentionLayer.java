// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.nn.LayerMemory.KeysAndValues;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.LatentAttentionPlan;
import dev.kelvin.plan.Rotary;
import dev.kelvin.tensor.HeapTensor;
import java.util.List;

/**
 * Latent attention as a {@link LatentAttentionPlan} describes it: attention of all heads to one head of keys [r | c]
 * and values c.
 */
public final class LatentAttentionLayer implements Layer {
    private static final int SHORT_QUERY = 0;
    private static final int QUERY = 1;
    private static final int LATENT = 2;
    private static final int KEY = 3;
    private static final int VALUE = 4;
    /** The turning parts of all heads, and that of the keys. */
    private static final int TURNING = 5;

    private static final int TURNING_KEY = 6;
    /** What goes into products of heads, and what comes out. */
    private static final int HEADS_IN = 7;

    private static final int HEADS_OUT = 8;
    /** Queries as they meet the keys. */
    private static final int ABSORBED = 9;

    private static final int MIXED = 10;
    private static final int HEADS = 11;

    private final LatentAttentionPlan plan;
    private final int slot;
    private final Linear queryDown;
    private final NormLayer queryNorm;
    private final Linear queryUp;
    private final Linear latent;
    private final NormLayer latentNorm;
    private final HeadProducts keys;
    private final HeadProducts values;
    private final Linear output;
    private final Rope rope;
    private final Temper temper;

    /**
     * Puts the layer together.
     *
     * @param slot the number of its keys and values among what all layers keep
     * @param weights where its numbers are
     */
    LatentAttentionLayer(LatentAttentionPlan plan, int slot, WeightSource weights, Compute compute) {
        this.plan = plan;
        this.slot = slot;
        queryDown = plan.query().down() == null ? null : Linear.of(plan.query().down(), weights, compute);
        queryNorm = NormLayer.of(plan.query().norm(), weights, compute);
        queryUp = Linear.of(plan.query().up(), weights, compute);
        latent = Linear.of(plan.latent(), weights, compute);
        latentNorm = NormLayer.of(plan.latentNorm(), weights, compute);
        keys = new HeadProducts(plan.keys(), weights, compute);
        values = new HeadProducts(plan.values(), weights, compute);
        output = Linear.of(plan.output(), weights, compute);
        Rotary rotary = plan.rotary();
        rope = new Rope(compute, rotary.pairing(), rotary.dims(), rotary.frequencies(), rotary.magnitude());
        temper = new Temper(plan.scores().temper(), compute);
    }

    /** What it computes. */
    public LatentAttentionPlan plan() {
        return plan;
    }

    /** The number of its keys and values among what all layers keep. */
    int slot() {
        return slot;
    }

    private int keyDim() {
        return plan.turningDim() + plan.latentDim();
    }

    @Override
    public List<LayerMemory> memory() {
        return List.of(new KeysAndValues(1, keyDim(), plan.latentDim(), KeysAndValues.ALL));
    }

    @Override
    public int[] widths() {
        int heads = plan.heads();
        return new int[] {
            queryDown == null ? 1 : queryDown.outputDim(),
            queryUp.outputDim(),
            keyDim(),
            keyDim(),
            plan.latentDim(),
            heads * plan.turningDim(),
            plan.turningDim(),
            heads * Math.max(plan.stillDim(), plan.latentDim()),
            heads * Math.max(plan.latentDim(), plan.valueDim()),
            heads * keyDim(),
            heads * plan.latentDim(),
            heads * plan.valueDim()
        };
    }

    @Override
    public void forward(HeapTensor x, HeapTensor y, RowBuffers kept, Context context) {
        int rows = x.rows();
        HeapTensor q = queries(x, kept, context);
        HeapTensor k = kept.rows(KEY, rows);
        HeapTensor v = kept.rows(VALUE, rows);
        keysAndValues(x, k, v, kept, context);
        HeapTensor mixed = kept.rows(MIXED, rows);
        context.attend(this, q, k, v, mixed);
        HeapTensor in = byHead(kept.rows(HEADS_IN, rows), plan.latentDim());
        HeapTensor out = byHead(kept.rows(HEADS_OUT, rows), plan.valueDim());
        HeapTensor heads = kept.rows(HEADS, rows);
        gather(mixed, 0, plan.latentDim(), in);
        values.forward(in, out);
        scatter(out, heads, 0, plan.valueDim());
        output.forward(heads, y);
    }

    /** Queries [T, H * (R + C)], of each head the part that turns, and what the keys' map makes of the other. */
    private HeapTensor queries(HeapTensor x, RowBuffers kept, Context context) {
        int rows = x.rows();
        HeapTensor raw = kept.rows(QUERY, rows);
        if (queryDown == null) {
            queryUp.forward(x, raw);
        } else {
            HeapTensor down = kept.rows(SHORT_QUERY, rows);
            queryDown.forward(x, down);
            queryNorm.forward(down, down);
            queryUp.forward(down, raw);
        }
        int still = plan.stillDim();
        int turning = plan.turningDim();
        HeapTensor turned = kept.rows(TURNING, rows);
        copy(new Columns(raw, still, still + turning), new Columns(turned, 0, turning), rows * plan.heads(), turning);
        rope.forward(turned, context.positions());
        HeapTensor in = byHead(kept.rows(HEADS_IN, rows), still);
        HeapTensor out = byHead(kept.rows(HEADS_OUT, rows), plan.latentDim());
        gather(raw, 0, still + turning, in);
        keys.forward(in, out);
        HeapTensor q = kept.rows(ABSORBED, rows);
        copy(new Columns(turned, 0, turning), new Columns(q, 0, keyDim()), rows * plan.heads(), turning);
        scatter(out, q, turning, keyDim());
        temper.apply(q, context.positions());
        return q;
    }

    private void keysAndValues(HeapTensor x, HeapTensor k, HeapTensor v, RowBuffers kept, Context context) {
        int rows = x.rows();
        int turning = plan.turningDim();
        int width = plan.latentDim();
        HeapTensor both = kept.rows(LATENT, rows);
        latent.forward(x, both);
        copy(new Columns(both, 0, keyDim()), new Columns(v, 0, width), rows, width);
        latentNorm.forward(v, v);
        HeapTensor turned = kept.rows(TURNING_KEY, rows);
        copy(new Columns(both, width, keyDim()), new Columns(turned, 0, turning), rows, turning);
        rope.forward(turned, context.positions());
        copy(new Columns(turned, 0, turning), new Columns(k, 0, keyDim()), rows, turning);
        copy(new Columns(v, 0, width), new Columns(k, turning, keyDim()), rows, width);
    }

    /** Runs of a width that stand in steps, from a first element on. */
    private record Columns(HeapTensor rows, int first, int step) {}

    private static void copy(Columns from, Columns to, int count, int width) {
        int source = from.rows().offset() + from.first();
        int target = to.rows().offset() + to.first();
        for (int i = 0; i < count; i++) {
            System.arraycopy(from.rows().data(), source, to.rows().data(), target, width);
            source += from.step();
            target += to.step();
        }
    }

    /** The same buffer as rows of each head. */
    private HeapTensor byHead(HeapTensor buffer, int width) {
        return HeapTensor.view(buffer.data(), buffer.offset(), plan.heads() * buffer.rows(), width);
    }

    /** Of each head's elements in a row, those from {@code first} on to the rows of the head. */
    private void gather(HeapTensor x, int first, int step, HeapTensor heads) {
        int rows = x.rows();
        for (int head = 0; head < plan.heads(); head++) {
            Columns from = new Columns(x, head * step + first, x.columns());
            Columns to = new Columns(heads, head * rows * heads.columns(), heads.columns());
            copy(from, to, rows, heads.columns());
        }
    }

    /** The rows of each head to its elements in a row, from {@code first} on. */
    private void scatter(HeapTensor heads, HeapTensor x, int first, int step) {
        int rows = x.rows();
        for (int head = 0; head < plan.heads(); head++) {
            Columns from = new Columns(heads, head * rows * heads.columns(), heads.columns());
            Columns to = new Columns(x, head * step + first, x.columns());
            copy(from, to, rows, heads.columns());
        }
    }
}
