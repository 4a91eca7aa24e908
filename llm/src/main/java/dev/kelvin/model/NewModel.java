// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.util.function.BiConsumer;

/** How models of an architecture are made that no file describes yet. */
interface NewModel {
    /**
     * Refuses heads that the architecture has not.
     *
     * @throws IllegalArgumentException if these are such
     */
    void check(int headDim, int heads, int kvHeads);

    /** Gives the keys, without the architecture's name, that its files have beyond those of all. */
    void describe(DecoderShape shape, BiConsumer<String, Object> keys);

    /** F that is usual for D. */
    default long usualFfnDim(int dim) {
        return 4L * dim;
    }
}
