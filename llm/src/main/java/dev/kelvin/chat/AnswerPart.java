// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import java.util.Map;

/** A piece of what a model answers. Pieces of one kind that follow each other belong together. */
public sealed interface AnswerPart {
    /** Thoughts on the way to an answer. */
    record Reasoning(String text) implements AnswerPart {}

    /** What is meant for the reader. */
    record Text(String text) implements AnswerPart {}

    /**
     * A tool that the model wants called.
     *
     * @param name of the tool
     * @param arguments by name, as {@link dev.kelvin.format.json.JsonReader} gives values
     */
    record Call(String name, Map<String, Object> arguments) implements AnswerPart {}
}
