// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.head.Sampling;
import dev.kelvin.tensor.HeapTensor;
import java.util.function.Consumer;

/**
 * Hears of an answer while it is made, on the engine's thread: it must not block, and has no business with the engine
 * but to submit and to cancel. An exception that it throws ends its answer, and no other.
 */
public interface GenerationListener {
    /** Hears nothing. */
    GenerationListener NONE = new GenerationListener() {};

    /** Hears text alone. */
    static GenerationListener ofText(Consumer<String> text) {
        return new GenerationListener() {
            @Override
            public void text(String piece) {
                text.accept(piece);
            }
        };
    }

    /** Whether {@link #logits} wants to be called: then each pick is made from logits, which takes longer. */
    default boolean looksAtLogits() {
        return false;
    }

    /**
     * Takes what the next token is picked from, before the pick.
     *
     * @param logits [V] or [1, V], not to be changed; used again afterwards
     * @param sampling that will pick; it may be asked to {@linkplain Sampling#explain explain}
     */
    default void logits(HeapTensor logits, Sampling sampling) {}

    /** Takes a pick, except the one that ends the text. */
    default void token(GeneratedToken token) {}

    /**
     * Takes the next piece of the text: whole characters, and nothing that may yet turn out to begin a stop.
     *
     * @param piece not empty
     */
    default void text(String piece) {}
}
