// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.head.CrossEntropy;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.RowBuffers;
import dev.kelvin.nn.TrainableLayer;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.Logits;
import dev.kelvin.plan.Projection;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The loss of a decoder over batches of whole sequences, and its derivative. The way there is that of {@link Decoder};
 * the projection to the vocabulary, which only the fused cross-entropy computes, begins the way back.
 */
final class DecoderLoss {
    /** What the way back needs of a branch. */
    private record Step(NormDerivative before, LayerDerivative layer, RowBuffers scratch) {}

    private final Compute compute;
    private final float dropout;
    private final boolean recompute;
    private final Decoder decoder;
    private final TrainingPass pass;
    private final int[] positions;
    private final List<Step> steps = new ArrayList<>();

    /** The first branch of each block, and their number. */
    private final int[] blocks;

    private final HeapTensor tableGradient;
    private final HeapTensor positionsGradient;
    private final NormDerivative outputNorm;
    private final HeapTensor projection;
    private final HeapTensor projectionGradient;
    private final CrossEntropy loss;

    private final HeapTensor hidden;
    private final HeapTensor dBranch;
    private final HeapTensor dx;

    /**
     * The loss of a plan.
     *
     * @param parameters of the plan
     * @param batch B, sequences of a pass
     * @param dropout the rate after the embedding and each branch
     * @throws IllegalArgumentException if the derivative of a part is not known
     */
    DecoderLoss(
            DecoderPlan plan,
            Parameters parameters,
            int batch,
            float dropout,
            Activations activations,
            Compute compute) {
        this.compute = compute;
        this.dropout = dropout;
        recompute = activations == Activations.RECOMPUTED;
        decoder = new Decoder(plan, parameters, compute);
        WholeSequences sequences =
                new WholeSequences(compute, batch, plan.sizes().contextLength());
        positions = sequences.positions();
        int rows = positions.length;
        pass = new TrainingPass(compute, decoder, rows, sequences, activations);
        List<Integer> firsts = new ArrayList<>();
        RowBuffers[] scratch = new RowBuffers[plan.branches().size()];
        for (Block block : plan.blocks()) {
            firsts.add(steps.size());
            for (int place = 0; place < block.branches().size(); place++) {
                int number = steps.size();
                // Layers at one place of all blocks have equal widths, and never need their scratch together.
                scratch[place] = scratch[place] == null
                        ? new RowBuffers(decoder.layer(number).widths())
                        : scratch[place];
                Branch branch = block.branches().get(place);
                requireDerivative(branch, plan);
                steps.add(new Step(
                        new NormDerivative(branch.before(), parameters, compute),
                        LayerDerivative.of(decoder.layer(number), parameters, sequences, compute),
                        scratch[place]));
            }
        }
        firsts.add(steps.size());
        blocks = firsts.stream().mapToInt(Integer::intValue).toArray();
        tableGradient = parameters.gradient(plan.embedding().tokens().whole());
        positionsGradient = plan.embedding().positions() == null
                ? null
                : parameters.gradient(plan.embedding().positions().whole());
        outputNorm = new NormDerivative(plan.outputNorm(), parameters, compute);
        Projection output = plan.output();
        projection = parameters.factor(output.weight());
        projectionGradient = parameters.gradient(output.weight());
        loss = new CrossEntropy(compute);
        int dim = plan.sizes().dim();
        hidden = HeapTensor.zeros(rows, dim);
        dBranch = HeapTensor.zeros(rows, dim);
        dx = HeapTensor.zeros(rows, dim);
    }

    private static void requireDerivative(Branch branch, DecoderPlan plan) {
        boolean plain = branch.before() != null
                && branch.after() == null
                && branch.closing() == null
                && branch.factor() == null
                && plan.embedding().layerInputs() == null;
        boolean scaled = plan.residualScale() != 1 || plan.embedding().scale() != 1;
        if (!plain || scaled || !plan.logits().equals(Logits.PLAIN)) {
            throw new IllegalArgumentException("train: only pre-normalised decoders without scales, not " + branch);
        }
    }

    /**
     * The loss alone, without dropout.
     *
     * @param inputs [B·T]
     * @param labels [B·T], the tokens that follow
     * @return nats a token
     */
    double loss(int[] inputs, int[] labels) {
        pass.begin(0, 0);
        forward(inputs);
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
        pass.begin(dropout, key);
        forward(inputs);
        double value = loss.backward(hidden, projection, labels, 1, factor, hidden, projectionGradient);
        backward(inputs);
        return value;
    }

    private void forward(int[] inputs) {
        decoder.embed(inputs, 0, inputs.length, positions, pass);
        for (int branch = 0; branch < steps.size(); branch++) {
            decoder.branch(branch, pass);
        }
        decoder.finish(pass.residual(steps.size()), hidden);
    }

    private void backward(int[] inputs) {
        compute.elements().clear(dx);
        outputNorm.backward(pass.residual(steps.size()), hidden, dx);
        for (int block = blocks.length - 2; block >= 0; block--) {
            // The last block has just left what it computed.
            if (recompute && block < blocks.length - 2) {
                recompute(blocks[block], blocks[block + 1] - 1);
            }
            for (int branch = blocks[block + 1] - 1; branch >= blocks[block]; branch--) {
                Step step = steps.get(branch);
                HeapTensor dUpdate = pass.gradient(branch + 1, dx);
                step.layer().backward(dUpdate, pass.normalised(branch), dBranch, pass.kept(branch), step.scratch());
                step.before().backward(pass.residual(branch), dBranch, dx);
            }
        }
        pass.regularise(0, dx);
        compute.training().embeddingBackward(dx, inputs, tableGradient);
        if (positionsGradient != null) {
            compute.training().embeddingBackward(dx, positions, positionsGradient);
        }
    }

    /** The branches of a block once more; what the last one adds is there already. */
    private void recompute(int first, int last) {
        for (int branch = first; branch < last; branch++) {
            decoder.branch(branch, pass);
        }
        TrainableLayer layer = (TrainableLayer) decoder.layer(last);
        layer.activate(decoder.input(last, pass), pass.kept(last), pass.context());
    }
}
