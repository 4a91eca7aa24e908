// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A value of a JSON document with the path to it, so that a defect can be told by name.
 *
 * @param where the path
 * @param value as {@code JsonReader} gives it
 */
record JsonNode(String where, Object value) {
    boolean isNull() {
        return value == null;
    }

    boolean has(String field) {
        return value instanceof Map<?, ?> map && map.get(field) != null;
    }

    TokenizerFormatException defect(String what) {
        return new TokenizerFormatException(where, what);
    }

    Map<?, ?> object() throws TokenizerFormatException {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw defect("expected an object");
    }

    JsonNode get(String field) throws TokenizerFormatException {
        return new JsonNode(where.isEmpty() ? field : where + "." + field, object().get(field));
    }

    String text() throws TokenizerFormatException {
        if (value instanceof String text) {
            return text;
        }
        throw defect("expected a string");
    }

    String text(String field, String otherwise) throws TokenizerFormatException {
        return has(field) ? get(field).text() : otherwise;
    }

    boolean flag(String field, boolean otherwise) throws TokenizerFormatException {
        if (!has(field)) {
            return otherwise;
        }
        if (get(field).value instanceof Boolean flag) {
            return flag;
        }
        throw get(field).defect("expected true or false");
    }

    int integer() throws TokenizerFormatException {
        if (value instanceof Long number && number == number.intValue()) {
            return number.intValue();
        }
        throw defect("expected an integer");
    }

    int integer(String field, int otherwise) throws TokenizerFormatException {
        return has(field) ? get(field).integer() : otherwise;
    }

    double real() throws TokenizerFormatException {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw defect("expected a number");
    }

    List<JsonNode> list() throws TokenizerFormatException {
        if (!(value instanceof List<?> list)) {
            throw defect("expected a list");
        }
        List<JsonNode> nodes = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
            nodes.add(new JsonNode(where + "[" + i + "]", list.get(i)));
        }
        return nodes;
    }

    /** What a builder of stages refuses, with the path. */
    <T> T built(Builder<T> builder) throws TokenizerFormatException {
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            TokenizerFormatException defect = defect(e.getMessage());
            defect.initCause(e);
            throw defect;
        }
    }

    /** Builds a stage. */
    interface Builder<T> {
        T build() throws TokenizerFormatException;
    }
}
