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

    /** Takes a pick, except the one that ends the text. */
    default void token(GeneratedToken token) {}

    /**
     * Takes the next piece of the text: whole characters, and nothing that may yet turn out to begin a stop.
     *
     * @param piece not empty
     */
    default void text(String piece) {}

    /**
     * Whether the next token may be made; asked before each step. As long as it may not, the answer rests: it is in
     * nobody's way, and no bit of it changes by that. Its keys and values stay as long as nobody else needs the memory
     * (without a prefix cache they are computed again). Whoever says no calls {@link GenerationTask#resume} when it is
     * yes again.
     */
    default boolean takesMore() {
        return true;
    }

    /** Whether {@link #logits} is to be called. Then each pick takes a pass that makes logits. */
    default boolean wantsLogits() {
        return false;
    }

    /**
     * Takes what the next token is picked from, before samplers and constraint.
     *
     * @param logits [1, V], used again after the call
     */
    default void logits(HeapTensor logits) {}

    /**
     * The same with the sampling that will pick; it may be asked to {@linkplain Sampling#explain explain}.
     *
     * @param logits [1, V], used again after the call
     */
    default void logits(HeapTensor logits, Sampling sampling) {
        logits(logits);
    }
}
