// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import java.util.List;

/**
 * A stretch of an answer between marks.
 *
 * @param open the mark that begins it
 * @param closes the marks any of which ends it; none if only the end of the answer does
 * @param kind what it is
 * @param syntax of tool calls; null if it holds none
 */
record Section(String open, List<String> closes, Kind kind, ToolSyntax syntax) {
    /** What a section is. */
    enum Kind {
        /** Shown as it comes. */
        REASONING,
        /** Read as tool calls when it is whole. */
        TOOLS,
        /** The same, where it is all of the answer; the mark is a part of it. */
        WHOLE_ANSWER,
        /** What a channel of harmony is for; its text follows. */
        CHANNEL,
        /** Nothing that anybody needs to see. */
        DROPPED,
        /** Text for the reader. */
        FINAL
    }

    static Section reasoning(String open, String close) {
        return new Section(open, List.of(close), Kind.REASONING, null);
    }

    static Section collected(String open, String close, ToolSyntax syntax) {
        return new Section(open, List.of(close), Kind.TOOLS, syntax);
    }

    static Section toTheEnd(String open, ToolSyntax syntax) {
        return new Section(open, List.of(), Kind.TOOLS, syntax);
    }

    static Section wholeAnswer(String open, ToolSyntax syntax) {
        return new Section(open, List.of(), Kind.WHOLE_ANSWER, syntax);
    }

    static Section channel(String open, String close) {
        return new Section(open, List.of(close), Kind.CHANNEL, null);
    }

    static Section header(String open, String close) {
        return new Section(open, List.of(close), Kind.DROPPED, null);
    }

    /** A mark alone, which is not shown. */
    static Section mark(String mark) {
        return new Section(mark, List.of(""), Kind.DROPPED, null);
    }

    /** What follows the header of a channel of harmony: {@code analysis}, {@code final}, {@code commentary to=...}. */
    static Section message(String header) {
        List<String> ends = List.of("<|end|>", "<|return|>", "<|call|>", "<|start|>");
        if (header.contains("to=")) {
            return new Section(header, ends, Kind.TOOLS, ToolSyntax.HARMONY);
        }
        return new Section(header, ends, header.strip().startsWith("analysis") ? Kind.REASONING : Kind.FINAL, null);
    }

    /** Whether its text is shown as it comes. */
    boolean streams() {
        return kind == Kind.REASONING || kind == Kind.FINAL;
    }
}
