// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.ops.Compute;
import dev.kelvin.ops.CrossEntropyOptions;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Tensor;
import java.util.Objects;

/**
 * The loss of a language model, from hidden states to nats a token, and its gradient, fused with the projection to the
 * vocabulary: z = hidden·Wᵀ, and the cross-entropy of softmax(z/τ) against the labels.
 *
 * <p>Neither the logits nor the probabilities of all positions ever stand in memory. Positions go in blocks whose
 * logits fit into {@value #SCRATCH_BYTES} bytes; the logits of a block become, in place, their own gradient, which goes
 * into those of hidden states and weights before the next block comes. A gradient so costs three matrix products, and
 * nothing is computed twice. After Wijmans et al., "Cut Your Losses in Large-Vocabulary Language Models",
 * arXiv:2411.09009, which cuts the vocabulary as well and hence computes the logits twice.
 *
 * <p>The block's size shows in no bit: the losses of rows are added ascending, and a sum over rows in the gradient is
 * one chain that the next block continues.
 *
 * <p>If a row's logits have NaN or +∞, what was written until then is part of a gradient; discard it. Memory is kept
 * from call to call; for one thread at a time. Nulls are refused.
 */
public final class CrossEntropy {
    /** The logits of a block; with the scratch of the matrix products it stays below 64 MiB. */
    private static final int SCRATCH_BYTES = 48 << 20;

    /** Blocks are multiples of so many rows, the rows that matrix products take together. */
    private static final int ROW_GROUP = 8;

    private final Compute compute;
    private final CrossEntropyOptions options;
    private final int scratchFloats;
    private final RowBlocks hiddenBlocks = new RowBlocks();
    private final RowBlocks gradientBlocks = new RowBlocks();
    private float[] scratch = new float[0];
    private HeapTensor fullBlock;
    private HeapTensor lastBlock;
    private double[] losses = new double[0];

    /**
     * The mean loss without smoothing or z-loss.
     *
     * @param compute does the work
     */
    public CrossEntropy(Compute compute) {
        this(compute, CrossEntropyOptions.DEFAULT);
    }

    /**
     * A loss.
     *
     * @param compute does the work
     * @param options what the loss is
     */
    public CrossEntropy(Compute compute, CrossEntropyOptions options) {
        this(compute, options, SCRATCH_BYTES / Float.BYTES);
    }

    /** As above, with logits of a block bounded by so many floats; tests see small shapes cut up. */
    CrossEntropy(Compute compute, CrossEntropyOptions options, int scratchFloats) {
        this.compute = Objects.requireNonNull(compute, "compute");
        this.options = Objects.requireNonNull(options, "options");
        this.scratchFloats = scratchFloats;
    }

    /** What the loss is. */
    public CrossEntropyOptions options() {
        return options;
    }

    /**
     * The loss alone, for evaluation: one matrix product.
     *
     * @param hidden [N, D], N = B·T positions
     * @param weight [V, D], of any type that {@link Compute#matmul} takes
     * @param labels [N], the token that follows each position, or {@code ignoreIndex}
     * @param temperature τ in [2⁻¹⁰⁰, 2¹⁰⁰]
     * @return nats a token, or their sum; +∞ where a label's logit is −∞
     * @throws IllegalArgumentException if shapes do not fit, a label is no token, a mean has no row to count, or a
     *     row's logits have NaN or +∞ (naming row, first index and count)
     */
    public double forward(HeapTensor hidden, Tensor weight, int[] labels, float temperature) {
        int counted = check(hidden, weight, labels);
        HeapTensor[] blocks = prepare(hidden, weight);
        int first = 0;
        for (HeapTensor block : blocks) {
            HeapTensor logits = logits(block);
            compute.matmul(block, weight, logits);
            compute.logits().crossEntropy(logits, temperature, labels, first, options, losses);
            first += block.rows();
        }
        return reduced(first, counted);
    }

    /**
     * The loss and its gradient, for training: three matrix products.
     *
     * @param hidden [N, D], N = B·T positions
     * @param weight [V, D]
     * @param labels [N], the token that follows each position, or {@code ignoreIndex}
     * @param temperature τ in [2⁻¹⁰⁰, 2¹⁰⁰]
     * @param dHidden [N, D], overwritten by the gradient; may be hidden
     * @param dWeight [V, D], to which the gradient is added; must not overlap any other
     * @return the loss, the bits of {@link #forward}
     * @throws IllegalArgumentException as {@link #forward}
     */
    public double forwardBackward(
            HeapTensor hidden,
            HeapTensor weight,
            int[] labels,
            float temperature,
            HeapTensor dHidden,
            HeapTensor dWeight) {
        return backward(hidden, weight, labels, temperature, 1, dHidden, dWeight);
    }

    /**
     * As {@link #forwardBackward}, for a loss that something else is made of, such as the mean over several batches. It
     * computes the logits itself and needs no forward before.
     *
     * @param hidden [N, D]
     * @param weight [V, D]
     * @param labels [N]
     * @param temperature τ in [2⁻¹⁰⁰, 2¹⁰⁰]
     * @param lossGradient the gradient by this loss, with which all gradients are multiplied
     * @param dHidden [N, D], overwritten by the gradient; may be hidden
     * @param dWeight [V, D], to which the gradient is added; must not overlap any other
     * @return the loss, not multiplied
     * @throws IllegalArgumentException as {@link #forward}
     */
    public double backward(
            HeapTensor hidden,
            HeapTensor weight,
            int[] labels,
            float temperature,
            double lossGradient,
            HeapTensor dHidden,
            HeapTensor dWeight) {
        int counted = check(hidden, weight, labels);
        checkGradients(hidden, weight, dHidden, dWeight);
        boolean mean = options.reduction() == CrossEntropyOptions.Reduction.MEAN;
        double rowGradient = mean ? lossGradient / counted : lossGradient;
        HeapTensor[] blocks = prepare(hidden, weight);
        HeapTensor[] gradients = gradientBlocks.of(dHidden, fullBlock.rows());
        int first = 0;
        for (int i = 0; i < blocks.length; i++) {
            HeapTensor block = blocks[i];
            HeapTensor logits = logits(block);
            compute.matmul(block, weight, logits);
            compute.training()
                    .crossEntropyBackward(logits, temperature, labels, first, options, rowGradient, losses, logits);
            // The weights first: the other gradient may go over the hidden states.
            compute.training().matmulBackwardWeight(logits, block, dWeight, true);
            compute.training().matmulBackwardInput(logits, weight, gradients[i], false);
            first += block.rows();
        }
        return reduced(first, counted);
    }

    /** Checks what both directions take, and counts the rows that are not ignored. */
    private int check(HeapTensor hidden, Tensor weight, int[] labels) {
        if (weight.shape().rank() != 2 || weight.columns() != hidden.columns()) {
            throw new IllegalArgumentException("crossEntropy: hidden " + hidden.shape() + " and weight "
                    + weight.shape() + " must be [N, D] and [V, D]");
        }
        if (labels.length != hidden.rows()) {
            throw new IllegalArgumentException("crossEntropy: hidden " + hidden.shape() + " and labels ["
                    + labels.length + "] must have as many rows");
        }
        int counted = 0;
        for (int i = 0; i < labels.length; i++) {
            int label = labels[i];
            if (label != options.ignoreIndex()) {
                if (label < 0 || label >= weight.rows()) {
                    throw new IllegalArgumentException("crossEntropy: labels[" + i + "] is " + label
                            + ", neither a row of weight " + weight.shape() + " nor ignoreIndex "
                            + options.ignoreIndex());
                }
                counted++;
            }
        }
        if (counted == 0 && options.reduction() == CrossEntropyOptions.Reduction.MEAN) {
            throw new IllegalArgumentException(
                    "crossEntropy: no mean of no row: all " + labels.length + " labels are ignored");
        }
        return counted;
    }

    private static void checkGradients(HeapTensor hidden, HeapTensor weight, HeapTensor dHidden, HeapTensor dWeight) {
        if (!dHidden.shape().equals(hidden.shape())) {
            throw new IllegalArgumentException("crossEntropy: hidden " + hidden.shape() + " and dHidden "
                    + dHidden.shape() + " must have the same shape");
        }
        if (!dWeight.shape().equals(weight.shape())) {
            throw new IllegalArgumentException("crossEntropy: weight " + weight.shape() + " and dWeight "
                    + dWeight.shape() + " must have the same shape");
        }
        if (overlap(dHidden, hidden) && dHidden.offset() != hidden.offset()) {
            throw overlapping("dHidden", "hidden");
        }
        if (overlap(dHidden, weight)) {
            throw overlapping("dHidden", "weight");
        }
        if (overlap(dWeight, weight)) {
            throw overlapping("dWeight", "weight");
        }
        if (overlap(dWeight, hidden)) {
            throw overlapping("dWeight", "hidden");
        }
        if (overlap(dWeight, dHidden)) {
            throw overlapping("dWeight", "dHidden");
        }
    }

    @SuppressWarnings("ReferenceEquality") // Whether two tensors lie in one array is a question of identity.
    private static boolean overlap(HeapTensor a, HeapTensor b) {
        return a.data() == b.data()
                && a.offset() < b.offset() + b.shape().elements()
                && b.offset() < a.offset() + a.shape().elements();
    }

    private static IllegalArgumentException overlapping(String a, String b) {
        return new IllegalArgumentException("crossEntropy: " + a + " must not overlap " + b);
    }

    /** Makes room for the logits of a block and cuts the positions into blocks. */
    private HeapTensor[] prepare(HeapTensor hidden, Tensor weight) {
        int rows = hidden.rows();
        int vocabSize = weight.rows();
        int most = Math.max(1, scratchFloats / Math.max(1, vocabSize) / ROW_GROUP) * ROW_GROUP;
        int blockRows = Math.min(most, Math.max(1, rows));
        if (scratch.length < Math.multiplyExact(blockRows, vocabSize)) {
            fullBlock = null;
            lastBlock = null;
            // The old one goes first, so that both never stand in memory together.
            scratch = null;
            scratch = new float[blockRows * vocabSize];
        }
        int lastRows = rows % blockRows;
        if (fullBlock == null || fullBlock.rows() != blockRows || fullBlock.columns() != vocabSize) {
            fullBlock = HeapTensor.view(scratch, 0, blockRows, vocabSize);
            lastBlock = null;
        }
        if (lastBlock == null || lastBlock.rows() != lastRows) {
            lastBlock = HeapTensor.view(scratch, 0, lastRows, vocabSize);
        }
        if (losses.length < rows) {
            losses = new double[rows];
        }
        return hiddenBlocks.of(hidden, blockRows);
    }

    private HeapTensor logits(HeapTensor block) {
        return block.rows() == fullBlock.rows() ? fullBlock : lastBlock;
    }

    private double reduced(int rows, int counted) {
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            sum += losses[row];
        }
        return options.reduction() == CrossEntropyOptions.Reduction.MEAN ? sum / counted : sum;
    }
}
