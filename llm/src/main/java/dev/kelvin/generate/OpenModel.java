// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.NonFiniteWeight;
import dev.kelvin.nn.Sequence;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.StreamingDecoder;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.Optional;

/**
 * A model file with all that it takes to compute with it. The tokenizer is read when it is first asked for. For one
 * thread at a time.
 */
public final class OpenModel implements AutoCloseable {
    /** Positions computed in one forward pass when all logits are wanted; bounds the memory for [B, V]. */
    private static final int POSITIONS_AT_ONCE = 64;

    private static final String RERANK_TEMPLATE = "tokenizer.chat_template.rerank";

    private final ModelFile file;
    private final Compute compute;
    private final Decoder model;
    private final LoadOptions options;
    private Tokenizer tokenizer;
    private DraftFile draft;

    private OpenModel(ModelFile file, Compute compute, Decoder model, LoadOptions options) {
        this.file = file;
        this.compute = compute;
        this.model = model;
        this.options = options;
    }

    /** Takes the logits [V] at one position of a sequence. */
    @FunctionalInterface
    public interface PositionAction {
        /** Takes them; the tensor is used again afterwards. */
        void accept(int position, HeapTensor logits) throws IOException;
    }

    /**
     * Loads the model of a file.
     *
     * @param file an open file, which is closed with the result, or at once if there is none
     * @param compute does the work; closed likewise
     * @param options who is told of progress and remarks
     * @throws ModelFormatException if it is no model that can be computed
     */
    public static OpenModel of(ModelFile file, Compute compute, LoadOptions options) throws ModelFormatException {
        try {
            return new OpenModel(file, compute, LanguageModels.load(file, compute, options), options);
        } catch (ModelFormatException | RuntimeException | Error e) {
            compute.close();
            file.close();
            throw e;
        }
    }

    /** What the file says of itself; it stays usable after {@link #close}. */
    public GgufMetadata metadata() {
        return file.metadata();
    }

    /** The model. */
    public Decoder model() {
        return model;
    }

    /** What computes it. */
    public Compute compute() {
        return compute;
    }

    /**
     * The tokenizer.
     *
     * @throws ModelFormatException if the file describes none that can be used
     */
    public Tokenizer tokenizer() throws ModelFormatException {
        if (tokenizer == null) {
            tokenizer = Tokenizers.of(file, options);
        }
        return tokenizer;
    }

    /**
     * Takes a smaller model that guesses what this one says: its answers are the same and come sooner, see
     * {@link EngineLimits#draft}.
     *
     * @param draft an open file, which is closed with this, or at once if it is refused
     * @throws ModelFormatException if it is no model that writes texts, or not of the same vocabulary, token for token
     * @throws IllegalStateException if there is one
     */
    public void guessWith(ModelFile draft) throws ModelFormatException {
        try {
            if (this.draft != null) {
                throw new IllegalStateException("there is a draft model already");
            }
            this.draft = DraftFile.of(draft, file.path(), tokenizer(), compute, options);
        } catch (ModelFormatException | RuntimeException | Error e) {
            draft.close();
            throw e;
        }
    }

    /**
     * An engine of this model, and of the one that guesses for it if there is one, that nobody runs yet.
     *
     * @throws IllegalArgumentException if there is one and {@link EngineLimits#draft} is 0
     * @throws ModelFormatException as {@link #tokenizer}
     */
    public Engine engine(EngineLimits limits) throws ModelFormatException {
        return new Engine(model, draft == null ? null : draft.model(), tokenizer(), compute, limits, System::nanoTime);
    }

    /** The value of {@code general.architecture}. */
    public String architecture() {
        return file.metadata().asMap().getOrDefault("general.architecture", "").toString();
    }

    /** How query and document become one text, with {@code {query}} and {@code {document}}; null if no file says. */
    String rerankTemplate() {
        Object template = file.metadata().asMap().get(RERANK_TEMPLATE);
        return template == null ? null : template.toString();
    }

    /**
     * What the answers of an engine of this model depend on besides the request.
     *
     * @param kvType what the engine keeps keys and values in
     * @throws IOException if the file cannot be read
     */
    public EngineFingerprint fingerprint(DType kvType) throws IOException {
        return EngineFingerprint.of(file, contextLength(), kvType);
    }

    /** V. */
    public int vocabSize() {
        return model.plan().sizes().vocabSize();
    }

    /** The most positions of a sequence. */
    public int contextLength() {
        return model.plan().sizes().contextLength();
    }

    /**
     * The ids of a prompt, ready for the model.
     *
     * @param parseSpecial whether text that spells a control token becomes that token
     * @throws IllegalArgumentException if there is nothing to start from, or the prompt exceeds the model's context
     * @throws ModelFormatException as {@link #tokenizer}
     */
    public int[] promptIds(String prompt, boolean parseSpecial) throws ModelFormatException {
        int[] ids = Tokenizers.promptIds(tokenizer(), prompt, parseSpecial);
        if (ids.length > contextLength()) {
            throw new IllegalArgumentException(
                    "the prompt's " + ids.length + " tokens are more than the model's context of " + contextLength());
        }
        return ids;
    }

    /**
     * The logits [V] for the token that follows {@code ids}; −∞ for those that are never generated.
     *
     * @throws ModelFormatException as {@link #tokenizer}, or if a logit is not finite; it names the tensor
     */
    public float[] nextLogits(int[] ids) throws ModelFormatException {
        HeapTensor hidden = HeapTensor.zeros(1, model.plan().sizes().dim());
        try (Sequence sequence = model.newPool().newSequence()) {
            append(sequence, ids, 0, ids.length, hidden);
        }
        HeapTensor logits = HeapTensor.zeros(1, vocabSize());
        model.head().forward(hidden, logits);
        requireFinite(logits);
        for (int id : tokenizer().special().suppressed()) {
            logits.data()[id] = Float.NEGATIVE_INFINITY;
        }
        return logits.data();
    }

    /**
     * Computes the logits at each position of {@code ids}, in order.
     *
     * @throws ModelFormatException if a logit is not finite; it names the tensor
     */
    public void eachPosition(int[] ids, PositionAction action) throws IOException {
        int block = Math.min(ids.length, POSITIONS_AT_ONCE);
        HeapTensor hidden = HeapTensor.zeros(block, model.plan().sizes().dim());
        HeapTensor logits = HeapTensor.zeros(block, vocabSize());
        try (Sequence sequence = model.newPool().newSequence()) {
            for (int begin = 0; begin < ids.length; begin += block) {
                int count = Math.min(block, ids.length - begin);
                append(sequence, ids, begin, begin + count, hidden.rowRange(0, count));
                model.head().forward(hidden.rowRange(0, count), logits.rowRange(0, count));
                for (int row = 0; row < count; row++) {
                    HeapTensor position = logits.rowRange(row, row + 1);
                    requireFinite(position);
                    action.accept(begin + row, position);
                }
            }
        }
    }

    /** A router of experts does not take what is no number, before there are logits. */
    private void append(Sequence sequence, int[] ids, int begin, int end, HeapTensor hidden)
            throws ModelFormatException {
        try {
            model.append(sequence, ids, begin, end, hidden);
        } catch (IllegalArgumentException e) {
            Optional<NonFiniteWeight> weight = model.firstNonFiniteWeight();
            if (weight.isPresent()) {
                throw unsound(weight);
            }
            throw e;
        }
    }

    /** NaN or infinite logits are the file's fault, or that of numbers beyond float. */
    private void requireFinite(HeapTensor logits) throws ModelFormatException {
        if (!Picker.isFinite(logits)) {
            throw unsound(model.firstNonFiniteWeight());
        }
    }

    private ModelFormatException unsound(Optional<NonFiniteWeight> weight) {
        String item = weight.map(each -> "tensor " + each.tensor()).orElse("model");
        long byteOffset = weight.flatMap(each -> file.find(each.tensor()))
                .map(TensorInfo::byteOffset)
                .orElse(-1L);
        String found = weight.map(NonFiniteWeight::found).orElse("numbers that leave float on their way");
        return new ModelFormatException(file.path(), item, byteOffset, "weights that give finite logits", found);
    }

    /** The text of one token; for one that has none of its own, such as a byte of a longer character, its piece. */
    public static String tokenText(Tokenizer tokenizer, int id) {
        StreamingDecoder decoder = tokenizer.decoder(false);
        String text = decoder.accept(id) + decoder.finish();
        return text.isEmpty() || text.indexOf('\ufffd') >= 0 ? tokenizer.piece(id) : text;
    }

    /**
     * Ends the threads, and lets go of the file. For any thread: what another one computes ends in an
     * {@link IllegalStateException} at its next operation.
     */
    @Override
    public void close() {
        compute.close();
        file.close();
        if (draft != null) {
            draft.file().close();
        }
    }
}
