// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

/** How the elements of a tensor in GGUF differ from those on the hub. */
enum TensorChange {
    /** They do not. */
    NONE,
    /** The tensor is not needed. */
    SKIP,
    /** They do not; but a model whose output is its embedding has no use for the tensor. */
    UNTIED,
    /** Dimensions of 1 are left out. */
    SQUEEZE,
    /** Rows and columns change places, of experts those of each; vectors stay. */
    TRANSPOSE,
    /** GGUF has 1 + w where the hub has w, for normalisation by 1 + w. */
    PLUS_ONE,
    /**
     * Row i and row i + d/2 of each head of d rows become rows 2i and 2i + 1: pairs that turn together are adjacent.
     */
    INTERLEAVE,
    /** One tensor of all experts is made of one for each. */
    STACK,
    /** The first half of the rows of each expert. */
    FIRST_HALF,
    /** The other half. */
    SECOND_HALF,
    /** Every other column, from the first on; of the matrices of experts they become rows. */
    EVEN,
    /** The other columns. */
    ODD,
    /** Codes of MXFP4 for all rows of each expert; their scales are a tensor of their own. */
    MXFP4,
    /** Those of every other row, from the first on. */
    MXFP4_EVEN,
    /** Those of the other rows. */
    MXFP4_ODD;

    /** Whether codes and scales of MXFP4 become one tensor. */
    boolean isCodes() {
        return this == MXFP4 || this == MXFP4_EVEN || this == MXFP4_ODD;
    }
}
