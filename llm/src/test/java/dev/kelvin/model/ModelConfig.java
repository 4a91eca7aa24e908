// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

/**
 * The sizes of a decoder.
 *
 * @param dim D, elements of a hidden row
 * @param ffnDim F, elements of a feed-forward row
 * @param heads H, query heads
 * @param kvHeads Hkv, key and value heads; divides {@code heads}
 * @param headDim Dh, elements of a head; H · Dh need not be D
 * @param layers L, number of blocks
 * @param vocabSize V, number of token ids
 * @param contextLength the most positions of a sequence
 * @param rmsEpsilon added to the mean square in normalisations; positive and finite
 * @param ropeBase the base of the rotary frequencies; positive and finite
 * @param ropeDims elements of each head that turn; even, at most {@code headDim}
 */
public record ModelConfig(
        int dim,
        int ffnDim,
        int heads,
        int kvHeads,
        int headDim,
        int layers,
        int vocabSize,
        int contextLength,
        float rmsEpsilon,
        float ropeBase,
        int ropeDims) {

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if one is out of range or they do not fit together; it names the field
     */
    public ModelConfig {
        requirePositive("dim", dim);
        requirePositive("ffnDim", ffnDim);
        requirePositive("heads", heads);
        requirePositive("kvHeads", kvHeads);
        requirePositive("headDim", headDim);
        requirePositive("layers", layers);
        requirePositive("vocabSize", vocabSize);
        requirePositive("contextLength", contextLength);
        if (heads % kvHeads != 0) {
            throw new IllegalArgumentException("ModelConfig: heads must be a multiple of kvHeads, but heads = " + heads
                    + ", kvHeads = " + kvHeads);
        }
        if ((long) heads * headDim > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "ModelConfig: heads * headDim must be below 2^31, but heads = " + heads + ", headDim = " + headDim);
        }
        if (ropeDims < 2 || ropeDims % 2 != 0 || ropeDims > headDim) {
            throw new IllegalArgumentException(
                    "ModelConfig: ropeDims must be even and in [2, headDim = " + headDim + "], but is " + ropeDims);
        }
        requirePositive("rmsEpsilon", rmsEpsilon);
        requirePositive("ropeBase", ropeBase);
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("ModelConfig: " + name + " must be positive, but is " + value);
        }
    }

    private static void requirePositive(String name, float value) {
        if (!(value > 0) || value == Float.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "ModelConfig: " + name + " must be positive and finite, but is " + value);
        }
    }
}
