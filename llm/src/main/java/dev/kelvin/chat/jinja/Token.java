// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

/**
 * A piece of a template's text.
 *
 * @param type one of the constants, or an operator as it is written
 * @param value the text of data, names and strings; a number's value; null otherwise
 * @param offset where it begins in the normalized text
 */
record Token(String type, Object value, int offset) {
    static final String DATA = "data";
    static final String VARIABLE_BEGIN = "begin of print statement";
    static final String VARIABLE_END = "end of print statement";
    static final String BLOCK_BEGIN = "begin of statement block";
    static final String BLOCK_END = "end of statement block";
    static final String NAME = "name";
    static final String STRING = "string";
    static final String INTEGER = "integer";
    static final String FLOAT = "float";
    static final String END = "end of template";

    boolean is(String wanted) {
        return type.equals(wanted);
    }

    boolean isName(String word) {
        return type.equals(NAME) && word.equals(value);
    }

    /** For messages. */
    @Override
    public String toString() {
        return type.equals(NAME) ? (String) value : type;
    }
}
