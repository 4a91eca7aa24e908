// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

/**
 * What all decoders have.
 *
 * @param dim D, elements of a hidden row
 * @param vocabSize V, number of token ids
 * @param contextLength the most positions of a sequence
 */
public record Sizes(int dim, int vocabSize, int contextLength) {
    /** Checks that they are positive. */
    public Sizes {
        if (dim < 1 || vocabSize < 1 || contextLength < 1) {
            throw new IllegalArgumentException("plan: dim " + dim + ", vocabSize " + vocabSize + " and contextLength "
                    + contextLength + " must be positive");
        }
    }
}
