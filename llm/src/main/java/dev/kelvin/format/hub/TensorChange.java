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
    /** GGUF has −exp(w) where the hub has w, for rates that never become positive. */
    MINUS_EXP,
    /** The same, as rows of one element. */
    MINUS_EXP_COLUMN,
    /** A vector becomes rows of one element. */
    COLUMN,
    /** A vector becomes as many rows as a key says. */
    GROUPS,
    /** Rows of heads of values that share a head of keys lie apart by the number of those: {@link HubTiling}. */
    TILE,
    /** The same, of the rows behind those of queries and keys; dimensions of 1 are left out. */
    TILE_REST,
    /** Columns change places so. */
    TILE_COLUMNS,
    /** Elements change places so, and then are −exp(w). */
    TILE_MINUS_EXP,
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

    /** Whether the result is computed, in F32. */
    boolean isComputed() {
        return this == PLUS_ONE || this == MINUS_EXP || this == MINUS_EXP_COLUMN || this == TILE_MINUS_EXP;
    }

    /** Whether heads of values change places. */
    boolean isTiling() {
        return this == TILE || this == TILE_REST || this == TILE_COLUMNS || this == TILE_MINUS_EXP;
    }

    /** Whether codes and scales of MXFP4 become one tensor. */
    boolean isCodes() {
        return this == MXFP4 || this == MXFP4_EVEN || this == MXFP4_ODD;
    }
}
