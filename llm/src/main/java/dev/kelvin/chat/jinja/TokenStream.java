// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.List;

/** The tokens of a template, one of which is the current one. */
final class TokenStream {
    private final List<Token> tokens;
    private int at;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    Token look() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    /** The current token; the one behind it becomes the current one. */
    Token next() {
        Token token = current();
        if (at + 1 < tokens.size()) {
            at++;
        }
        return token;
    }

    boolean is(String type) {
        return current().is(type);
    }

    boolean isName(String word) {
        return current().isName(word);
    }

    boolean skip(String type) {
        boolean there = is(type);
        if (there) {
            next();
        }
        return there;
    }

    boolean skipName(String word) {
        boolean there = isName(word);
        if (there) {
            next();
        }
        return there;
    }

    Token expect(String type) {
        if (!is(type)) {
            throw is(Token.END)
                    ? error("unexpected end of template, expected '" + type + "'.")
                    : error("expected token '" + type + "', got '" + current() + "'");
        }
        return next();
    }

    void expectName(String word) {
        if (!isName(word)) {
            throw error("expected token '" + word + "', got '" + current() + "'");
        }
        next();
    }

    TemplateError error(String message) {
        return TemplateError.syntax(message, current().offset());
    }
}
