// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import java.util.Objects;

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

    /** Elements of a position's keys, and of its values. */
    public int kvDim() {
        return kvHeads * headDim();
    }
}
