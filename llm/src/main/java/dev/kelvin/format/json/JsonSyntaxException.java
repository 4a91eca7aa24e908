// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.json;

import java.io.IOException;

/**
 * A text that is not JSON, or goes beyond a limit of {@link JsonReader}, with the place. The message is one line,
 * {@code line <n>, column <n>: <what is wrong>}.
 */
public final class JsonSyntaxException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int offset;
    private final int line;
    private final int column;

    JsonSyntaxException(String text, int offset, String problem) {
        this(lineOf(text, offset), columnOf(text, offset), offset, problem);
    }

    private JsonSyntaxException(int line, int column, int offset, String problem) {
        super("line " + line + ", column " + column + ": " + problem);
        this.offset = offset;
        this.line = line;
        this.column = column;
    }

    /** Where, in UTF-16 units of the text; where bytes were read that are not UTF-8, in bytes. */
    public int offset() {
        return offset;
    }

    /** The line, from 1; only line feeds end one. */
    public int line() {
        return line;
    }

    /** The column, from 1, in UTF-16 units. */
    public int column() {
        return column;
    }

    private static int lineOf(String text, int offset) {
        return 1
                + (int) text.substring(0, offset).chars().filter(c -> c == '\n').count();
    }

    private static int columnOf(String text, int offset) {
        return offset - text.lastIndexOf('\n', offset - 1);
    }
}
