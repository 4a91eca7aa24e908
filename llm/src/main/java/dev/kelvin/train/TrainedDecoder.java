// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.head.CrossEntropy;
import dev.kelvin.kernel.CounterHash;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A decoder over batches of whole sequences, with the derivative of its loss. For each of L blocks: x +=
 * attention(norm(x)); x += feedForward(norm(x)); then the last norm and the projection to the vocabulary, which only
 * the fused cross-entropy computes. Of the activations of a batch every block keeps all for the way back, or its input.
 */
final class TrainedDecoder {
    /** A block, x before it, and what it keeps, which may be shared. */
    private record Block(
            TrainedNorm attentionNorm,
            TrainedAttention attention,
            TrainedNorm ffnNorm,
            TrainedFeedForward feedForward,
            HeapTensor before,
            Kept kept) {}

    /** x between the branches, before both also normalised, and what the branches keep. */
    private record Kept(
            HeapTensor normalised,
            HeapTensor between,
            HeapTensor normalisedBetween,
            TrainedAttention.Kept attention,
            TrainedFeedForward.Kept feedForward) {
        static Kept of(DecoderShape shape, int batch) {
            int rows = batch * shape.contextLength();
            return new Kept(
                    HeapTensor.zeros(rows, shape.dim()),
                    HeapTensor.zeros(rows, shape.dim()),
                    HeapTensor.zeros(rows, shape.dim()),
                    new TrainedAttention.Kept(shape, batch),
                    new TrainedFeedForward.Kept(shape, rows));
        }
    }

    private final Compute compute;
    private final float dropout;
    private final boolean recompute;
    private final HeapTensor table;
    private final HeapTensor tableGradient;
    private final HeapTensor positions;
    private final HeapTensor positionsGradient;
    private final int[] positionIds;
    private final List<Block> blocks = new ArrayList<>();
    private final TrainedNorm outputNorm;
    private final HeapTensor projection;
    private final HeapTensor projectionGradient;
    private final CrossEntropy loss;

    private final HeapTensor last;
    private final HeapTensor hidden;
    private final HeapTensor branch;
    private final HeapTensor dBranch;
    private final HeapTensor dx;

    TrainedDecoder(
            Compute compute,
            Parameters parameters,
            DecoderShape shape,
            int batch,
            float dropout,
            Activations activations) {
        this.compute = compute;
        this.dropout = dropout;
        recompute = activations == Activations.RECOMPUTED;
        int rows = Math.multiplyExact(batch, shape.contextLength());
        int dim = shape.dim();
        table = parameters.value("token_embd.weight");
        tableGradient = parameters.gradient("token_embd.weight");
        boolean learned = parameters.contains("position_embd.weight");
        positions = learned ? parameters.value("position_embd.weight") : null;
        positionsGradient = learned ? parameters.gradient("position_embd.weight") : null;
        positionIds = new int[rows];
        for (int r = 0; r < rows; r++) {
            positionIds[r] = r % shape.contextLength();
        }
        TrainedAttention.Scratch attentionScratch = new TrainedAttention.Scratch(shape, batch);
        TrainedFeedForward.Scratch ffnScratch = new TrainedFeedForward.Scratch(shape, rows);
        Kept kept = null;
        for (int layer = 0; layer < shape.layers(); layer++) {
            if (kept == null || !recompute) {
                kept = Kept.of(shape, batch);
            }
            String name = "blk." + layer + ".";
            blocks.add(new Block(
                    new TrainedNorm(compute, parameters, name + "attn_norm"),
                    new TrainedAttention(compute, parameters, name, shape, kept.attention(), attentionScratch),
                    new TrainedNorm(compute, parameters, name + "ffn_norm"),
                    new TrainedFeedForward(compute, parameters, name, shape, kept.feedForward(), ffnScratch),
                    HeapTensor.zeros(rows, dim),
                    kept));
        }
        outputNorm = new TrainedNorm(compute, parameters, "output_norm");
        projection = shape.tied() ? table : parameters.value("output.weight");
        projectionGradient = shape.tied() ? tableGradient : parameters.gradient("output.weight");
        loss = new CrossEntropy(compute);
        last = HeapTensor.zeros(rows, dim);
        hidden = HeapTensor.zeros(rows, dim);
        branch = HeapTensor.zeros(rows, dim);
        dBranch = HeapTensor.zeros(rows, dim);
        dx = HeapTensor.zeros(rows, dim);
    }

    /**
     * The loss alone, without dropout.
     *
     * @param inputs [B·T]
     * @param labels [B·T], the tokens that follow
     * @return nats a token
     */
    double loss(int[] inputs, int[] labels) {
        forward(inputs, 0, 0);
        return loss.forward(hidden, projection, labels, 1);
    }

    /**
     * The loss, whose derivative times a factor is added to the gradients.
     *
     * @param inputs [B·T]
     * @param labels [B·T]
     * @param factor of the derivative
     * @param key of this pass's dropout
     * @return nats a token
     */
    double lossAndGradients(int[] inputs, int[] labels, double factor, long key) {
        forward(inputs, dropout, key);
        double value = loss.backward(hidden, projection, labels, 1, factor, hidden, projectionGradient);
        backward(inputs, key);
        return value;
    }

    private void forward(int[] inputs, float rate, long key) {
        HeapTensor x = blocks.getFirst().before();
        compute.training().embedding(table, inputs, x);
        if (positions != null) {
            compute.training().embedding(positions, positionIds, branch);
            compute.add(x, branch, x);
        }
        drop(x, rate, key, 0);
        for (int i = 0; i < blocks.size(); i++) {
            Block block = blocks.get(i);
            HeapTensor after = i + 1 < blocks.size() ? blocks.get(i + 1).before() : last;
            attend(i, rate, key);
            block.feedForward().forward(block.kept().normalisedBetween(), branch);
            drop(branch, rate, key, 2 * i + 2);
            compute.add(block.kept().between(), branch, after);
        }
        outputNorm.forward(last, hidden);
    }

    /** The first branch of a block, and what goes into the second. */
    private void attend(int i, float rate, long key) {
        Block block = blocks.get(i);
        Kept kept = block.kept();
        block.attentionNorm().forward(block.before(), kept.normalised());
        block.attention().forward(kept.normalised(), branch);
        drop(branch, rate, key, 2 * i + 1);
        compute.add(block.before(), branch, kept.between());
        block.ffnNorm().forward(kept.between(), kept.normalisedBetween());
    }

    private void backward(int[] inputs, long key) {
        compute.training().clear(dx);
        outputNorm.backward(last, hidden, dx);
        for (int i = blocks.size() - 1; i >= 0; i--) {
            Block block = blocks.get(i);
            Kept kept = block.kept();
            if (recompute && i + 1 < blocks.size()) {
                // The block after this one has left what it computed there.
                attend(i, dropout, key);
                block.feedForward().activate(kept.normalisedBetween());
            }
            block.feedForward().backward(branchGradient(key, 2 * i + 2), kept.normalisedBetween(), dBranch);
            block.ffnNorm().backward(kept.between(), dBranch, dx);
            block.attention().backward(branchGradient(key, 2 * i + 1), kept.normalised(), dBranch);
            block.attentionNorm().backward(block.before(), dBranch, dx);
        }
        drop(dx, dropout, key, 0);
        compute.training().embeddingBackward(dx, inputs, tableGradient);
        if (positions != null) {
            compute.training().embeddingBackward(dx, positionIds, positionsGradient);
        }
    }

    /** The derivative by a branch's result: dx itself, or with the mask of the way there. */
    private HeapTensor branchGradient(long key, int site) {
        if (dropout == 0) {
            return dx;
        }
        compute.training().dropout(dx, dropout, CounterHash.derive(key, site), branch);
        return branch;
    }

    private void drop(HeapTensor x, float rate, long key, int site) {
        if (rate > 0) {
            compute.training().dropout(x, rate, CounterHash.derive(key, site), x);
        }
    }
}
