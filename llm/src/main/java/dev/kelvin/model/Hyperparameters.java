// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.kernel.RopeTable;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Projection;
import dev.kelvin.plan.Rotary;
import dev.kelvin.plan.Sizes;
import dev.kelvin.plan.Weight;

/**
 * The keys and tensors that most architectures have in common, each read once. What is particular to one, it asks of
 * {@link #keys}.
 */
final class Hyperparameters {
    private final Keys keys;
    private final Tensors tensors;
    private final Sizes sizes;
    private final Weight embedding;
    private final int layers;

    Hyperparameters(Keys keys, Tensors tensors) throws ModelFormatException {
        this.keys = keys;
        this.tensors = tensors;
        int dim = keys.positive("embedding_length");
        sizes = new Sizes(dim, vocabSize(), keys.positive("context_length"));
        layers = keys.positive("block_count");
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
                ? tensors.projection("output", sizes.vocabSize(), sizes.dim())
                : new Projection(embedding.whole(), null);
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
        int heads = keys.positive("attention.head_count");
        int kvHeads = keys.positive("attention.head_count_kv", heads);
        if (heads % kvHeads != 0) {
            throw keys.refuse("attention.head_count_kv", "a divisor of head_count " + heads, kvHeads);
        }
        if (!keys.contains("attention.key_length") && sizes.dim() % heads != 0) {
            throw keys.refuse("attention.head_count", "a divisor of embedding_length " + sizes.dim(), heads);
        }
        int headDim = keys.positive("attention.key_length", sizes.dim() / heads);
        if ((long) heads * headDim > Integer.MAX_VALUE) {
            throw keys.refuse("attention.key_length", "head_count * key_length below 2^31", headDim);
        }
        int valueDim = keys.positive("attention.value_length", headDim);
        if (valueDim != headDim) {
            throw keys.refuse("attention.value_length", "the key length " + headDim, valueDim);
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

    /** The rotation of all layers, with the divisors of {@code rope_freqs} that files of lengthened contexts carry. */
    Rotary rotary(Heads heads, RopeTable.Pairing pairing) throws ModelFormatException {
        int dims = keys.integer("rope.dimension_count", heads.dim());
        if (dims < 2 || dims % 2 != 0 || dims > heads.dim()) {
            throw keys.refuse("rope.dimension_count", "an even number in [2, head width " + heads.dim() + "]", dims);
        }
        double[] frequencies = RopeTable.frequencies(dims, keys.positiveReal("rope.freq_base", 10_000));
        requireUnscaled();
        if (tensors.has("rope_freqs.weight")) {
            float[] factors = tensors.values("rope_freqs.weight", frequencies.length);
            for (int i = 0; i < factors.length; i++) {
                if (!(factors[i] > 0) || factors[i] == Float.POSITIVE_INFINITY) {
                    throw tensors.refuse(
                            "rope_freqs.weight", "positive, finite factors", factors[i] + " at index " + i);
                }
                frequencies[i] /= factors[i];
            }
        }
        return new Rotary(pairing, dims, frequencies, 1);
    }

    /** Without a type ggml scales linearly by the factor, of which 0 and 1 scale nothing. */
    private void requireUnscaled() throws ModelFormatException {
        String type = keys.string("rope.scaling.type", "linear");
        if (type.equals("none")) {
            keys.contains("rope.scaling.factor");
            keys.contains("rope.scale_linear");
            return;
        }
        if (!type.equals("linear")) {
            throw keys.refuse("rope.scaling.type", "none, or linear by a factor of 1", type);
        }
        for (String key : new String[] {"rope.scaling.factor", "rope.scale_linear"}) {
            float factor = keys.real(key, 1);
            if (factor != 1 && factor != 0) {
                throw keys.refuse(key, "1 (scaled positions cannot be computed)", factor);
            }
        }
    }
}
