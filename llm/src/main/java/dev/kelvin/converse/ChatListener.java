// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import dev.kelvin.chat.ToolCall;
import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.head.Sampling;
import dev.kelvin.tensor.HeapTensor;
import java.util.function.Consumer;

/**
 * Hears of an answer while it is made, on the engine's thread: it must not block. An exception that it throws ends the
 * answer.
 */
public interface ChatListener {
    /** Hears nothing. */
    ChatListener NONE = new ChatListener() {};

    /** Hears the text for the reader alone. */
    static ChatListener ofText(Consumer<String> text) {
        return new ChatListener() {
            @Override
            public void text(String piece) {
                text.accept(piece);
            }
        };
    }

    /** As {@link GenerationListener#takesMore}; to be followed by {@link ChatTask#resume}. */
    default boolean takesMore() {
        return true;
    }

    /** As {@link GenerationListener#wantsLogits}. */
    default boolean wantsLogits() {
        return false;
    }

    /**
     * As {@link GenerationListener#logits}; the token that it picks is told after a later one was looked at, perhaps.
     */
    default void logits(HeapTensor logits, Sampling sampling) {}

    /**
     * Takes a token, before the text that it makes.
     *
     * @param token with its log-probability, if that was asked for
     * @param isText whether it belongs to the text for the reader rather than to reasoning, a tool call or a mark, as
     *     far as is known when it comes
     */
    default void token(GeneratedToken token, boolean isText) {}

    /** Takes the next piece of the model's thoughts. */
    default void reasoning(String piece) {}

    /** Takes the next piece of the text for the reader. */
    default void text(String piece) {}

    /**
     * Takes a call of a tool.
     *
     * @param index of the call in the answer
     */
    default void toolCall(int index, ToolCall call) {}

    /** Takes the whole answer, after all of the above. */
    default void end(ChatAnswer answer) {}

    /** Is told that there will be no answer, and why. */
    default void failed(Throwable cause) {}
}
