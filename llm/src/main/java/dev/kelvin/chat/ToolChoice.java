// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

/** Whether a model calls tools. */
public sealed interface ToolChoice {
    /** As the model likes. */
    ToolChoice AUTO = new Auto();

    /** It does not, and is told of none. */
    ToolChoice NONE = new None();

    /** It calls one at least. */
    ToolChoice REQUIRED = new Required();

    /** It calls this one. */
    static ToolChoice named(String name) {
        return new Named(name);
    }

    /** See {@link #AUTO}. */
    record Auto() implements ToolChoice {}

    /** See {@link #NONE}. */
    record None() implements ToolChoice {}

    /** See {@link #REQUIRED}. */
    record Required() implements ToolChoice {}

    /**
     * See {@link #named}.
     *
     * @param name of the tool
     */
    record Named(String name) implements ToolChoice {}
}
