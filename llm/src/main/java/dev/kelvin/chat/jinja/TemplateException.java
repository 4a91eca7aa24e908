// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

/** A template that cannot be read, or whose rendering came to no end, with the place. */
public final class TemplateException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What went wrong. */
    public enum Kind {
        /** The template is no Jinja. */
        SYNTAX,
        /** An operation on values that have no such operation, or a limit reached. */
        RUNTIME,
        /** The template called {@code raise_exception}. */
        RAISED
    }

    private final Kind kind;
    private final String problem;
    private final int line;
    private final int column;

    TemplateException(Kind kind, String problem, int line, int column) {
        super(line > 0 ? "line " + line + ", column " + column + ": " + problem : problem);
        this.kind = kind;
        this.problem = problem;
        this.line = line;
        this.column = column;
    }

    /** What went wrong. */
    public Kind kind() {
        return kind;
    }

    /** The message without the place; of {@link Kind#RAISED} the template's own words. */
    public String problem() {
        return problem;
    }

    /** The line of the template, from 1; 0 if no place is known. */
    public int line() {
        return line;
    }

    /** The column, from 1, in UTF-16 units. */
    public int column() {
        return column;
    }
}
