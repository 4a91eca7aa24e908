// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.head.LogitProjection;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.FeedForward;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Sublayer;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a plan: token ids in, one hidden row a position out, and a head that turns a hidden row into logits.
 *
 * <p>The same ids give the same bits whether they arrive at once, in pieces or one by one, and for any number of
 * threads. A decoder holds no sequence; that is the {@link KvCache}'s part, and several caches may take turns. Its
 * weights may lie in the mapped file it was loaded from, which must stay open. Methods reject null; one thread at a
 * time.
 */
public final class Decoder {
    /**
     * Positions computed at once. Enough that the weights' trip from memory is shared by many rows; small enough that
     * the activations of a piece stay in the caches. It does not change the bits.
     */
    public static final int PIECE = 256;

    /** A branch of the plan with its layers. */
    private record Step(NormLayer before, Layer layer, NormLayer after) {}

    private final DecoderPlan plan;
    private final Compute compute;
    private final Embedding tokens;
    private final Embedding positions;
    private final List<Step> steps;
    private final NormLayer outputNorm;
    private final LogitProjection head;
    private final int attentionLayers;
    private final InferencePass pass;
    private final CacheContext context;
    private final int[] places = new int[PIECE];

    /**
     * Builds the layers of a plan.
     *
     * @param weights where the numbers are
     * @param compute runs the operations
     */
    public Decoder(DecoderPlan plan, WeightSource weights, Compute compute) {
        this.plan = plan;
        this.compute = compute;
        tokens = new Embedding(weights.table(plan.embedding().tokens()));
        positions = plan.embedding().positions() == null
                ? null
                : new Embedding(weights.table(plan.embedding().positions()));
        steps = new ArrayList<>();
        int slots = 0;
        for (Branch branch : plan.branches()) {
            NormLayer before = NormLayer.of(branch.before(), weights, compute);
            Layer layer = layer(branch.layer(), slots, weights, compute);
            slots += layer instanceof AttentionLayer ? 1 : 0;
            steps.add(new Step(before, layer, NormLayer.of(branch.after(), weights, compute)));
        }
        attentionLayers = slots;
        outputNorm = NormLayer.of(plan.outputNorm(), weights, compute);
        head = new LogitProjection(compute, weights.factor(plan.output().weight()));
        pass = new InferencePass(
                plan.sizes().dim(), steps.stream().map(Step::layer).toList());
        context = new CacheContext(compute);
    }

    private static Layer layer(Sublayer plan, int slot, WeightSource weights, Compute compute) {
        return switch (plan) {
            case AttentionPlan attention -> new AttentionLayer(attention, slot, weights, compute);
            case FeedForward.Gated gated -> new GatedFeedForward(gated, weights, compute);
            case FeedForward.Plain plain -> new PlainFeedForward(plain, weights, compute);
        };
    }

    /** What it computes. */
    public DecoderPlan plan() {
        return plan;
    }

    /** The projection of hidden rows {@code [B, D]} to logits {@code [B, V]}. */
    public LogitProjection head() {
        return head;
    }

    /** The number of branches of all blocks. */
    public int branches() {
        return steps.size();
    }

    /** The layer of a branch. */
    public Layer layer(int branch) {
        return steps.get(branch).layer();
    }

    /**
     * Allocates an empty cache for one sequence.
     *
     * @param capacity the most positions of the sequence, in [1, contextLength]
     * @throws IllegalArgumentException if the capacity is out of range
     */
    public KvCache newCache(int capacity) {
        if (capacity < 1 || capacity > plan.sizes().contextLength()) {
            throw new IllegalArgumentException("newCache: capacity must be in [1, contextLength = "
                    + plan.sizes().contextLength() + "], but is " + capacity);
        }
        Heads heads = heads();
        return new KvCache(attentionLayers, heads.kvCount(), capacity, heads.dim());
    }

    private Heads heads() {
        for (Step step : steps) {
            if (step.layer() instanceof AttentionLayer attention) {
                return attention.plan().heads();
            }
        }
        throw new IllegalStateException("decoder: no layer attends");
    }

    /**
     * Appends {@code tokens[begin, end)} to the sequence of a cache and computes their hidden rows.
     *
     * @param cache of the sequence, made by {@link #newCache}; the tokens come at {@code cache.position()}, which then
     *     moves behind them
     * @param ids in [0, vocabSize)
     * @param hidden {@code [end - begin, D]}, overwritten with the rows after the last norm, as the head expects them
     * @throws IllegalArgumentException before any work, if the range, an id or a shape is wrong or the cache has too
     *     few positions left; for an id it names the index and the id
     */
    public void forward(KvCache cache, int[] ids, int begin, int end, HeapTensor hidden) {
        tokens.checkTokens(ids, begin, end);
        int count = end - begin;
        int dim = plan.sizes().dim();
        if (hidden.shape().rank() != 2 || hidden.rows() != count || hidden.columns() != dim) {
            throw new IllegalArgumentException(
                    "forward: hidden must be [" + count + ", " + dim + "], but is " + hidden.shape());
        }
        checkCache(cache, count);
        for (int done = 0; done < count; done += PIECE) {
            int rows = Math.min(PIECE, count - done);
            HeapTensor part = rows == count ? hidden : hidden.rowRange(done, done + rows);
            forwardPiece(cache, ids, begin + done, rows, part);
        }
    }

    private void checkCache(KvCache cache, int count) {
        Heads heads = heads();
        if (cache.layers() != attentionLayers || cache.kvHeads() != heads.kvCount() || cache.headDim() != heads.dim()) {
            throw new IllegalArgumentException("forward: the cache has layers = " + cache.layers() + ", kvHeads = "
                    + cache.kvHeads() + ", headDim = " + cache.headDim() + ", but the model has " + attentionLayers
                    + ", " + heads.kvCount() + ", " + heads.dim());
        }
        if (count > cache.remaining()) {
            throw new IllegalArgumentException("forward: " + count + " tokens do not fit; the cache is at position "
                    + cache.position() + " of capacity " + cache.capacity());
        }
    }

    private void forwardPiece(KvCache cache, int[] ids, int begin, int rows, HeapTensor hidden) {
        for (int row = 0; row < rows; row++) {
            places[row] = cache.position() + row;
        }
        context.begin(cache, places);
        pass.begin(rows, context);
        embed(ids, begin, begin + rows, places, pass);
        for (int branch = 0; branch < steps.size(); branch++) {
            branch(branch, pass);
        }
        finish(pass.residual(steps.size()), hidden);
        cache.advance(rows);
    }

    /**
     * The first rows of a pass.
     *
     * @param ids whose {@code [begin, end)} are embedded
     * @param places the position of each row
     * @param pass whose {@code residual(0)} is written
     */
    public void embed(int[] ids, int begin, int end, int[] places, Pass pass) {
        HeapTensor x = pass.residual(0);
        tokens.forward(ids, begin, end, x);
        float scale = plan.embedding().scale();
        if (scale != 1) {
            compute.training().scale(x, scale, x);
        }
        if (positions != null) {
            HeapTensor learned = pass.update();
            positions.forward(places, 0, end - begin, learned);
            compute.add(x, learned, x);
        }
        pass.regularise(0, x);
    }

    /** Computes one branch: from {@code pass.residual(branch)} to {@code pass.residual(branch + 1)}. */
    public void branch(int branch, Pass pass) {
        Step step = steps.get(branch);
        HeapTensor x = pass.residual(branch);
        HeapTensor update = pass.update();
        step.layer().forward(input(branch, pass), update, pass.kept(branch), pass.context());
        if (step.after() != null) {
            step.after().forward(update, update);
        }
        if (plan.residualScale() != 1) {
            compute.training().scale(update, plan.residualScale(), update);
        }
        pass.regularise(branch + 1, update);
        compute.add(x, update, pass.residual(branch + 1));
    }

    /** What goes into the layer of a branch, normalised where the plan says so. */
    public HeapTensor input(int branch, Pass pass) {
        NormLayer before = steps.get(branch).before();
        HeapTensor x = pass.residual(branch);
        if (before == null) {
            return x;
        }
        HeapTensor normalised = pass.normalised(branch);
        before.forward(x, normalised);
        return normalised;
    }

    /**
     * From the rows after the last branch to those that the head expects.
     *
     * @param x {@code [T, D]}
     * @param hidden {@code [T, D]}, overwritten
     */
    public void finish(HeapTensor x, HeapTensor hidden) {
        if (outputNorm != null) {
            outputNorm.forward(x, hidden);
        } else {
            System.arraycopy(x.data(), x.offset(), hidden.data(), hidden.offset(), x.rows() * x.columns());
        }
    }
}
