// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A decoder, from ids to logits: embedding, blocks, last norm, projection to the vocabulary.
 *
 * @param sizes what all decoders have
 * @param embedding from ids to rows
 * @param blocks in the order they are computed
 * @param residualScale of what each branch adds; 1 for most
 * @param outputNorm after the last block; null for none
 * @param output from rows to logits, D to V; the embedding's table in tied models; null for an encoder
 * @param logits what becomes of them
 * @param vectors how a text becomes a vector
 * @param classifier from such a vector to scores; null for none
 */
public record DecoderPlan(
        Sizes sizes,
        EmbeddingPlan embedding,
        List<Block> blocks,
        float residualScale,
        Norm outputNorm,
        Projection output,
        Logits logits,
        TextVectors vectors,
        Classifier classifier) {
    /** Checks that the parts have the decoder's sizes. */
    public DecoderPlan {
        blocks = List.copyOf(blocks);
        requireTable(embedding.tokens(), sizes.vocabSize(), sizes.dim());
        if (embedding.positions() != null) {
            requireTable(embedding.positions(), sizes.contextLength(), sizes.dim());
        }
        if (embedding.layerInputs() != null) {
            Weight tokens = embedding.layerInputs().tokens();
            requireTable(tokens, sizes.vocabSize(), tokens.shape().columns());
        }
        Objects.requireNonNull(logits, "logits");
        Objects.requireNonNull(vectors, "vectors");
        if (!vectors.maps().isEmpty() && vectors.maps().getFirst().inputDim() != sizes.dim()) {
            throw new IllegalArgumentException(
                    "plan: vectors begin with " + sizes.dim() + " elements, but the first map takes "
                            + vectors.maps().getFirst().inputDim());
        }
        if (output != null && (output.outputDim() != sizes.vocabSize() || output.inputDim() != sizes.dim())) {
            throw new IllegalArgumentException("plan: output must be [" + sizes.vocabSize() + ", " + sizes.dim()
                    + "], but is [" + output.outputDim() + ", " + output.inputDim() + "]");
        }
        if (output != null && output.bias() != null && logits.scale() != 1) {
            throw new IllegalArgumentException("plan: logits with a bias are not multiplied, but by " + logits.scale());
        }
    }

    private static void requireTable(Weight table, int rows, int columns) {
        if (table.rows() != rows || table.shape().columns() != columns) {
            throw new IllegalArgumentException(
                    "plan: " + table.name() + " must be [" + rows + ", " + columns + "], but is " + table.shape());
        }
    }

    /** A decoder whose branches are added as they are. */
    public static DecoderPlan of(
            Sizes sizes, EmbeddingPlan embedding, List<Block> blocks, Norm outputNorm, Projection output) {
        return new DecoderPlan(sizes, embedding, blocks, 1, outputNorm, output, Logits.PLAIN, TextVectors.NONE, null);
    }

    /** The same with another factor of what each branch adds. */
    public DecoderPlan withResidualScale(float scale) {
        return new DecoderPlan(sizes, embedding, blocks, scale, outputNorm, output, logits, vectors, classifier);
    }

    /** The same with other logits. */
    public DecoderPlan withLogits(Logits logits) {
        return new DecoderPlan(
                sizes, embedding, blocks, residualScale, outputNorm, output, logits, vectors, classifier);
    }

    /** The same with vectors of texts. */
    public DecoderPlan withVectors(TextVectors vectors) {
        return new DecoderPlan(
                sizes, embedding, blocks, residualScale, outputNorm, output, logits, vectors, classifier);
    }

    /** The same with scores of texts. */
    public DecoderPlan withClassifier(Classifier classifier) {
        return new DecoderPlan(
                sizes, embedding, blocks, residualScale, outputNorm, output, logits, vectors, classifier);
    }

    /** Whose rows become a text's vector. */
    public Pooling pooling() {
        return vectors.pooling();
    }

    /** Elements of a text's vector. */
    public int vectorDim() {
        return vectors.dim(sizes.dim());
    }

    /** Whether rows see others behind them: the rows of a text must then be computed together. */
    public boolean looksAhead() {
        return branches().stream()
                .flatMap(branch -> branch.layer() instanceof Parallel parallel
                        ? parallel.parts().stream().map(Branch::layer)
                        : Stream.of(branch.layer()))
                .anyMatch(layer -> layer instanceof AttentionPlan attention
                        && attention.mask().after() > 0);
    }

    /** Whether it continues texts, token by token; an encoder makes vectors of whole ones. */
    public boolean writes() {
        return output != null && !looksAhead();
    }

    /** Whether the projection to the vocabulary is the embedding's table. */
    public boolean tied() {
        return output != null && output.weight().weight().equals(embedding.tokens());
    }

    /** The branches of all blocks, in the order they are computed. */
    public List<Branch> branches() {
        return blocks.stream().flatMap(block -> block.branches().stream()).toList();
    }

    /** Every tensor once, in the order of files. */
    public List<Weight> weights() {
        return Stream.of(
                        embedding.weights(),
                        branches().stream().flatMap(Branch::weights),
                        outputNorm == null ? Stream.<Weight>of() : outputNorm.weights(),
                        output == null ? Stream.<Weight>of() : output.weights(),
                        vectors.weights(),
                        classifier == null ? Stream.<Weight>of() : classifier.weights())
                .flatMap(weights -> weights)
                .distinct()
                .toList();
    }
}
