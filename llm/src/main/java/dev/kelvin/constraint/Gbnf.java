// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads grammars in llama.cpp's notation: {@code root ::= "a" [b-z]+ (other | .){2,3}}, with comments behind {@code #}.
 * The rule {@code root} is what a text must be.
 *
 * <p>References to single tokens ({@code <[12]>}, {@code <think>}) are refused by name: a grammar here is about text.
 */
public final class Gbnf {
    private static final int MAX_DEPTH = 200;
    private static final int MAX_RULES = 16_384;
    private static final int MAX_COUNT = 1_000_000;

    private final String source;
    private final Rules rules;
    private final String prefix;
    private int at;
    private int depth;

    private Gbnf(String source, Rules rules, String prefix) {
        this.source = source;
        this.rules = rules;
        this.prefix = prefix;
    }

    /**
     * Reads a grammar.
     *
     * @param source its text
     * @return the grammar
     * @throws GrammarException if it is malformed (naming line and column), lacks a rule, can begin with itself, or
     *     allows nothing
     */
    public static Grammar parse(String source) throws GrammarException {
        return new GrammarBuilder().rules(source).build();
    }

    /** A text as a literal of GBNF, with its quotes. */
    public static String literal(String text) {
        StringBuilder literal = new StringBuilder("\"");
        text.codePoints().forEach(point -> {
            if (point == '"' || point == '\\') {
                literal.append('\\').appendCodePoint(point);
            } else if (point < ' ') {
                literal.append(String.format("\\x%02x", point));
            } else {
                literal.appendCodePoint(point);
            }
        });
        return literal.append('"').toString();
    }

    /**
     * Adds the rules of a text to others.
     *
     * @param prefix put in front of each name
     */
    static void read(String source, Rules rules, String prefix) throws GrammarException {
        Gbnf gbnf = new Gbnf(source, rules, prefix);
        gbnf.space(true);
        while (gbnf.at < source.length()) {
            gbnf.rule();
        }
    }

    private GrammarException error(String expected) {
        int end = Math.min(at, source.length());
        int line = 1
                + (int) source.substring(0, end).chars().filter(c -> c == '\n').count();
        int column = end - source.lastIndexOf('\n', end - 1);
        String found = end == source.length()
                ? "the end"
                : "'" + Character.toString(source.codePointAt(end)).replace("\n", "\\n") + "'";
        return new GrammarException(
                "grammar: line " + line + ", column " + column + ": expected " + expected + ", found " + found);
    }

    private char peek() {
        return at < source.length() ? source.charAt(at) : 0;
    }

    private boolean take(String text) {
        boolean there = source.startsWith(text, at);
        at += there ? text.length() : 0;
        return there;
    }

    /** Skips blanks and comments, and line ends too if they may stand here. */
    private void space(boolean lines) {
        while (at < source.length()) {
            char c = source.charAt(at);
            if (c == '#') {
                while (at < source.length() && source.charAt(at) != '\n' && source.charAt(at) != '\r') {
                    at++;
                }
            } else if (c == ' ' || c == '\t' || (lines && (c == '\n' || c == '\r'))) {
                at++;
            } else {
                return;
            }
        }
    }

    private void rule() throws GrammarException {
        int rule = rules.index(prefix + name());
        if (rules.size() > MAX_RULES) {
            throw error("at most " + MAX_RULES + " rules");
        }
        space(false);
        if (!take("::=")) {
            throw error("'::='");
        }
        space(true);
        rules.define(rule, alternatives(false));
        if (at < source.length() && peek() != '\n' && peek() != '\r') {
            throw error("the end of the line");
        }
        space(true);
    }

    private String name() throws GrammarException {
        int begin = at;
        while (isNameCharacter(peek())) {
            at++;
        }
        if (at == begin) {
            throw error("a name");
        }
        return source.substring(begin, at);
    }

    private static boolean isNameCharacter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    }

    private Expression alternatives(boolean nested) throws GrammarException {
        if (++depth > MAX_DEPTH) {
            throw error("groups nested at most " + MAX_DEPTH + " deep");
        }
        List<Expression> choices = new ArrayList<>();
        do {
            space(true);
            choices.add(sequence(nested));
        } while (take("|"));
        depth--;
        return Expression.choice(choices);
    }

    private Expression sequence(boolean nested) throws GrammarException {
        List<Expression> parts = new ArrayList<>();
        while (true) {
            Expression part = element();
            if (part == null) {
                return Expression.sequence(parts);
            }
            space(nested);
            while (peek() != 0 && "*+?{".indexOf(peek()) >= 0) {
                part = repeated(part, nested);
                space(nested);
            }
            parts.add(part);
        }
    }

    /** One element, or null where none begins. */
    private Expression element() throws GrammarException {
        char c = peek();
        if (isNameCharacter(c)) {
            int rule = rules.index(prefix + name());
            return new Expression.Reference(rule);
        }
        return switch (c) {
            case '"' -> literal();
            case '[' -> characters();
            case '(' -> group();
            case '.' -> {
                at++;
                yield new Expression.OneOf(CodePoints.ALL);
            }
            case '<', '!' -> throw error("text: references to tokens (<...>) are not supported");
            default -> null;
        };
    }

    private Expression group() throws GrammarException {
        at++;
        Expression group = alternatives(true);
        if (!take(")")) {
            throw error("')'");
        }
        return group;
    }

    private Expression repeated(Expression body, boolean nested) throws GrammarException {
        char c = source.charAt(at++);
        if (c != '{') {
            return Expression.repeat(body, c == '+' ? 1 : 0, c == '?' ? 1 : -1);
        }
        space(nested);
        int min = count();
        int max = min;
        space(nested);
        if (take(",")) {
            space(nested);
            max = peek() == '}' ? -1 : count();
            space(nested);
        }
        if (!take("}")) {
            throw error("'}'");
        }
        if (max >= 0 && max < min) {
            at--;
            throw error("a greatest number of at least " + min);
        }
        return Expression.repeat(body, min, max);
    }

    private int count() throws GrammarException {
        int begin = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == begin || at - begin > 9 || Integer.parseInt(source, begin, at, 10) > MAX_COUNT) {
            at = begin;
            throw error("a number up to " + MAX_COUNT);
        }
        return Integer.parseInt(source, begin, at, 10);
    }

    private Expression literal() throws GrammarException {
        at++;
        StringBuilder text = new StringBuilder();
        while (peek() != '"') {
            text.appendCodePoint(character());
        }
        at++;
        return Expression.literal(text.toString());
    }

    private Expression characters() throws GrammarException {
        at++;
        boolean negated = take("^");
        List<CodePoints.Range> ranges = new ArrayList<>();
        while (peek() != ']') {
            int first = character();
            int last = first;
            if (peek() == '-' && at + 1 < source.length() && source.charAt(at + 1) != ']') {
                at++;
                last = character();
            }
            if (last < first) {
                throw error("a range that ascends");
            }
            ranges.add(new CodePoints.Range(first, last));
        }
        at++;
        CodePoints set = CodePoints.of(ranges);
        return new Expression.OneOf(negated ? set.complement() : set);
    }

    private int character() throws GrammarException {
        if (at >= source.length()) {
            throw error("the closing quote or bracket");
        }
        int point = source.codePointAt(at);
        at += Character.charCount(point);
        if (point == '\\') {
            point = escape();
        }
        if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
            at--;
            throw error("a character: a surrogate is none");
        }
        return point;
    }

    private int escape() throws GrammarException {
        char c = peek();
        at++;
        return switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '\\', '"', '[', ']' -> c;
            case 'x' -> hexadecimal(2);
            case 'u' -> hexadecimal(4);
            case 'U' -> hexadecimal(8);
            default -> {
                at--;
                throw error("one of \\ \" [ ] n r t x u U after a backslash");
            }
        };
    }

    private int hexadecimal(int digits) throws GrammarException {
        long value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = peek() < 0x80 ? Character.digit(peek(), 16) : -1;
            if (digit < 0) {
                throw error(digits + " hexadecimal digits");
            }
            value = value << 4 | digit;
            at++;
        }
        if (value > Character.MAX_CODE_POINT) {
            throw error("a code point up to 10FFFF");
        }
        return (int) value;
    }
}
