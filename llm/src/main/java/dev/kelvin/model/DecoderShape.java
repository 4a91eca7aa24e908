// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.Weight;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The sizes of a decoder that is yet to be made. The head's width is dim/heads, and the last projection shares the
 * embedding's table unless it is untied.
 *
 * @param architecture its name in files, one of {@link LanguageModels#trainable}
 * @param vocabSize V
 * @param contextLength T, positions of a sequence
 * @param dim D
 * @param ffnDim F
 * @param heads H, a divisor of dim
 * @param kvHeads Hkv, a divisor of heads; equal to them where the architecture knows no groups
 * @param layers L
 * @param tied whether the last projection shares the embedding's table
 */
public record DecoderShape(
        String architecture,
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

    /** Checks that the sizes fit together, and that the architecture has such models. */
    public DecoderShape {
        Objects.requireNonNull(architecture, "architecture");
        NewModel model = newModel(architecture);
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
        model.check(dim / heads, heads, kvHeads);
    }

    private static NewModel newModel(String architecture) {
        Architecture known = Architectures.ALL.get(architecture);
        if (known == null || known.newModel() == null) {
            throw new IllegalArgumentException("decoder: architecture must be one of "
                    + String.join(", ", LanguageModels.trainable()) + ", got " + architecture);
        }
        return known.newModel();
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

    /**
     * The width of the feed-forward part that is usual.
     *
     * @param architecture one of {@link LanguageModels#trainable}
     * @param dim D
     * @return F, at most the largest int
     */
    public static int usualFfnDim(String architecture, int dim) {
        return (int) Math.min(newModel(architecture).usualFfnDim(dim), Integer.MAX_VALUE);
    }

    /**
     * The metadata of a model of this shape, but for its name and its tokenizer.
     *
     * @return a new map, in the order of files
     */
    public Map<String, Object> metadata() {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("general.architecture", architecture);
        BiConsumer<String, Object> keys = (key, value) -> metadata.put(architecture + "." + key, value);
        keys.accept("context_length", contextLength);
        keys.accept("embedding_length", dim);
        keys.accept("block_count", layers);
        keys.accept("feed_forward_length", ffnDim);
        keys.accept("attention.head_count", heads);
        newModel(architecture).describe(this, keys);
        return metadata;
    }

    /** What its architecture makes of it. */
    public DecoderPlan plan() {
        Map<String, Object> metadata = metadata();
        metadata.put(architecture + ".vocab_size", vocabSize);
        return LanguageModels.plan(metadata, tied ? Set.of() : Set.of("output.weight"));
    }

    /**
     * How many numbers its parameters are; makes none of them.
     *
     * @return their number
     * @throws ArithmeticException if they are more than an array holds
     */
    public int parameterCount() {
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
