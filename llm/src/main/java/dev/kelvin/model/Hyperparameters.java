// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.plan.Classifier;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Pooling;
import dev.kelvin.plan.Projection;
import dev.kelvin.plan.Rotary;
import dev.kelvin.plan.Scores;
import dev.kelvin.plan.Sizes;
import dev.kelvin.plan.TextVectors;
import dev.kelvin.plan.Weight;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys and tensors that most architectures have in common, each read once. What is particular to one, it asks of
 * {@link #keys}.
 */
final class Hyperparameters {
    /** Nothing is allocated for layers that nobody has; the deepest models published have some hundreds. */
    private static final int MOST_LAYERS = 1 << 16;

    private static final String WINDOWED = "attention.sliding_window_pattern";

    private final Keys keys;
    private final Tensors tensors;
    private final Sizes sizes;
    private final Weight embedding;
    private final int layers;
    private final RotaryKeys rotations;

    /**
     * Reads what all have.
     *
     * @param wantedContext positions that the model is to have room for; 0 for what its file says
     */
    Hyperparameters(Keys keys, Tensors tensors, int wantedContext) throws ModelFormatException {
        this.keys = keys;
        this.tensors = tensors;
        int dim = keys.positive("embedding_length");
        int vocabSize = vocabSize();
        rotations = new RotaryKeys(keys, tensors, keys.positive("context_length"), wantedContext);
        sizes = new Sizes(dim, vocabSize, rotations.contextLength());
        layers = keys.positiveUpTo(MOST_LAYERS, "block_count");
        embedding = tensors.table("token_embd", sizes.vocabSize(), dim);
    }

    /** A vocabulary knows its size; the key is for files without one. */
    private int vocabSize() throws ModelFormatException {
        int tokens = keys.tokens();
        if (!keys.contains("vocab_size")) {
            if (tokens == 0) {
                throw keys.refuse("vocab_size", "this key or tokenizer.ggml.tokens", "neither");
            }
            return tokens;
        }
        int vocabSize = keys.positive("vocab_size");
        if (tokens != 0 && tokens != vocabSize) {
            keys.remark("vocab_size", "the " + tokens + " of tokenizer.ggml.tokens, which are taken", vocabSize);
        }
        return tokens == 0 ? vocabSize : tokens;
    }

    /** The keys below the architecture's name. */
    Keys keys() {
        return keys;
    }

    /** The tensors outside of blocks. */
    Tensors tensors() {
        return tensors;
    }

    /** D, V and the context. */
    Sizes sizes() {
        return sizes;
    }

    /** D. */
    int dim() {
        return sizes.dim();
    }

    /** L, the number of blocks. */
    int layers() {
        return layers;
    }

    /**
     * The number of blocks without those at the end that predict further tokens, whose tensors it takes: nothing is
     * computed with them.
     */
    int trunkLayers() throws ModelFormatException {
        int further = keys.integer("nextn_predict_layers", 0);
        if (further < 0 || further >= layers) {
            throw keys.refuse("nextn_predict_layers", "fewer than the " + layers + " layers", further);
        }
        for (int layer = layers - further; layer < layers; layer++) {
            tensors.block(layer).ignore("");
        }
        return layers - further;
    }

    /** F. */
    int ffnDim() throws ModelFormatException {
        return keys.positive("feed_forward_length");
    }

    /** The table {@code token_embd} {@code [V, D]}. */
    Weight embedding() {
        return embedding;
    }

    /** The projection {@code output}, or the embedding's table in files without one. */
    Projection output() throws ModelFormatException {
        return tensors.has("output.weight")
                ? tensors.unbiased("output", sizes.vocabSize(), sizes.dim())
                : new Projection(embedding.whole(), null);
    }

    /** The same, with {@code output.bias} if there is one. */
    Projection biasedOutput() throws ModelFormatException {
        return tensors.has("output.bias")
                ? output().withBias(
                                tensors.bias("output.bias", sizes.vocabSize()).whole())
                : output();
    }

    /** ε of RMS norms. */
    float rmsEpsilon() throws ModelFormatException {
        return keys.positiveReal("attention.layer_norm_rms_epsilon");
    }

    /** ε of LayerNorms. */
    float layerNormEpsilon() throws ModelFormatException {
        return keys.positiveReal("attention.layer_norm_epsilon");
    }

    /** The heads that all layers have. The width is D / H where no key gives it. */
    Heads heads() throws ModelFormatException {
        return heads(keys.positive("attention.head_count_kv", keys.positive("attention.head_count")));
    }

    /** The key and value heads of each layer. */
    int[] kvHeads() throws ModelFormatException {
        return keys.integers(
                keys.contains("attention.head_count_kv") ? "attention.head_count_kv" : "attention.head_count", layers);
    }

    /** The heads of a layer that has so many key and value heads. */
    Heads heads(int kvHeads) throws ModelFormatException {
        return heads(keys.positive("attention.head_count"), kvHeads, "");
    }

    /**
     * The heads of a layer.
     *
     * @param kind the end of the keys of their width, which may be there for a kind of layers; "" for those of all
     */
    Heads heads(int heads, int kvHeads, String kind) throws ModelFormatException {
        if (heads < 1) {
            throw keys.refuse("attention.head_count", "a positive number", heads);
        }
        if (kvHeads < 1 || heads % kvHeads != 0) {
            throw keys.refuse("attention.head_count_kv", "a divisor of head_count " + heads, kvHeads);
        }
        if (!keys.contains("attention.key_length") && sizes.dim() % heads != 0) {
            throw keys.refuse("attention.head_count", "a divisor of embedding_length " + sizes.dim(), heads);
        }
        int headDim = keys.positive(
                "attention.key_length" + kind, keys.positive("attention.key_length", sizes.dim() / heads));
        if ((long) heads * headDim > Integer.MAX_VALUE) {
            throw keys.refuse("attention.key_length", "head_count * key_length below 2^31", headDim);
        }
        int valueDim = keys.positive("attention.value_length" + kind, headDim);
        if (valueDim != headDim) {
            throw keys.refuse("attention.value_length" + kind, "the key length " + headDim, valueDim);
        }
        return new Heads(heads, kvHeads, headDim);
    }

    /** The factor of the scores: that of the file, or 1/√Dh. */
    float attentionScale(Heads heads) throws ModelFormatException {
        float scale = keys.real("attention.scale", 0);
        if (!(scale >= 0) || scale == Float.POSITIVE_INFINITY) {
            throw keys.refuse("attention.scale", "a positive, finite number, or 0 for none", scale);
        }
        return scale == 0 ? (float) (1 / Math.sqrt(heads.dim())) : scale;
    }

    /** The bound of logits or scores; 0 for none. */
    float softCap(String key, float otherwise) throws ModelFormatException {
        float cap = keys.real(key, otherwise);
        return cap == 0 ? 0 : keys.positiveReal(key, otherwise);
    }

    /** The rotations that the file asks for. */
    RotaryKeys rotations() {
        return rotations;
    }

    /** The rotation of all layers. */
    Rotary rotary(Heads heads, RopeTable.Pairing pairing) throws ModelFormatException {
        return rotations.scaled(heads, pairing);
    }

    /** The scores that {@link #attentionScale} gives. */
    Scores scores(Heads heads) throws ModelFormatException {
        return Scores.scaled(attentionScale(heads));
    }

    /**
     * Which layers see a window only: those of the file, or else all but the last of each period; a period of 0 stands
     * for all.
     *
     * @param period where the file has none
     */
    boolean[] windowed(int period) throws ModelFormatException {
        return keys.flags(WINDOWED, layers, every -> i -> every == 0 || i % every != every - 1, period);
    }

    /** Which layers see a window only: those of the file, or else all but the first of each period. */
    boolean[] windowedButFirst(int period) throws ModelFormatException {
        return keys.flags(WINDOWED, layers, every -> i -> every == 0 || i % every != 0, period);
    }

    /** Whether there are windows: a file may tell of layers that have one, and of its width 0 or nothing. */
    boolean hasWindow() throws ModelFormatException {
        return windowWidth(0) != 0;
    }

    /** What layers with a window see. */
    AttentionMask window() throws ModelFormatException {
        return window(0);
    }

    /** What layers with a window see, which is so wide where the file does not say it. */
    AttentionMask window(int otherwise) throws ModelFormatException {
        int width = windowWidth(otherwise);
        return width == 0 ? AttentionMask.causal() : AttentionMask.window(width);
    }

    /** What the layers of an encoder with a window see: half of it on either side. */
    AttentionMask symmetricWindow() throws ModelFormatException {
        int width = windowWidth(0);
        return width == 0 ? AttentionMask.full() : AttentionMask.symmetric(width / 2);
    }

    private int windowWidth(int otherwise) throws ModelFormatException {
        int width = keys.integer("attention.sliding_window", otherwise);
        if (width < 0) {
            throw keys.refuse("attention.sliding_window", "a number of positions, or 0 for all", width);
        }
        return width;
    }

    /** Positions of the convolution before a state, its own included. */
    int convolutionTaps() throws ModelFormatException {
        int taps = keys.positive("ssm.conv_kernel");
        if (taps < 2) {
            throw keys.refuse("ssm.conv_kernel", "at least 2 positions", taps);
        }
        return taps;
    }

    /** How texts become vectors: the numbers are those of llama.h. */
    Pooling pooling(Pooling otherwise) throws ModelFormatException {
        int type = keys.integer("pooling_type", -1);
        return switch (type) {
            case -1 -> otherwise;
            case 0 -> Pooling.NONE;
            case 1 -> Pooling.MEAN;
            case 2 -> Pooling.CLS;
            case 3 -> Pooling.LAST;
            case 4 -> Pooling.RANK;
            default -> throw keys.refuse("pooling_type", "a number in [0, 4]", type);
        };
    }

    /**
     * A plan with the way that its file makes vectors or scores of texts.
     *
     * @param otherwise where the file does not say how
     * @param classifier null for none
     */
    DecoderPlan pooled(DecoderPlan plan, Pooling otherwise, Classifier classifier) throws ModelFormatException {
        Pooling pooling = pooling(otherwise);
        if (pooling == Pooling.RANK && classifier == null) {
            throw tensors.refuse("cls.output.weight", "a classifier, as pooling_type 4 says", "no such tensor");
        }
        return plan.withVectors(TextVectors.of(pooling)).withClassifier(classifier);
    }

    /** A plan with the way that its file makes vectors of texts, if its family has not read it. */
    DecoderPlan withPooling(DecoderPlan plan) throws ModelFormatException {
        if (plan.pooling() != Pooling.NONE || plan.classifier() != null) {
            return plan;
        }
        Pooling pooling = pooling(Pooling.NONE);
        return pooling == Pooling.RANK ? plan : plan.withVectors(TextVectors.of(pooling));
    }

    /**
     * Vectors that the maps {@code dense_2} and {@code dense_3} take further, each where it is there.
     *
     * @param otherwise where the file does not say how rows become one
     */
    TextVectors mappedVectors(Pooling otherwise) throws ModelFormatException {
        List<Projection> maps = new ArrayList<>();
        int width = dim();
        for (String name : List.of("dense_2", "dense_3")) {
            int inputs = keys.integer(name + "_feat_in", width);
            int outputs = keys.integer(name + "_feat_out", 0);
            if (!tensors.has(name + ".weight")) {
                continue;
            }
            if (inputs != width) {
                throw keys.refuse(name + "_feat_in", "the " + width + " elements that come before it", inputs);
            }
            if (outputs <= 0) {
                outputs = tensors.rows(name + ".weight");
            }
            maps.add(tensors.projection(name, outputs, width));
            width = outputs;
        }
        return new TextVectors(pooling(otherwise), maps);
    }

    /** Refuses a file of an encoder that says it looks back only. */
    void requireBothSides() throws ModelFormatException {
        if (keys.flag("attention.causal", false)) {
            throw keys.refuse("attention.causal", "false, as encoders have it", true);
        }
    }
}
