// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.chat.Tool;
import java.util.List;
import java.util.Map;

/** Whom one talks with. */
interface ChatPartner {
    /** Answers a message. */
    void answer(String text, ChatVoice voice);

    /** What is shown before the next message. */
    String prompt();

    /** Forgets what was said. */
    void reset();

    /** Tokens that the next answer begins with. */
    int contextTokens();

    /** All that was said, as JSON. */
    Map<String, Object> saved();

    /**
     * Takes up what was said.
     *
     * @throws IllegalArgumentException if it was saved by another kind of partner, or by nobody
     */
    void load(Map<?, ?> saved);

    /**
     * Sets the scene.
     *
     * @return false if there is none
     */
    default boolean system(String text) {
        return false;
    }

    /** What sets the scene. */
    default String system() {
        return "";
    }

    /**
     * Gives tools.
     *
     * @return false if it cannot use any
     */
    default boolean tools(List<Tool> tools) {
        return false;
    }

    /** The tools that there are. */
    default List<Tool> tools() {
        return List.of();
    }
}
