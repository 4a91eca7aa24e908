// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.model.DecoderShape;
import dev.kelvin.operand.AdamWStep;
import dev.kelvin.operand.CounterHash;
import dev.kelvin.ops.Compute;
import dev.kelvin.ops.Training;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * Trains a decoder, one step of the optimizer at a time. The weights after n steps are a pure function of shape, recipe
 * and tokens: threads, lanes and an interruption that was resumed from a checkpoint change no bit. A step allocates
 * nothing once the first has run. For one thread at a time; nulls are refused.
 */
public final class Trainer {
    private static final int BATCHES = 1;
    private static final int DROPOUT = 2;

    private final DecoderShape shape;
    private final Recipe recipe;
    private final TokenData data;
    private final Compute compute;
    private final Training training;
    private final Parameters parameters;
    private final DecoderLoss decoder;
    private final AdamWStep numbers = new AdamWStep();
    private final HeapTensor[] matrices;
    private final HeapTensor[] vectors;
    private final int[] inputs;
    private final int[] labels;
    private final int[] heldOut;
    private final long batchKey;
    private final long dropoutKey;
    private int step;
    private double gradientNorm;

    /** {@link #Trainer(DecoderShape, Recipe, TokenData, Compute, Activations)} with {@link Activations#STORED}. */
    public Trainer(DecoderShape shape, Recipe recipe, TokenData data, Compute compute) {
        this(shape, recipe, data, compute, Activations.STORED);
    }

    /**
     * A decoder with its initial weights.
     *
     * @param shape its sizes
     * @param recipe how to train it
     * @param data tokens, each below the shape's vocabSize
     * @param compute does the work
     * @param activations whether to keep them or to compute them twice; changes no bit
     * @throws IllegalArgumentException if the data is shorter than a sequence or has a token outside the vocabulary, or
     *     if the sizes exceed what an array holds
     */
    public Trainer(DecoderShape shape, Recipe recipe, TokenData data, Compute compute, Activations activations) {
        this.shape = Objects.requireNonNull(shape, "shape");
        this.recipe = Objects.requireNonNull(recipe, "recipe");
        this.data = data;
        this.compute = compute;
        this.training = compute.training();
        int length = shape.contextLength();
        if (!data.holds(length)) {
            throw new IllegalArgumentException("train: " + data.trainedTokens()
                    + " tokens to train on are too few for a context of " + length + " (give more text, or a shorter"
                    + " context)");
        }
        for (int id : data.tokens()) {
            if (id < 0 || id >= shape.vocabSize()) {
                throw new IllegalArgumentException("train: token " + id + " of a vocabulary of " + shape.vocabSize());
            }
        }
        checkSizes(shape, recipe.batch());
        DecoderPlan plan = shape.plan();
        parameters = new Parameters(plan, recipe.seed());
        decoder = new DecoderLoss(plan, parameters, recipe.batch(), recipe.dropout(), activations, compute);
        matrices = ranges(0, parameters.decayed());
        vectors = ranges(parameters.decayed(), parameters.count());
        inputs = new int[recipe.batch() * length];
        labels = new int[inputs.length];
        heldOut = new int[recipe.batch()];
        batchKey = CounterHash.derive(recipe.seed(), BATCHES);
        dropoutKey = CounterHash.derive(recipe.seed(), DROPOUT);
    }

    /** Refuses sizes beyond an array, before anything is made. */
    private static void checkSizes(DecoderShape shape, int batch) {
        try {
            shape.parameterCount();
        } catch (ArithmeticException | IllegalArgumentException tooMany) {
            // A shape that fits together has no plan only where a tensor alone exceeds what an int counts.
            throw new IllegalArgumentException(
                    "train: the parameters of " + shape + " are more than an array holds", tooMany);
        }
        try {
            long positions = (long) batch * shape.contextLength();
            Math.toIntExact(Math.multiplyExact(positions, Math.max(shape.dim(), shape.ffnDim())));
        } catch (ArithmeticException tooMany) {
            throw new IllegalArgumentException("train: the activations of " + shape + " for a batch of " + batch
                    + " are more than an array holds");
        }
    }

    /** Values, gradients and both moments of a range. */
    private HeapTensor[] ranges(int begin, int end) {
        return new HeapTensor[] {
            HeapTensor.view(parameters.values().data(), begin, end - begin),
            HeapTensor.view(parameters.gradients().data(), begin, end - begin),
            HeapTensor.view(parameters.firstMoments().data(), begin, end - begin),
            HeapTensor.view(parameters.secondMoments().data(), begin, end - begin)
        };
    }

    /**
     * One step: gradients of {@code accumulate} batches, their clipping, AdamW.
     *
     * @return the mean loss before the step, nats a token
     * @throws IllegalStateException if all steps are done
     * @throws IllegalArgumentException if loss or gradient are no longer finite: the recipe is unfit. The weights are
     *     those before the step
     */
    public double step() {
        if (step >= recipe.steps()) {
            throw new IllegalStateException("train: all " + recipe.steps() + " steps are done");
        }
        compute.elements().clear(parameters.gradients());
        int passes = recipe.accumulate();
        double loss = 0;
        for (int pass = 0; pass < passes; pass++) {
            int number = step * passes + pass;
            data.batch(batchKey, number, shape.contextLength(), inputs, labels);
            long key = CounterHash.derive(dropoutKey, number);
            try {
                loss += decoder.lossAndGradients(inputs, labels, 1.0 / passes, key) / passes;
            } catch (IllegalArgumentException notFinite) { // logits that no softmax normalises
                throw diverged(notFinite);
            }
        }
        gradientNorm = Math.sqrt(training.squaredNorm(parameters.gradients()));
        if (!Double.isFinite(loss) || !Double.isFinite(gradientNorm)) {
            throw diverged(null);
        }
        double clip = recipe.clip();
        double gradientScale = clip > 0 && gradientNorm > clip ? clip / gradientNorm : 1;
        update(matrices, recipe.weightDecay(), gradientScale);
        update(vectors, 0, gradientScale);
        step++;
        return loss;
    }

    private IllegalArgumentException diverged(Throwable cause) {
        return new IllegalArgumentException(
                "train: step " + (step + 1)
                        + " diverged, the loss is no longer finite; a smaller learning rate or a longer warm-up may help",
                cause);
    }

    private void update(HeapTensor[] range, double decay, double gradientScale) {
        numbers.set(
                step + 1,
                recipe.beta1(),
                recipe.beta2(),
                Recipe.ADAM_EPSILON,
                recipe.learningRate(step),
                decay,
                gradientScale);
        training.adamW(range[0], range[1], range[2], range[3], numbers);
    }

    /** How it trains. */
    public Recipe recipe() {
        return recipe;
    }

    /** Steps done. */
    public int steps() {
        return step;
    }

    /** Tokens that a step trains on. */
    public long tokensPerStep() {
        return (long) inputs.length * recipe.accumulate();
    }

    /** The number of trainable numbers. */
    public int parameterCount() {
        return parameters.count();
    }

    /** The norm of the last step's gradient before clipping. */
    public double gradientNorm() {
        return gradientNorm;
    }

    /**
     * The mean loss on sequences of the held-out tail that do not overlap, evenly spread over it.
     *
     * @param mostSequences how many to use at most, rounded down to whole batches but at least one batch
     * @return nats a token; NaN if the tail holds less than one batch of sequences
     */
    public double heldOutLoss(int mostSequences) {
        return heldOutLoss(mostSequences, () -> false);
    }

    /**
     * {@link #heldOutLoss(int)} that can be called off.
     *
     * @param mostSequences how many to use at most
     * @param calledOff asked before each batch
     * @return nats a token; NaN if the tail holds less than one batch of sequences, or if it was called off
     */
    public double heldOutLoss(int mostSequences, BooleanSupplier calledOff) {
        int length = shape.contextLength();
        int available = data.heldOutSequences(length);
        int batch = recipe.batch();
        int batches = Math.min(available, Math.max(batch, mostSequences)) / batch;
        if (batches == 0) {
            return Double.NaN;
        }
        int used = batches * batch;
        double sum = 0;
        for (int i = 0; i < batches; i++) {
            if (calledOff.getAsBoolean()) {
                return Double.NaN;
            }
            for (int b = 0; b < batch; b++) {
                heldOut[b] = (int) ((long) (i * batch + b) * available / used);
            }
            data.heldOutBatch(heldOut, length, inputs, labels);
            sum += decoder.loss(inputs, labels);
        }
        return sum / batches;
    }

    /**
     * Writes everything a run needs to go on, replacing the file atomically.
     *
     * @param path of the checkpoint
     * @throws IOException if it cannot be written
     */
    public void save(Path path) throws IOException {
        Checkpoint.write(path, run(), recipe, step, parameters);
    }

    /**
     * Goes on from a checkpoint. The recipe may have another number of steps than that of the run that wrote it, as
     * long as both have the same learning rates up to there: then the weights are those of a run that had this recipe
     * from its first step.
     *
     * @param path of the checkpoint
     * @throws IOException if it cannot be read, is damaged, or belongs to another shape, recipe or text; or if the
     *     learning rates so far are not this recipe's
     */
    public void restore(Path path) throws IOException {
        step = Checkpoint.read(path, run(), recipe, parameters);
    }

    /** What a checkpoint must agree with, but for the number of steps. Checkpoints name architectures in capitals. */
    private String run() {
        String architecture = "architecture=" + shape.architecture();
        return shape.toString()
                        .replace(
                                architecture,
                                "architecture=" + shape.architecture().toUpperCase(Locale.ROOT)) + ", "
                + recipe.withoutSteps() + ", tokens " + data.tokens().length + " of hash "
                + Integer.toHexString(Arrays.hashCode(data.tokens())) + ", trained on "
                + data.trainedTokens();
    }

    /**
     * Writes the model as it is now, F32, as a GGUF file that Kelvin and llama.cpp load.
     *
     * @param path of the file, replaced atomically
     * @param name of the model, for people
     * @param tokenizer the keys that describe the tokenizer
     * @throws IOException if it cannot be written
     */
    public void export(Path path, String name, Map<String, Object> tokenizer) throws IOException {
        GgufExport.write(path, name, shape, parameters, tokenizer);
    }

    /** A tensor of the model, under its name in GGUF files; a view of what the next step changes. */
    HeapTensor tensor(String name) {
        return parameters.value(name);
    }

    Parameters parameters() {
        return parameters;
    }
}
