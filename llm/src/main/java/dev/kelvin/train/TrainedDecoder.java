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
 * the fused cross-entropy computes. Every activation of a batch is kept for the way back.
 */
final class TrainedDecoder {
    /** A block and what it keeps: x before each branch, and that normalised. */
    private record Block(
            TrainedNorm attentionNorm,
            TrainedAttention attention,
            TrainedNorm ffnNorm,
            TrainedFeedForward feedForward,
            HeapTensor before,
            HeapTensor normalised,
            HeapTensor between,
            HeapTensor normalisedBetween) {}

    private final Compute compute;
    private final float dropout;
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

    TrainedDecoder(Compute compute, Parameters parameters, DecoderShape shape, int batch, float dropout) {
        this.compute = compute;
        this.dropout = dropout;
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
        for (int layer = 0; layer < shape.layers(); layer++) {
            String name = "blk." + layer + ".";
            blocks.add(new Block(
                    new TrainedNorm(compute, parameters, name + "attn_norm"),
                    new TrainedAttention(compute, parameters, name, shape, batch, attentionScratch),
                    new TrainedNorm(compute, parameters, name + "ffn_norm"),
                    new TrainedFeedForward(compute, parameters, name, shape, rows, ffnScratch),
                    HeapTensor.zeros(rows, dim),
                    HeapTensor.zeros(rows, dim),
                    HeapTensor.zeros(rows, dim),
                    HeapTensor.zeros(rows, dim)));
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
            block.attentionNorm().forward(block.before(), block.normalised());
            block.attention().forward(block.normalised(), branch);
            drop(branch, rate, key, 2 * i + 1);
            compute.add(block.before(), branch, block.between());
            block.ffnNorm().forward(block.between(), block.normalisedBetween());
            block.feedForward().forward(block.normalisedBetween(), branch);
            drop(branch, rate, key, 2 * i + 2);
            compute.add(block.between(), branch, after);
        }
        outputNorm.forward(last, hidden);
    }

    private void backward(int[] inputs, long key) {
        compute.training().clear(dx);
        outputNorm.backward(last, hidden, dx);
        for (int i = blocks.size() - 1; i >= 0; i--) {
            Block block = blocks.get(i);
            block.feedForward().backward(branchGradient(key, 2 * i + 2), block.normalisedBetween(), dBranch);
            block.ffnNorm().backward(block.between(), dBranch, dx);
            block.attention().backward(branchGradient(key, 2 * i + 1), block.normalised(), dBranch);
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
