// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

/** Where the derivatives find what the layers computed. The weights are the same bits either way. */
public enum Activations {
    /** Every layer keeps what it computed: the fastest, and memory grows by all of it with each layer. */
    STORED,

    /**
     * A layer keeps its input alone, and computes once more, on the way back, what it needs: about a third more work
     * for the layers, and all but their inputs is there once.
     */
    RECOMPUTED
}
