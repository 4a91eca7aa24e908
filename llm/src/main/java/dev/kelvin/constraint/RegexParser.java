// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.ArrayList;
import java.util.List;

/**
 * Parses regular expressions of ECMA-262, as JSON Schema has them: characters are code points, and no flags. What is
 * not regular (references back, assertions that look around) is refused by name.
 */
final class RegexParser {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_COUNT = 10_000;
    private static final CodePoints LINE_ENDS = CodePoints.of("\n\r\u2028\u2029");

    private final String source;
    private int at;
    private int depth;

    private RegexParser(String source) {
        this.source = source;
    }

    static Regex parse(String source) throws GrammarException {
        RegexParser parser = new RegexParser(source);
        Regex regex = parser.alternatives();
        if (parser.at < source.length()) {
            throw parser.error("unexpected '" + source.charAt(parser.at) + "'");
        }
        return regex;
    }

    private GrammarException error(String problem) {
        return new GrammarException("pattern " + quoted() + ": " + problem + " at " + at);
    }

    private GrammarException unsupported(String what) {
        return new GrammarException("pattern " + quoted() + ": " + what + " is not supported");
    }

    private String quoted() {
        return "\"" + (source.length() > 60 ? source.substring(0, 60) + "..." : source) + "\"";
    }

    private int peek() {
        return at < source.length() ? source.codePointAt(at) : -1;
    }

    private int next() throws GrammarException {
        if (at >= source.length()) {
            throw error("an unexpected end");
        }
        int point = source.codePointAt(at);
        at += Character.charCount(point);
        return point;
    }

    private boolean take(String text) {
        boolean there = source.startsWith(text, at);
        at += there ? text.length() : 0;
        return there;
    }

    private Regex alternatives() throws GrammarException {
        if (++depth > MAX_DEPTH) {
            throw error("groups nested deeper than " + MAX_DEPTH);
        }
        List<Regex> choices = new ArrayList<>();
        do {
            List<Regex> parts = new ArrayList<>();
            while (peek() >= 0 && peek() != '|' && peek() != ')') {
                parts.add(quantified(atom()));
            }
            choices.add(new Regex.Sequence(parts));
        } while (take("|"));
        depth--;
        return choices.size() == 1 ? choices.getFirst() : new Regex.Choice(choices);
    }

    private Regex quantified(Regex body) throws GrammarException {
        int min;
        int max = -1;
        if (take("*")) {
            min = 0;
        } else if (take("+")) {
            min = 1;
        } else if (take("?")) {
            min = 0;
            max = 1;
        } else if (peek() == '{') {
            at++;
            min = count();
            max = min;
            if (take(",")) {
                max = peek() == '}' ? -1 : count();
            }
            if (!take("}")) {
                throw error("expected '}'");
            }
            if (max >= 0 && max < min) {
                throw error("numbers out of order");
            }
        } else {
            return body;
        }
        // Whether as much or as little as possible is taken makes no difference to what matches.
        take("?");
        if (body instanceof Regex.Anchor) {
            throw error("nothing to repeat");
        }
        if (peek() == '*' || peek() == '+' || peek() == '?' || peek() == '{') {
            throw error("nothing to repeat");
        }
        return new Regex.Repeat(body, min, max);
    }

    private int count() throws GrammarException {
        int begin = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == begin) {
            throw error("expected a number");
        }
        if (at - begin > 9 || Integer.parseInt(source, begin, at, 10) > MAX_COUNT) {
            throw unsupported("a repetition of more than " + MAX_COUNT);
        }
        return Integer.parseInt(source, begin, at, 10);
    }

    private Regex atom() throws GrammarException {
        int c = next();
        return switch (c) {
            case '^' -> new Regex.Anchor(true);
            case '$' -> new Regex.Anchor(false);
            case '.' -> new Regex.OneOf(LINE_ENDS.complement());
            case '(' -> group();
            case '[' -> new Regex.OneOf(characterClass());
            case '\\' -> new Regex.OneOf(escape(false));
            case '*', '+', '?', '{' -> {
                at--;
                throw error("nothing to repeat");
            }
            case ']', '}' -> {
                at--;
                throw error("a lone bracket");
            }
            default -> new Regex.OneOf(CodePoints.of(c, c));
        };
    }

    private Regex group() throws GrammarException {
        if (take("?")) {
            if (take("=") || take("!")) {
                throw unsupported("looking ahead, (?= or (?!,");
            }
            if (take("<=") || take("<!")) {
                throw unsupported("looking behind, (?<= or (?<!,");
            }
            if (take("<")) {
                int end = source.indexOf('>', at);
                if (end < 0) {
                    throw error("an unnamed group");
                }
                at = end + 1;
            } else if (!take(":")) {
                throw unsupported("a group with flags");
            }
        }
        Regex group = alternatives();
        if (!take(")")) {
            throw error("expected ')'");
        }
        return group;
    }

    private CodePoints characterClass() throws GrammarException {
        boolean negated = take("^");
        List<CodePoints.Range> ranges = new ArrayList<>();
        while (!take("]")) {
            CodePoints first = classAtom();
            if (peek() == '-' && at + 1 < source.length() && source.charAt(at + 1) != ']') {
                at++;
                ranges.add(range(first, classAtom()));
            } else {
                ranges.addAll(first.ranges());
            }
        }
        CodePoints set = CodePoints.of(ranges);
        return negated ? set.complement() : set;
    }

    private CodePoints classAtom() throws GrammarException {
        int c = next();
        return c == '\\' ? escape(true) : CodePoints.of(c, c);
    }

    private CodePoints.Range range(CodePoints first, CodePoints last) throws GrammarException {
        boolean single = isSingle(first) && isSingle(last);
        if (!single
                || first.ranges().getFirst().first() > last.ranges().getFirst().first()) {
            throw error("a range out of order");
        }
        return new CodePoints.Range(
                first.ranges().getFirst().first(), last.ranges().getFirst().first());
    }

    private static boolean isSingle(CodePoints set) {
        return set.ranges().size() == 1
                && set.ranges().getFirst().first() == set.ranges().getFirst().last();
    }

    private CodePoints escape(boolean inClass) throws GrammarException {
        int c = next();
        return switch (c) {
            case 'd' -> CharacterClasses.DIGITS;
            case 'D' -> CharacterClasses.DIGITS.complement();
            case 'w' -> CharacterClasses.WORD;
            case 'W' -> CharacterClasses.WORD.complement();
            case 's' -> CharacterClasses.SPACE;
            case 'S' -> CharacterClasses.SPACE.complement();
            case 'p', 'P' -> property(c == 'P');
            case 't' -> CodePoints.of("\t");
            case 'n' -> CodePoints.of("\n");
            case 'v' -> CodePoints.of("\u000b");
            case 'f' -> CodePoints.of("\f");
            case 'r' -> CodePoints.of("\r");
            case '0' -> single(0);
            case 'x' -> single(hexadecimal(2));
            case 'u' -> single(unicode());
            case 'c' -> single(next() % 32);
            case 'b' -> {
                if (inClass) {
                    yield CodePoints.of("\b");
                }
                throw unsupported("a word boundary, \\b,");
            }
            case 'B' -> throw unsupported("a word boundary, \\B,");
            case '1', '2', '3', '4', '5', '6', '7', '8', '9', 'k' -> throw unsupported("a reference back");
            default -> {
                if (c < 0x80 && Character.isLetter(c)) {
                    throw error("an unknown escape \\" + (char) c);
                }
                yield single(c);
            }
        };
    }

    private static CodePoints single(int point) {
        return CodePoints.of(point, point);
    }

    private int hexadecimal(int digits) throws GrammarException {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = Character.digit(next(), 16);
            if (digit < 0) {
                throw error("expected " + digits + " hexadecimal digits");
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private int unicode() throws GrammarException {
        if (!take("{")) {
            int unit = hexadecimal(4);
            if (unit >= 0xd800 && unit < 0xdc00 && take("\\u")) {
                return Character.toCodePoint((char) unit, (char) hexadecimal(4));
            }
            return unit;
        }
        int end = source.indexOf('}', at);
        if (end < 0 || end == at || end - at > 6) {
            throw error("expected hexadecimal digits in braces");
        }
        int value = hexadecimal(end - at);
        at++;
        if (value > Character.MAX_CODE_POINT) {
            throw error("a code point beyond 10FFFF");
        }
        return value;
    }

    private CodePoints property(boolean negated) throws GrammarException {
        int end = source.indexOf('}', at);
        if (!take("{") || end < 0) {
            throw error("expected a property in braces");
        }
        String name = source.substring(at, end);
        at = end + 1;
        CodePoints set = CharacterClasses.property(name);
        if (set == null) {
            throw unsupported("the property \\p{" + name + "}");
        }
        return negated ? set.complement() : set;
    }
}
