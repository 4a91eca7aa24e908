// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.json;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one JSON text, strictly by RFC 8259: no comments, no trailing commas, no NaN. Beyond the grammar it refuses a
 * name that an object has twice, nesting deeper than {@value #MAX_DEPTH} and a number longer than
 * {@value #MAX_NUMBER_LENGTH} characters. Reading takes time linear in the text.
 */
public final class JsonReader {
    /** How deep arrays and objects may lie in each other. */
    public static final int MAX_DEPTH = 512;

    /** How many characters a number may have; the time that exact numbers take grows faster than their length. */
    public static final int MAX_NUMBER_LENGTH = 4096;

    private final String text;
    private int at;
    private int depth;
    private int room = Integer.MAX_VALUE; // for that many more values
    private boolean unbounded; // whether numbers may be infinite or none

    /** Takes the fields of an object one by one. */
    @FunctionalInterface
    public interface FieldAction {
        /**
         * Takes a field; a name may come twice.
         *
         * @param value as the package says; null for {@code null}
         */
        void accept(String name, Object value) throws IOException;
    }

    private JsonReader(String text) {
        this.text = text;
    }

    /**
     * Reads a text.
     *
     * @param text one JSON value with white space around it
     * @return the value, as the package says; null for {@code null}
     * @throws JsonSyntaxException if it is anything else
     */
    public static Object read(String text) throws JsonSyntaxException {
        return new JsonReader(text).whole();
    }

    private Object whole() throws JsonSyntaxException {
        Object value = value();
        skipSpace();
        if (at < text.length()) {
            throw unexpected("the end of the text");
        }
        return value;
    }

    /**
     * Reads UTF-8, of which a byte order mark at the beginning is no part.
     *
     * @param utf8 one JSON value with white space around it
     * @return the value, as the package says; null for {@code null}
     * @throws JsonSyntaxException if it is anything else, or not UTF-8
     */
    public static Object read(byte[] utf8) throws JsonSyntaxException {
        String text = decode(utf8);
        return read(text.startsWith("\uFEFF") ? text.substring(1) : text);
    }

    /**
     * Reads UTF-8 as Python writes it, where numbers that JSON has no word for are Infinity, -Infinity and NaN.
     *
     * @param utf8 one such value with white space around it
     * @return the value, as the package says; null for {@code null}
     * @throws JsonSyntaxException if it is anything else, or not UTF-8
     */
    public static Object readPython(byte[] utf8) throws JsonSyntaxException {
        JsonReader reader = new JsonReader(decode(utf8));
        reader.unbounded = true;
        return reader.whole();
    }

    /**
     * Reads an object field by field, so that a long one is never in memory as a whole.
     *
     * @param utf8 one object with white space around it
     * @param mostValues how many values a field may consist of, itself counted
     * @param action takes the fields in their order
     * @throws JsonSyntaxException if it is anything else, or not UTF-8
     * @throws IOException if the action throws it
     */
    public static void readFields(byte[] utf8, int mostValues, FieldAction action) throws IOException {
        JsonReader reader = new JsonReader(decode(utf8));
        reader.skipSpace();
        if (!reader.text.startsWith("{", reader.at)) {
            throw reader.unexpected("an object");
        }
        reader.<IOException>fields((name, begin) -> {
            reader.room = mostValues;
            action.accept(name, reader.value());
        });
        reader.skipSpace();
        if (reader.at < reader.text.length()) {
            throw reader.unexpected("the end of the text");
        }
    }

    private static String decode(byte[] utf8) throws JsonSyntaxException {
        if (isAscii(utf8)) {
            return new String(utf8, StandardCharsets.ISO_8859_1); // without a copy of two bytes a character
        }
        ByteBuffer bytes = ByteBuffer.wrap(utf8);
        CharBuffer chars = CharBuffer.allocate(utf8.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(bytes, chars, true);
        if (result.isError()) {
            String before = new String(utf8, 0, bytes.position(), StandardCharsets.ISO_8859_1);
            throw new JsonSyntaxException(before, before.length(), "not UTF-8");
        }
        return chars.flip().toString();
    }

    private static boolean isAscii(byte[] text) {
        for (byte each : text) {
            if (each < 0) {
                return false;
            }
        }
        return true;
    }

    private Object value() throws JsonSyntaxException {
        skipSpace();
        if (--room < 0) {
            throw new JsonSyntaxException(text, at, "more values than are expected here");
        }
        char first = at < text.length() ? text.charAt(at) : 0;
        if (unbounded) {
            if (first == 'I') {
                return word("Infinity", Double.POSITIVE_INFINITY);
            }
            if (first == 'N') {
                return word("NaN", Double.NaN);
            }
            if (text.startsWith("-I", at)) {
                return word("-Infinity", Double.NEGATIVE_INFINITY);
            }
        }
        return switch (first) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            default -> throw unexpected("a value");
        };
    }

    private Map<String, Object> object() throws JsonSyntaxException {
        Map<String, Object> fields = new LinkedHashMap<>();
        this.<JsonSyntaxException>fields((name, begin) -> {
            Object value = value();
            if (fields.containsKey(name)) {
                throw new JsonSyntaxException(text, begin, "the name " + JsonWriter.write(name) + " a second time");
            }
            fields.put(name, value);
        });
        return Collections.unmodifiableMap(fields);
    }

    /** Reads the value of a field whose name was read from {@code begin} on. */
    private interface FieldReader<E extends IOException> {
        void read(String name, int begin) throws E;
    }

    private <E extends IOException> void fields(FieldReader<E> reader) throws E, JsonSyntaxException {
        enter();
        skipSpace();
        if (!take('}')) {
            do {
                skipSpace();
                int begin = at;
                if (at == text.length() || text.charAt(at) != '"') {
                    throw unexpected("a name in quotes");
                }
                String name = string();
                skipSpace();
                if (!take(':')) {
                    throw unexpected("':'");
                }
                reader.read(name, begin);
                skipSpace();
            } while (take(','));
            if (!take('}')) {
                throw unexpected("',' or '}'");
            }
        }
        depth--;
    }

    private List<Object> array() throws JsonSyntaxException {
        enter();
        List<Object> elements = new ArrayList<>();
        skipSpace();
        if (!take(']')) {
            do {
                elements.add(value());
                skipSpace();
            } while (take(','));
            if (!take(']')) {
                throw unexpected("',' or ']'");
            }
        }
        depth--;
        return Collections.unmodifiableList(elements);
    }

    private void enter() throws JsonSyntaxException {
        if (++depth > MAX_DEPTH) {
            throw new JsonSyntaxException(text, at, "nested deeper than " + MAX_DEPTH);
        }
        at++;
    }

    private Object word(String word, Object value) throws JsonSyntaxException {
        if (!text.startsWith(word, at)) {
            throw unexpected("a value");
        }
        at += word.length();
        return value;
    }

    private String string() throws JsonSyntaxException {
        int begin = ++at;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                return text.substring(begin, at++);
            }
            if (c == '\\') {
                return escapedString(begin);
            }
            if (c < ' ') {
                break;
            }
            at++;
        }
        throw unexpected("the end of a string");
    }

    private String escapedString(int begin) throws JsonSyntaxException {
        StringBuilder string = new StringBuilder(2 * (at - begin) + 16).append(text, begin, at);
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return string.toString();
            }
            if (c < ' ') {
                break;
            }
            at++;
            string.append(c == '\\' ? escape() : c);
        }
        throw unexpected("the end of a string");
    }

    private char escape() throws JsonSyntaxException {
        char c = at < text.length() ? text.charAt(at) : 0;
        char meant =
                switch (c) {
                    case '"', '\\', '/' -> c;
                    case 'b' -> '\b';
                    case 'f' -> '\f';
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    case 'u' -> unicodeEscape();
                    default -> throw unexpected("one of \"\\/bfnrtu after a backslash");
                };
        at++;
        return meant;
    }

    /** Leaves the position at the last digit. */
    private char unicodeEscape() throws JsonSyntaxException {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            at++;
            char c = at < text.length() ? text.charAt(at) : 0;
            if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
                throw unexpected("four hexadecimal digits after \\u");
            }
            unit = unit << 4 | Character.digit(c, 16);
        }
        return (char) unit;
    }

    private Object number() throws JsonSyntaxException {
        int begin = at;
        take('-');
        if (!take('0')) {
            digits();
        }
        boolean integral = true;
        if (take('.')) {
            integral = false;
            digits();
        }
        if (take('e') || take('E')) {
            integral = false;
            if (!take('+')) {
                take('-');
            }
            digits();
        }
        if (at - begin > MAX_NUMBER_LENGTH) {
            throw new JsonSyntaxException(text, begin, "a number longer than " + MAX_NUMBER_LENGTH + " characters");
        }
        String digits = text.substring(begin, at);
        return integral ? integer(digits) : decimal(digits, begin);
    }

    private void digits() throws JsonSyntaxException {
        int begin = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == begin) {
            throw unexpected("a digit");
        }
    }

    private static Object integer(String digits) {
        if (digits.length() < 19) {
            return Long.parseLong(digits);
        }
        BigInteger value = new BigInteger(digits);
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    private Object decimal(String digits, int begin) throws JsonSyntaxException {
        try {
            BigDecimal value = new BigDecimal(digits);
            return value.signum() == 0 && digits.startsWith("-") ? (Object) (-0.0) : value;
        } catch (NumberFormatException e) {
            throw new JsonSyntaxException(text, begin, "an exponent beyond 32 bits");
        }
    }

    private void skipSpace() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return;
            }
            at++;
        }
    }

    private boolean take(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private JsonSyntaxException unexpected(String expected) {
        String found = at >= text.length()
                ? "the end of the text"
                : JsonWriter.write(Character.toString(text.codePointAt(at)));
        return new JsonSyntaxException(text, Math.min(at, text.length()), "expected " + expected + ", found " + found);
    }
}
