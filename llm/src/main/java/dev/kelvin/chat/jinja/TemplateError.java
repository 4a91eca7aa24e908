// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import dev.kelvin.chat.jinja.TemplateException.Kind;

/**
 * An error on its way up through the interpreter, which learns its place where the closest node sees it pass. It
 * becomes a {@link TemplateException} before it leaves the package.
 */
final class TemplateError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private int offset = -1;

    private TemplateError(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    /** An operation that its operands do not have, in Python's words. */
    static TemplateError runtime(String message) {
        return new TemplateError(Kind.RUNTIME, message);
    }

    static TemplateError raised(String message) {
        return new TemplateError(Kind.RAISED, message);
    }

    static TemplateError syntax(String message, int offset) {
        return new TemplateError(Kind.SYNTAX, message).at(offset);
    }

    /** This error, with its place if it had none yet. */
    TemplateError at(int place) {
        if (offset < 0) {
            offset = place;
        }
        return this;
    }

    TemplateException in(String source) {
        if (offset < 0) {
            return new TemplateException(kind, getMessage(), 0, 0);
        }
        int end = Math.min(offset, source.length());
        int line = 1
                + (int) source.substring(0, end).chars().filter(c -> c == '\n').count();
        return new TemplateException(kind, getMessage(), line, end - source.lastIndexOf('\n', end - 1));
    }
}
