// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Splits a template into tokens, with the white space that {@code trim_blocks}, {@code lstrip_blocks} and the signs in
 * tags take away. One pass; each character is looked at a bounded number of times.
 */
final class Lexer {
    private static final List<String> OPERATORS = List.of(
            "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
            "=", ".", ":", "|", ",", ";");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    /** Whether the text from here on begins at the beginning of a line. */
    private boolean lineStarting = true;

    private Lexer(String source) {
        this.source = source;
    }

    /** The text as Jinja reads it: line feeds only, and without the last one. */
    static String normalize(String source) {
        String lines = source.replace("\r\n", "\n").replace('\r', '\n');
        return lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    }

    /** The tokens of a {@linkplain #normalize normalized} text. */
    static List<Token> tokens(String source) {
        Lexer lexer = new Lexer(source);
        while (lexer.at < source.length()) {
            lexer.root();
        }
        lexer.add(Token.END, null, source.length());
        return lexer.tokens;
    }

    private void add(String type, Object value, int offset) {
        tokens.add(new Token(type, value, offset));
    }

    private void root() {
        int begin = at;
        int tag = nextTag(begin);
        if (tag < 0) {
            add(Token.DATA, source.substring(begin), begin);
            at = source.length();
            return;
        }
        char kind = source.charAt(tag + 1);
        at = tag + 2;
        char sign = at < source.length() ? source.charAt(at) : 0;
        if (sign == '-' || sign == '+') {
            at++;
        } else {
            sign = 0;
        }
        String text = stripped(source.substring(begin, tag), sign, kind != '{');
        if (!text.isEmpty()) {
            add(Token.DATA, text, begin);
        }
        switch (kind) {
            case '{' -> code(Token.VARIABLE_BEGIN, Token.VARIABLE_END, "}}", tag);
            case '#' -> comment(tag);
            default -> {
                if (!raw(tag)) {
                    code(Token.BLOCK_BEGIN, Token.BLOCK_END, "%}", tag);
                }
            }
        }
    }

    private int nextTag(int from) {
        for (int i = source.indexOf('{', from); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char next = source.charAt(i + 1);
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    /** Text before a tag, without what the tag's sign, or a line that holds nothing else, takes away. */
    private String stripped(String text, char sign, boolean block) {
        if (sign == '-') {
            return StringMethods.strip(text, null, false, true);
        }
        int line = text.lastIndexOf('\n') + 1;
        boolean strips = sign == 0 && block && (line > 0 || lineStarting);
        return strips && text.codePoints().skip(text.codePointCount(0, line)).allMatch(Texts::isSpace)
                ? text.substring(0, line)
                : text;
    }

    private void comment(int begin) {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw TemplateError.syntax("Missing end of comment tag", begin);
        }
        char sign = end > at ? source.charAt(end - 1) : 0;
        at = end + 2;
        trim(sign);
    }

    /** After the end of a block or comment: what its sign, or {@code trim_blocks}, takes away. */
    private void trim(char sign) {
        if (sign == '-') {
            skipSpace();
        } else if (sign != '+' && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
        lineStarting = source.charAt(at - 1) == '\n';
    }

    private void skipSpace() {
        while (at < source.length() && Texts.isSpace(source.codePointAt(at))) {
            at++;
        }
    }

    private boolean raw(int begin) {
        int from = at;
        skipSpace();
        if (!source.startsWith("raw", at)) {
            at = from;
            return false;
        }
        at += 3;
        skipSpace();
        if (source.startsWith("-%}", at)) {
            at += 3;
            skipSpace();
        } else if (source.startsWith("%}", at)) {
            at += 2;
        } else {
            at = from;
            return false;
        }
        lineStarting = source.charAt(at - 1) == '\n';
        rawText(begin);
        return true;
    }

    private void rawText(int begin) {
        int text = at;
        for (int tag = source.indexOf("{%", at); tag >= 0; tag = source.indexOf("{%", tag + 1)) {
            at = tag + 2;
            char sign = at < source.length() ? source.charAt(at) : 0;
            if (sign == '-' || sign == '+') {
                at++;
            } else {
                sign = 0;
            }
            skipSpace();
            if (source.startsWith("endraw", at)) {
                at += 6;
                skipSpace();
                char end = at < source.length() ? source.charAt(at) : 0;
                at += end == '-' || end == '+' ? 1 : 0;
                if (source.startsWith("%}", at)) {
                    String data = stripped(source.substring(text, tag), sign, true);
                    if (!data.isEmpty()) {
                        add(Token.DATA, data, text);
                    }
                    at += 2;
                    trim(end);
                    return;
                }
            }
        }
        throw TemplateError.syntax("Missing end of raw directive", begin);
    }

    /** The tokens between the brackets of a tag; the end only counts where no bracket of an expression is open. */
    private void code(String beginType, String endType, String end, int tag) {
        add(beginType, null, tag);
        Deque<Character> open = new ArrayDeque<>();
        boolean block = end.equals("%}");
        while (at < source.length()) {
            if (open.isEmpty()) {
                char sign = source.charAt(at);
                boolean signed = sign == '-' || (sign == '+' && block);
                if (source.startsWith(end, signed ? at + 1 : at)) {
                    add(endType, null, at);
                    at += signed ? 3 : 2;
                    close(block, signed ? sign : 0);
                    return;
                }
            }
            token(open);
        }
    }

    private void close(boolean block, char sign) {
        if (block) {
            trim(sign);
        } else {
            if (sign == '-') {
                skipSpace();
            }
            lineStarting = source.charAt(at - 1) == '\n';
        }
    }

    private void token(Deque<Character> open) {
        int c = source.codePointAt(at);
        if (Texts.isSpace(c)) {
            at++;
        } else if (c >= '0' && c <= '9') {
            number();
        } else if (isWord(c)) {
            name();
        } else if (c == '"' || c == '\'') {
            string((char) c);
        } else {
            operator(open);
        }
    }

    private static boolean isWord(int c) {
        return c == '_' || Character.isLetterOrDigit(c) || (c > 0x7f && Character.isUnicodeIdentifierPart(c));
    }

    private void name() {
        int begin = at;
        while (at < source.length() && isWord(source.codePointAt(at))) {
            at += Character.charCount(source.codePointAt(at));
        }
        String name = source.substring(begin, at);
        if (!Letters.isIdentifier(name)) {
            throw TemplateError.syntax("Invalid character in identifier", begin);
        }
        add(Token.NAME, name, begin);
    }

    private void number() {
        int begin = at;
        // After a dot, 1.5 is the element 1 of the element 5, and so are 1 and 1.5 as text.
        boolean afterDot = begin > 0 && source.charAt(begin - 1) == '.';
        int real = afterDot ? -1 : endOfFloat(begin);
        if (real > 0) {
            at = real;
            String digits = source.substring(begin, at).replace("_", "");
            add(Token.FLOAT, Double.valueOf(digits), begin);
            return;
        }
        char letter = begin + 1 < source.length() ? Character.toLowerCase(source.charAt(begin + 1)) : 0;
        int radix = source.charAt(begin) != '0' ? 10 : letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
        int digits = radix == 10 ? begin : begin + 2;
        int end = endOfDigits(digits, radix, radix != 10);
        if (end == digits) {
            radix = 10;
            digits = begin;
            end = begin + 1;
        }
        if (radix == 10 && source.charAt(begin) == '0') {
            // A zero is only followed by zeros; other digits begin a number of their own.
            end = begin + 1;
            while (end < source.length() && (source.charAt(end) == '0' || source.startsWith("_0", end))) {
                end += source.charAt(end) == '0' ? 1 : 2;
            }
        }
        at = end;
        String text = source.substring(digits, end).replace("_", "");
        if (text.length() > 4300) {
            throw TemplateError.syntax("Exceeds the limit (4300 digits) for integer string conversion", begin);
        }
        add(Token.INTEGER, Numbers.normal(new BigInteger(text, radix)), begin);
    }

    /** The end of digits with single underscores between them, and before the first if {@code leading}. */
    private int endOfDigits(int from, int radix, boolean leading) {
        int end = from;
        while (end < source.length()) {
            char c = source.charAt(end);
            boolean underscore = c == '_' && (end > from || leading);
            int digit = underscore && end + 1 < source.length() ? source.charAt(end + 1) : c;
            if (digit > 0x7f || Character.digit(digit, radix) < 0) {
                break;
            }
            end += underscore ? 2 : 1;
        }
        return end;
    }

    /** The end of a number with a fraction or an exponent, or −1. */
    private int endOfFloat(int begin) {
        int end = endOfDigits(begin, 10, false);
        boolean fraction = false;
        if (end < source.length() && source.charAt(end) == '.') {
            int digits = endOfDigits(end + 1, 10, false);
            fraction = digits > end + 1;
            end = fraction ? digits : end;
        }
        if (end < source.length() && (source.charAt(end) == 'e' || source.charAt(end) == 'E')) {
            int from = end + 1;
            if (from < source.length() && (source.charAt(from) == '+' || source.charAt(from) == '-')) {
                from++;
            }
            int digits = endOfDigits(from, 10, false);
            if (digits > from) {
                return digits;
            }
        }
        return fraction ? end : -1;
    }

    private void string(char quote) {
        int begin = at;
        int end = begin + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw TemplateError.syntax("unexpected char '" + quote + "'", begin);
        }
        at = end + 1;
        add(Token.STRING, StringEscapes.decode(source.substring(begin + 1, end), begin), begin);
    }

    private void operator(Deque<Character> open) {
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, at)) {
                balance(operator.charAt(0), open);
                add(operator, null, at);
                at += operator.length();
                return;
            }
        }
        throw TemplateError.syntax("unexpected char '" + Character.toString(source.codePointAt(at)) + "'", at);
    }

    private void balance(char bracket, Deque<Character> open) {
        switch (bracket) {
            case '(' -> open.push(')');
            case '[' -> open.push(']');
            case '{' -> open.push('}');
            case ')', ']', '}' -> {
                if (open.isEmpty()) {
                    throw TemplateError.syntax("unexpected '" + bracket + "'", at);
                }
                char expected = open.pop();
                if (expected != bracket) {
                    throw TemplateError.syntax("unexpected '" + bracket + "', expected '" + expected + "'", at);
                }
            }
            default -> {}
        }
    }
}
