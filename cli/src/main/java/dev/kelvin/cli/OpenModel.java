// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.ModelFile;
import dev.kelvin.format.hub.ModelFiles;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.kernel.KernelProvider;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.model.Progress;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.Sequence;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.StreamingDecoder;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A model file with all that a command needs to compute with it. The tokenizer is read when it is first asked for. */
final class OpenModel implements AutoCloseable {
    /** Positions computed in one forward pass when all logits are wanted; bounds the memory for [B, V]. */
    private static final int POSITIONS_AT_ONCE = 64;

    private final ModelFile file;
    private final Compute compute;
    private final Decoder model;
    private final Progress progress;
    private Tokenizer tokenizer;

    private OpenModel(ModelFile file, Compute compute, Decoder model, Progress progress) {
        this.file = file;
        this.compute = compute;
        this.model = model;
        this.progress = progress;
    }

    /** Takes the logits [V] at one position of a sequence. */
    @FunctionalInterface
    interface PositionAction {
        void accept(int position, HeapTensor logits) throws IOException;
    }

    /**
     * Opens a GGUF file or a folder of the hub, or for null the model that comes with the program; an unreadable file
     * is told by name.
     */
    static ModelFile file(Path path) throws IOException {
        if (path == null) {
            return EmbeddedModel.open();
        }
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        return ModelFiles.open(path);
    }

    /** What messages and documents call the model of an option. */
    static String name(Path path) {
        return (path == null ? EmbeddedModel.NAME : path).toString();
    }

    /**
     * Opens a model, for null the one that comes with the program, to compute on {@code threads} threads. That small
     * one has told a whole story before lanes would be compiled, so it does without them unless they are asked for.
     */
    static OpenModel of(Path path, int threads, Progress progress) throws IOException {
        boolean plain = path == null && System.getProperty(KernelProvider.VECTOR_BITS) == null;
        return of(path, plain ? Compute.startPlain(threads) : Compute.startQuick(threads), progress);
    }

    /** Opens a model, for null the one that comes with the program, to compute with; closing it closes both. */
    static OpenModel of(Path path, Compute compute, Progress progress) throws IOException {
        ModelFile file = null;
        try {
            file = file(path);
            Decoder model = LanguageModels.load(file, compute, LoadOptions.telling(progress));
            return new OpenModel(file, compute, model, progress);
        } catch (IOException | RuntimeException | Error e) {
            compute.close();
            if (file != null) {
                file.close();
            }
            throw e;
        }
    }

    Decoder model() {
        return model;
    }

    Compute compute() {
        return compute;
    }

    Tokenizer tokenizer() throws IOException {
        if (tokenizer == null) {
            tokenizer = Tokenizers.of(file, LoadOptions.telling(progress));
        }
        return tokenizer;
    }

    int vocabSize() {
        return model.plan().sizes().vocabSize();
    }

    int contextLength() {
        return model.plan().sizes().contextLength();
    }

    /** {@link #promptIds(String, boolean)} of a text in which no control token is looked for. */
    int[] promptIds(String prompt) throws IOException {
        return promptIds(prompt, false);
    }

    /**
     * The ids of a prompt, ready for the model.
     *
     * @param parseSpecial whether text that spells a control token becomes that token
     * @throws IllegalArgumentException if there is nothing to start from, or the prompt exceeds the model's context
     */
    int[] promptIds(String prompt, boolean parseSpecial) throws IOException {
        LackingCharacters.tell(tokenizer(), prompt, progress::remark);
        int[] ids = Tokenizers.promptIds(tokenizer(), prompt, parseSpecial);
        if (ids.length > contextLength()) {
            throw new IllegalArgumentException(
                    "the prompt's " + ids.length + " tokens are more than the model's context of " + contextLength());
        }
        return ids;
    }

    /** The logits [V] for the token that follows {@code ids}; −∞ for those that are never generated. */
    float[] nextLogits(int[] ids) throws IOException {
        Sequence sequence = model.newPool().newSequence();
        HeapTensor hidden = HeapTensor.zeros(1, model.plan().sizes().dim());
        model.append(sequence, ids, 0, ids.length, hidden);
        HeapTensor logits = HeapTensor.zeros(1, vocabSize());
        model.head().forward(hidden, logits);
        for (int id : tokenizer().special().suppressed()) {
            logits.data()[id] = Float.NEGATIVE_INFINITY;
        }
        return logits.data();
    }

    /**
     * Computes the logits at each position of {@code ids}, in order. The tensor is used again after the action returns.
     */
    void eachPosition(int[] ids, PositionAction action) throws IOException {
        Sequence sequence = model.newPool().newSequence();
        int block = Math.min(ids.length, POSITIONS_AT_ONCE);
        HeapTensor hidden = HeapTensor.zeros(block, model.plan().sizes().dim());
        HeapTensor logits = HeapTensor.zeros(block, vocabSize());
        for (int begin = 0; begin < ids.length; begin += block) {
            int count = Math.min(block, ids.length - begin);
            model.append(sequence, ids, begin, begin + count, hidden.rowRange(0, count));
            model.head().forward(hidden.rowRange(0, count), logits.rowRange(0, count));
            for (int row = 0; row < count; row++) {
                action.accept(begin + row, logits.rowRange(row, row + 1));
            }
        }
    }

    /** The text of one token; for one that has none of its own, such as a byte of a longer character, its piece. */
    String tokenText(int id) throws IOException {
        StreamingDecoder decoder = tokenizer().decoder(false);
        String text = decoder.accept(id) + decoder.finish();
        return text.isEmpty() || text.indexOf('\ufffd') >= 0 ? tokenizer().piece(id) : text;
    }

    /** Refuses ids beyond the vocabulary, as a mistake of the caller of {@code command}. */
    static void checkIds(Subcommand command, int[] ids, int vocabSize) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] >= vocabSize) {
                throw command.usage(
                        "--ids: " + ids[i] + " at index " + i + " is not in the vocabulary [0, " + vocabSize + ")");
            }
        }
    }

    @Override
    public void close() {
        compute.close();
        file.close();
    }
}
