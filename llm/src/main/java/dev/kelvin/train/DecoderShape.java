// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.model.LanguageModels;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.Weight;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The sizes of a decoder that is to be trained. The head's width is dim/heads, and the last projection shares the
 * embedding's table unless it is untied.
 *
 * @param architecture the kind of decoder
 * @param vocabSize V
 * @param contextLength T, positions of a sequence
 * @param dim D
 * @param ffnDim F
 * @param heads H, a divisor of dim
 * @param kvHeads Hkv, a divisor of heads; heads for {@link Architecture#GPT2}
 * @param layers L
 * @param tied whether the last projection shares the embedding's table
 */
public record DecoderShape(
        Architecture architecture,
        int vocabSize,
        int contextLength,
        int dim,
        int ffnDim,
        int heads,
        int kvHeads,
        int layers,
        boolean tied) {
    /** ε of the norms, as usual for the architecture's models. */
    public static final float NORM_EPSILON = 1e-5f;

    /** The base of the rotary frequencies. */
    public static final float ROPE_BASE = 10_000;

    /** Checks that the sizes fit together. */
    public DecoderShape {
        Objects.requireNonNull(architecture, "architecture");
        positive("vocabSize", vocabSize);
        positive("contextLength", contextLength);
        positive("dim", dim);
        positive("ffnDim", ffnDim);
        positive("heads", heads);
        positive("kvHeads", kvHeads);
        positive("layers", layers);
        if (dim % heads != 0 || heads % kvHeads != 0) {
            throw new IllegalArgumentException("decoder: heads must divide dim, and kvHeads divide heads; got dim "
                    + dim + ", heads " + heads + ", kvHeads " + kvHeads);
        }
        if (architecture == Architecture.LLAMA && dim / heads % 2 != 0) {
            throw new IllegalArgumentException(
                    "decoder: rotary positions need an even head width, got dim/heads = " + dim / heads);
        }
        if (architecture == Architecture.GPT2 && kvHeads != heads) {
            throw new IllegalArgumentException(
                    "decoder: GPT-2 has as many key/value heads as heads, got " + kvHeads + " and " + heads);
        }
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("decoder: " + name + " must be at least 1, got " + value);
        }
    }

    /** Dh, elements of a head. */
    public int headDim() {
        return dim / heads;
    }

    /** The name of the architecture in files. */
    private String family() {
        return architecture == Architecture.GPT2 ? "gpt2" : "llama";
    }

    /** The metadata of a model of this shape, but for its name and its tokenizer, in the order of files. */
    Map<String, Object> metadata() {
        String family = family();
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("general.architecture", family);
        metadata.put(family + ".context_length", contextLength);
        metadata.put(family + ".embedding_length", dim);
        metadata.put(family + ".block_count", layers);
        metadata.put(family + ".feed_forward_length", ffnDim);
        metadata.put(family + ".attention.head_count", heads);
        if (architecture == Architecture.GPT2) {
            metadata.put("gpt2.attention.layer_norm_epsilon", NORM_EPSILON);
        } else {
            metadata.put("llama.attention.head_count_kv", kvHeads);
            metadata.put("llama.attention.layer_norm_rms_epsilon", NORM_EPSILON);
            metadata.put("llama.rope.dimension_count", headDim());
            metadata.put("llama.rope.freq_base", ROPE_BASE);
            metadata.put("llama.vocab_size", vocabSize);
        }
        return metadata;
    }

    /** What its architecture makes of it. */
    DecoderPlan plan() {
        Map<String, Object> metadata = metadata();
        metadata.put(family() + ".vocab_size", vocabSize);
        return LanguageModels.plan(metadata, tied ? Set.of() : Set.of("output.weight"));
    }

    /**
     * How many numbers its parameters are; makes none of them.
     *
     * @throws ArithmeticException if they are more than an array holds
     */
    int parameterCount() {
        // Layers are alike: a plan of all would be large where their number is.
        long one = elements(withLayers(1));
        long layer = elements(withLayers(2)) - one;
        return Math.toIntExact(Math.addExact(one, Math.multiplyExact(layer, layers - 1L)));
    }

    private DecoderShape withLayers(int count) {
        return new DecoderShape(architecture, vocabSize, contextLength, dim, ffnDim, heads, kvHeads, count, tied);
    }

    private static long elements(DecoderShape shape) {
        long sum = 0;
        for (Weight weight : shape.plan().weights()) {
            sum = Math.addExact(sum, weight.shape().elements());
        }
        return sum;
    }
}
