// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.nn.Context;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.Pass;
import dev.kelvin.nn.RowBuffers;
import dev.kelvin.operand.CounterHash;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A pass that keeps what the way back reads: every branch all its activations, or where they are recomputed every block
 * its input, while the branches at one place of all blocks share the rest. Drops activations out.
 */
final class TrainingPass implements Pass {
    /** What a branch keeps beside the rows before it. */
    private record Kept(HeapTensor normalised, RowBuffers buffers) {}

    private final Compute compute;
    private final Context context;
    private final List<HeapTensor> residuals = new ArrayList<>();
    private final List<Kept> kept = new ArrayList<>();
    private final HeapTensor update;
    private float rate;
    private long key;

    /** @param rows B·T */
    TrainingPass(Compute compute, Decoder decoder, int rows, Context context, Activations activations) {
        this.compute = compute;
        this.context = context;
        DecoderPlan plan = decoder.plan();
        int dim = plan.sizes().dim();
        Map<Integer, HeapTensor> betweenByPlace = new HashMap<>();
        Map<Integer, Kept> keptByPlace = new HashMap<>();
        for (Block block : plan.blocks()) {
            if (activations == Activations.STORED) {
                betweenByPlace.clear();
                keptByPlace.clear();
            }
            for (int place = 0; place < block.branches().size(); place++) {
                int[] widths = decoder.layer(kept.size()).widths();
                residuals.add(
                        place == 0
                                ? HeapTensor.zeros(rows, dim)
                                : betweenByPlace.computeIfAbsent(place, _ -> HeapTensor.zeros(rows, dim)));
                kept.add(keptByPlace.computeIfAbsent(
                        place, _ -> new Kept(HeapTensor.zeros(rows, dim), new RowBuffers(widths))));
            }
        }
        residuals.add(HeapTensor.zeros(rows, dim));
        update = HeapTensor.zeros(rows, dim);
    }

    /** Sets the dropout of the next pass: a rate, 0 for none, and the key of its draws. */
    void begin(float rate, long key) {
        this.rate = rate;
        this.key = key;
    }

    @Override
    public HeapTensor residual(int branch) {
        return residuals.get(branch);
    }

    @Override
    public HeapTensor normalised(int branch) {
        return kept.get(branch).normalised();
    }

    @Override
    public HeapTensor update() {
        return update;
    }

    @Override
    public RowBuffers kept(int branch) {
        return kept.get(branch).buffers();
    }

    @Override
    public Context context() {
        return context;
    }

    @Override
    public void regularise(int site, HeapTensor x) {
        drop(site, x, x);
    }

    /** The derivative by what was added at a site: dx itself, or with the mask of the way there. */
    HeapTensor gradient(int site, HeapTensor dx) {
        if (rate == 0) {
            return dx;
        }
        drop(site, dx, update);
        return update;
    }

    private void drop(int site, HeapTensor x, HeapTensor y) {
        if (rate > 0) {
            compute.training().dropout(x, rate, CounterHash.derive(key, site), y);
        }
    }
}
