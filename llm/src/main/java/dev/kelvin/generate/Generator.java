// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.head.Sampling;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.Sequence;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.Objects;
import java.util.function.IntConsumer;

/**
 * Continues a prompt token by token.
 *
 * <p>The same model, prompt and options give the same tokens, whatever the number of threads. The token with index n in
 * the sequence (prompt included, sequence number 0) is drawn with position n, so that continuing from a longer prefix
 * of the same text gives the same rest.
 *
 * <p>The sequence and all buffers are kept from one generation to the next. Rejects null; for one thread at a time.
 */
public final class Generator {
    private final Decoder model;
    private final Tokenizer tokenizer;
    private final Compute compute;
    private final HeapTensor lastHidden;
    private final HeapTensor logitRow;
    private final HeapTensor logits;
    private final int[] step = new int[1];
    private final Sequence sequence;

    /**
     * Prepares a generator.
     *
     * @param tokenizer says which ids end the text and which one starts an empty prompt
     * @param compute runs the samplers; the one the model was loaded with
     * @throws IllegalArgumentException if tokenizer and model have vocabularies of different sizes
     */
    public Generator(Decoder model, Tokenizer tokenizer, Compute compute) {
        this.model = Objects.requireNonNull(model, "model");
        this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
        this.compute = Objects.requireNonNull(compute, "compute");
        int dim = model.plan().sizes().dim();
        int vocabSize = model.plan().sizes().vocabSize();
        if (tokenizer.vocabSize() != vocabSize) {
            throw new IllegalArgumentException("generate: the tokenizer has " + tokenizer.vocabSize()
                    + " tokens, but the model's vocabSize is " + vocabSize);
        }
        this.sequence = model.newPool().newSequence();
        this.lastHidden = HeapTensor.zeros(1, dim);
        this.logitRow = HeapTensor.zeros(1, vocabSize);
        this.logits = HeapTensor.view(logitRow.data(), logitRow.offset(), vocabSize);
    }

    /**
     * Continues a prompt.
     *
     * @param prompt ids of the prompt with everything that belongs to it (see {@link Tokenizers#promptIds}); if empty,
     *     the generation starts from BOS
     * @param listener receives each id as it is made, except the one that ends the text; it runs on this thread
     * @throws IllegalArgumentException before any work, if an id is outside the vocabulary (it names index and id), the
     *     prompt is longer than the model's context, or it is empty and the vocabulary has no BOS
     */
    public Generation generate(int[] prompt, GenerateOptions options, IntConsumer listener) {
        Objects.requireNonNull(listener, "listener");
        long start = System.nanoTime();
        int[] ids = startingIds(prompt);
        checkPrompt(ids);
        Sampling sampling =
                Tokenizers.samplerChain(tokenizer, options.samplers()).start(compute, options.seed(), 0);
        sampling.accept(ids);
        sequence.truncate(0);
        model.append(sequence, ids, 0, ids.length, lastHidden);
        long prompted = System.nanoTime();

        long firstTokenNanos = 0;
        int generated = 0;
        int decodeSteps = 0;
        StopReason stopReason = StopReason.MAX_TOKENS;
        while (generated < options.maxTokens()) {
            int id = next(sampling);
            if (firstTokenNanos == 0) {
                // The first head belongs to the prompt: after it, heads and decode steps come in pairs.
                prompted = System.nanoTime();
                firstTokenNanos = Math.max(1, prompted - start);
            }
            // Training texts follow each other: a model without an end token ends a text by beginning the next one.
            if (tokenizer.isEndOfText(id) || id == tokenizer.bosId()) {
                stopReason = StopReason.END_OF_TEXT;
                break;
            }
            listener.accept(id);
            generated++;
            if (generated == options.maxTokens()) {
                break;
            }
            if (sequence.length() == model.plan().sizes().contextLength()) {
                stopReason = StopReason.CONTEXT_FULL;
                break;
            }
            step[0] = id;
            model.append(sequence, step, 0, 1, lastHidden);
            decodeSteps++;
        }
        return new Generation(
                ids.length,
                generated,
                decodeSteps,
                prompted - start,
                System.nanoTime() - prompted,
                firstTokenNanos,
                stopReason);
    }

    /** The token behind {@link #lastHidden}; logits are made only for a chain that wants more of them than a pick. */
    private int next(Sampling sampling) {
        if (sampling.chain().isTemperatureOnly()) {
            return sampling.sample(model.head(), lastHidden);
        }
        model.head().forward(lastHidden, logitRow);
        return sampling.pick(logits);
    }

    private int[] startingIds(int[] prompt) {
        if (prompt.length > 0) {
            return prompt;
        }
        if (tokenizer.bosId() < 0) {
            throw new IllegalArgumentException(
                    "generate: the prompt is empty, and the vocabulary has no BOS token to start from");
        }
        return new int[] {tokenizer.bosId()};
    }

    private void checkPrompt(int[] ids) {
        int contextLength = model.plan().sizes().contextLength();
        if (ids.length > contextLength) {
            throw new IllegalArgumentException("generate: a prompt of " + ids.length
                    + " tokens does not fit the model's context of " + contextLength);
        }
        int vocabSize = model.plan().sizes().vocabSize();
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabSize) {
                throw new IllegalArgumentException(
                        "generate: prompt[" + i + "] is " + ids[i] + ", outside the vocabulary [0, " + vocabSize + ")");
            }
        }
    }
}
