// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.head.LogitProjection;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.Projection;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Runs a plan: token ids in, one hidden row a position out, and a head that turns a hidden row into logits.
 *
 * <p>The same ids give the same bits whether they arrive at once, in pieces or one by one, alone or among rows of other
 * sequences, and for any number of threads. A decoder holds no sequence; that is the {@link Sequence}'s part. Its
 * weights may lie in the mapped file it was loaded from, which must stay open. Methods reject null; one thread at a
 * time.
 */
public final class Decoder {
    /**
     * Rows computed at once where a long text is cut. Enough that the weights' trip from memory is shared by many rows;
     * small enough that the activations of a piece stay in the caches. It does not change the bits.
     */
    public static final int PIECE = 256;

    /** A branch of the plan with its layers. */
    private record Step(NormLayer before, Layer layer, NormLayer after, NormLayer closing, float factor) {}

    private final DecoderPlan plan;
    private final WeightSource weights;
    private final Compute compute;
    private final Embedding tokens;
    private final Embedding positions;
    private final float[] type;
    private final NormLayer embeddingNorm;
    private final LayerInputRows layerInputs;
    private final List<Step> steps;
    private final NormLayer outputNorm;
    private final LogitProjection head;

    /** Of the rows that the head expects, as logits are linear in them. */
    private final float hiddenScale;

    private final VectorHead vectors;
    private final ClassifierHead classifier;
    private final boolean looksAhead;
    private final List<LayerMemory> memory;
    private final InferencePass pass;
    private final BatchContext context;
    private final Batch piece = new Batch();

    /**
     * Builds the layers of a plan.
     *
     * @param weights where the numbers are
     * @param compute runs the operations
     */
    public Decoder(DecoderPlan plan, WeightSource weights, Compute compute) {
        this.plan = plan;
        this.weights = weights;
        this.compute = compute;
        tokens = new Embedding(weights.table(plan.embedding().tokens()));
        positions = plan.embedding().positions() == null
                ? null
                : new Embedding(weights.table(plan.embedding().positions()));
        type = firstRow(plan.embedding().types(), weights);
        embeddingNorm = NormLayer.of(plan.embedding().norm(), weights, compute);
        EmbeddingPlan.LayerInputs inputs = plan.embedding().layerInputs();
        layerInputs = inputs == null ? null : new LayerInputRows(inputs, weights, compute);
        LayerBuilder builder = new LayerBuilder(weights, compute);
        steps = new ArrayList<>();
        for (Branch branch : plan.branches()) {
            NormLayer before = NormLayer.of(branch.before(), weights, compute);
            steps.add(new Step(
                    before,
                    builder.build(branch.layer()),
                    NormLayer.of(branch.after(), weights, compute),
                    NormLayer.of(branch.closing(), weights, compute),
                    branch.factor() == null ? 1 : weights.elements(branch.factor())[0]));
        }
        memory = builder.memory();
        outputNorm = NormLayer.of(plan.outputNorm(), weights, compute);
        head = head(plan, weights, compute);
        hiddenScale = hiddenScale(plan, weights);
        vectors = VectorHead.of(plan.vectors(), weights, compute);
        classifier = ClassifierHead.of(plan.classifier(), weights, compute);
        looksAhead = plan.looksAhead();
        pass = new InferencePass(
                plan.sizes().dim(), steps.stream().map(Step::layer).toList());
        context = new BatchContext(compute);
    }

    private static LogitProjection head(DecoderPlan plan, WeightSource weights, Compute compute) {
        Projection output = plan.output();
        if (output == null) {
            return null;
        }
        HeapTensor bias = output.bias() == null ? null : weights.vector(output.bias());
        return new LogitProjection(
                compute, weights.factor(output.weight()), bias, plan.logits().softCap());
    }

    private static float hiddenScale(DecoderPlan plan, WeightSource weights) {
        Weight scale = plan.output() == null ? null : plan.output().scale();
        return plan.logits().scale() * (scale == null ? 1 : weights.elements(scale)[0]);
    }

    private static float[] firstRow(Weight table, WeightSource weights) {
        if (table == null) {
            return null;
        }
        HeapTensor row = HeapTensor.zeros(1, table.shape().columns());
        new Embedding(weights.table(table)).forward(new int[] {0}, 0, 1, row);
        return row.data();
    }

    /** What it computes. */
    public DecoderPlan plan() {
        return plan;
    }

    /**
     * The projection of hidden rows {@code [B, D]} to logits {@code [B, V]}.
     *
     * @throws IllegalStateException if the model is an encoder, which has none
     */
    public LogitProjection head() {
        if (head == null) {
            throw new IllegalStateException("the model is an encoder: it makes vectors of texts, no logits");
        }
        return head;
    }

    /**
     * The first weight that is NaN or infinite, which explains logits that are none; empty if all are finite, and
     * logits overflow. Reads the whole model.
     */
    public Optional<NonFiniteWeight> firstNonFiniteWeight() {
        return NonFiniteWeight.first(plan, weights);
    }

    /** What takes pooled rows further; null for most models, whose pooled rows are the vectors. */
    public VectorHead vectors() {
        return vectors;
    }

    /** What makes scores of texts; null for most models. */
    public ClassifierHead classifier() {
        return classifier;
    }

    /** The number of branches of all blocks. */
    public int branches() {
        return steps.size();
    }

    /** The layer of a branch. */
    public Layer layer(int branch) {
        return steps.get(branch).layer();
    }

    /** What the layers keep of a sequence, by slot. */
    public List<LayerMemory> memory() {
        return memory;
    }

    /** A pool for sequences of this decoder, as large as it needs to be, with keys and values as they are computed. */
    public KvPool newPool() {
        return KvPool.open(memory, DType.F32, Long.MAX_VALUE);
    }

    /**
     * Computes the rows of a batch, which become valid positions of their sequences.
     *
     * @param batch of sequences of one pool of this decoder; not begun
     * @param hidden {@code [batch.wantedRows(), D]}, overwritten with the wanted rows after the last norm, as the head
     *     expects them
     * @throws IllegalArgumentException before any work, if an id, a position or the shape is wrong; for an id it names
     *     the row and the id
     * @throws KvPoolFullException if the pool has no room; nothing has changed then
     */
    public void forward(Batch batch, HeapTensor hidden) {
        forward(batch, hidden, () -> false);
    }

    /**
     * The same, unless it is called off between two layers: then nothing has happened.
     *
     * @param calledOff is asked before each layer
     * @throws CancellationException if it says so
     */
    public void forward(Batch batch, HeapTensor hidden, BooleanSupplier calledOff) {
        tokens.checkTokens(batch.ids(), 0, batch.rows());
        requireContext(batch);
        requireHidden(hidden, batch.wantedRows());
        batch.begin();
        context.begin(batch);
        pass.begin(batch.rows(), context);
        embed(batch.ids(), 0, batch.rows(), batch.positions(), pass);
        if (layerInputs != null) {
            context.layerInputs(layerInputs.forward(batch.ids(), pass.residual(0)));
        }
        for (int branch = 0; branch < steps.size(); branch++) {
            if (calledOff.getAsBoolean()) {
                throw new CancellationException("forward: called off before branch " + branch);
            }
            branch(branch, pass);
        }
        finish(batch, pass.residual(steps.size()), hidden);
        batch.commit();
    }

    private void requireContext(Batch batch) {
        int contextLength = plan.sizes().contextLength();
        for (int span = 0; span < batch.spans(); span++) {
            int rows = batch.rowEnd(span) - batch.rowBegin(span);
            int position = batch.position(batch.rowBegin(span));
            if (rows > contextLength - position) {
                throw new IllegalArgumentException(
                        "forward: " + rows + " tokens do not fit; the sequence is at position " + position
                                + " of the model's context of " + contextLength);
            }
        }
    }

    private void requireHidden(HeapTensor hidden, int rows) {
        int dim = plan.sizes().dim();
        if (hidden.shape().rank() != 2 || hidden.rows() != rows || hidden.columns() != dim) {
            throw new IllegalArgumentException(
                    "forward: hidden must be [" + rows + ", " + dim + "], but is " + hidden.shape());
        }
    }

    /** Only the rows that are wanted are normalised. */
    private void finish(Batch batch, HeapTensor x, HeapTensor hidden) {
        if (batch.wantedRows() == x.rows()) {
            finish(x, hidden);
            return;
        }
        int dim = x.columns();
        for (int i = 0; i < batch.wantedRows(); i++) {
            int from = x.offset() + batch.wantedRow(i) * dim;
            System.arraycopy(x.data(), from, hidden.data(), hidden.offset() + i * dim, dim);
        }
        if (batch.wantedRows() > 0) {
            finish(hidden, hidden);
        }
    }

    /**
     * Appends {@code ids[begin, end)} to a sequence, in pieces, and computes their hidden rows.
     *
     * @param ids in [0, vocabSize)
     * @param hidden {@code [end - begin, D]} for the rows of all tokens, {@code [1, D]} for that of the last alone;
     *     overwritten with the rows after the last norm, as the head expects them
     * @throws IllegalArgumentException before any work, if the range, an id or a shape is wrong or the sequence would
     *     exceed the context; for an id it names the index and the id
     * @throws KvPoolFullException if the pool has no room; earlier pieces stay then
     */
    public void append(Sequence sequence, int[] ids, int begin, int end, HeapTensor hidden) {
        tokens.checkTokens(ids, begin, end);
        int count = end - begin;
        boolean all = hidden.rows() == count;
        requireHidden(hidden, all ? count : 1);
        int contextLength = plan.sizes().contextLength();
        if (count > contextLength - sequence.length()) {
            throw new IllegalArgumentException("append: " + count + " tokens do not fit; the sequence is at position "
                    + sequence.length() + " of the model's context of " + contextLength);
        }
        int most = looksAhead ? Math.max(1, count) : PIECE;
        if (looksAhead && sequence.length() > 0) {
            throw new IllegalArgumentException("append: an encoder takes the whole text at once");
        }
        for (int done = 0; done < count; done += most) {
            int rows = Math.min(most, count - done);
            boolean last = done + rows == count;
            piece.clear();
            piece.add(
                    sequence,
                    ids,
                    begin + done,
                    begin + done + rows,
                    all ? Batch.Wanted.ALL : last ? Batch.Wanted.LAST : Batch.Wanted.NONE);
            if (all) {
                forward(piece, rows == count ? hidden : hidden.rowRange(done, done + rows));
            } else {
                forward(piece, last ? hidden : hidden.rowRange(0, 0));
            }
        }
        piece.clear();
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
            compute.elements().scale(x, scale, x);
        }
        if (positions != null) {
            HeapTensor learned = pass.update();
            positions.forward(places, 0, end - begin, learned);
            compute.elements().add(x, learned, x);
        }
        if (type != null) {
            HeapTensor first = pass.update();
            for (int row = 0; row < x.rows(); row++) {
                System.arraycopy(type, 0, first.data(), first.offset() + row * type.length, type.length);
            }
            compute.elements().add(x, first, x);
        }
        if (embeddingNorm != null) {
            embeddingNorm.forward(x, x);
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
            compute.elements().scale(update, plan.residualScale(), update);
        }
        pass.regularise(branch + 1, update);
        HeapTensor sum = pass.residual(branch + 1);
        compute.elements().add(x, update, sum);
        if (step.closing() != null) {
            step.closing().forward(sum, sum);
        }
        if (step.factor() != 1) {
            compute.elements().scale(sum, step.factor(), sum);
        }
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
     * @param hidden {@code [T, D]}, overwritten; may be {@code x}
     */
    public void finish(HeapTensor x, HeapTensor hidden) {
        if (outputNorm != null) {
            outputNorm.forward(x, hidden);
        } else if (x != hidden) {
            System.arraycopy(x.data(), x.offset(), hidden.data(), hidden.offset(), x.rows() * x.columns());
        }
        if (hiddenScale != 1) {
            compute.elements().scale(hidden, hiddenScale, hidden);
        }
    }
}
