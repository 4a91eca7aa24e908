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
    /** Rows, or the elements of a vector, become as many groups as a key says, one a row or one a matrix. */
    GROUPS,
    /** The same, and then rows and columns of each group change places. */
    GROUPS_TRANSPOSE,
    /** Rows of heads of values that share a head of keys lie apart by the number of those: {@link HubTiling}. */
    TILE,
    /** The same, of the rows behind those of queries and keys; dimensions of 1 are left out. */
    TILE_REST,
    /** Columns change places so. */
    TILE_COLUMNS,
    /** Elements change places so, and then are −exp(w). */
    TILE_MINUS_EXP,
    /**
     * Of rows that stand by heads of keys, each with its query, its key, and the values and the gates of its heads of
     * values: all queries, all keys and all values. See {@link HubTiling}.
     */
    QUERIES_KEYS_VALUES,
    /** Of such rows the gates. */
    GATES,
    /** Of rows that stand by heads, each with its query, its key and its value: all queries, all keys, all values. */
    THIRDS,
    /**
     * Of rows that stand by heads of keys, each with its queries, its key and its value: all queries, all keys, all
     * values. See {@link HubTiling#ofGroups}.
     */
    GROUPED,
    /** Of such rows the queries, with adjacent pairs as {@link #INTERLEAVE} makes them. */
    GROUPED_QUERIES,
    /** Of such rows the keys, with adjacent pairs. */
    GROUPED_KEYS,
    /** Of such rows the values. */
    GROUPED_VALUES,
    /**
     * Of rows that stand by heads, each with the part of its key that does not turn and its value, the keys, of which
     * rows and columns change places. See {@link HubTiling#ofLatents}.
     */
    LATENT_KEYS,
    /** Of such rows the values. */
    LATENT_VALUES,
    /** GGUF has 1 + w where the hub has w, for normalisation by 1 + w; biases of such norms stay. */
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
    /** The first half of the columns of each expert, as rows. */
    FIRST_COLUMNS,
    /** The other columns of each expert, as rows. */
    SECOND_COLUMNS,
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

    /** Whether it depends on the heads of keys and of values. */
    boolean isTiling() {
        return switch (this) {
            case TILE, TILE_REST, TILE_COLUMNS, TILE_MINUS_EXP, QUERIES_KEYS_VALUES, GATES -> true;
            default -> false;
        };
    }

    /** Whether codes and scales of MXFP4 become one tensor. */
    boolean isCodes() {
        return this == MXFP4 || this == MXFP4_EVEN || this == MXFP4_ODD;
    }
}
