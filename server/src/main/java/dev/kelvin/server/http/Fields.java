// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import dev.kelvin.generate.SamplerLanguage;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fields of a JSON object of a request, which are taken one by one. What nobody took is refused by name at the
 * {@link #end}: no parameter is ever ignored. A field that is {@code null} counts as absent, as clients send it so. For
 * one thread.
 */
public final class Fields {
    private final Map<String, Object> fields;
    private final String path;
    private final Set<String> taken = new HashSet<>();
    private final List<Fields> inner = new ArrayList<>();

    private Fields(Map<String, Object> fields, String path) {
        this.fields = fields;
        this.path = path;
    }

    /**
     * Reads the body of a request.
     *
     * @throws ApiException if it is not one JSON object
     */
    public static Fields read(byte[] body) throws ApiException {
        Object value;
        try {
            value = JsonReader.read(body);
        } catch (JsonSyntaxException e) {
            throw ApiException.invalid(null, "invalid_json", "The body is not JSON: " + e.getMessage() + ".");
        }
        return new Fields(asObject(value, null), "");
    }

    /** No fields at all. */
    public static Fields none() {
        return new Fields(Map.of(), "");
    }

    private static Map<String, Object> asObject(Object value, String name) throws ApiException {
        if (!(value instanceof Map<?, ?> map)) {
            throw name == null
                    ? ApiException.invalid(null, "invalid_json", "The body must be a JSON object.")
                    : ApiException.invalid(name, "invalid_type", "'" + name + "' must be an object.");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        map.forEach((key, each) -> fields.put((String) key, each));
        return fields;
    }

    /** The full name of a field, {@code outer.inner}. */
    public String name(String field) {
        return path + field;
    }

    /** Whether a field is there, taken or not. */
    public boolean has(String field) {
        return fields.get(field) != null;
    }

    /** Takes a field as it is; null if it is absent. */
    public Object value(String field) {
        taken.add(field);
        return fields.get(field);
    }

    /** Takes a string; null if it is absent. */
    public String string(String field) throws ApiException {
        Object value = value(field);
        if (value != null && !(value instanceof String)) {
            throw type(field, "a string");
        }
        return (String) value;
    }

    /** Takes a string that must be there. */
    public String requiredString(String field) throws ApiException {
        return require(field, string(field));
    }

    /** Takes one of some words; {@code otherwise} if it is absent, which may be null. */
    public String word(String field, String otherwise, List<String> words) throws ApiException {
        String word = string(field);
        if (word != null && !words.contains(word)) {
            throw ApiException.value(
                    name(field), "'" + name(field) + "' must be one of " + String.join(", ", words) + ".");
        }
        return word == null ? otherwise : word;
    }

    /** Takes a yes or no. */
    public boolean flag(String field, boolean otherwise) throws ApiException {
        Object value = value(field);
        if (value != null && !(value instanceof Boolean)) {
            throw type(field, "true or false");
        }
        return value == null ? otherwise : (Boolean) value;
    }

    /** Takes a whole number; null if it is absent. */
    public Long whole(String field, long least, long most) throws ApiException {
        Object value = value(field);
        if (value == null) {
            return null;
        }
        BigDecimal exact =
                switch (value) {
                    case Long number -> BigDecimal.valueOf(number);
                    case BigInteger number -> new BigDecimal(number);
                    case BigDecimal number when number.scale() <= 0 && number.scale() > -20 -> number;
                    case BigDecimal number
                    when number.scale() > 0 && number.stripTrailingZeros().scale() <= 0 -> number;
                    default -> throw type(field, "a whole number");
                };
        if (exact.compareTo(BigDecimal.valueOf(least)) < 0 || exact.compareTo(BigDecimal.valueOf(most)) > 0) {
            throw ApiException.value(name(field), "'" + name(field) + "' must be in [" + least + ", " + most + "].");
        }
        return exact.longValue();
    }

    /** Takes a whole number, with a value where it is absent. */
    public int whole(String field, int otherwise, int least, int most) throws ApiException {
        Long value = whole(field, least, most);
        return value == null ? otherwise : value.intValue();
    }

    /** Takes a number in [least, most], both finite or not; null if it is absent. */
    public Float real(String field, float least, float most) throws ApiException {
        Object value = value(field);
        if (value == null) {
            return null;
        }
        // "inf" is no number of JSON, but a temperature.
        if (!(value instanceof Number) && !(value instanceof String && most == Float.POSITIVE_INFINITY)) {
            throw type(field, most == Float.POSITIVE_INFINITY ? "a number or \"inf\"" : "a number");
        }
        float number;
        try {
            number = SamplerLanguage.number(value.toString()) + 0.0f; // -0 becomes 0
        } catch (IllegalArgumentException e) {
            throw ApiException.value(name(field), "'" + name(field) + "': " + e.getMessage() + ".");
        }
        if (!(number >= least && number <= most)) {
            throw ApiException.value(
                    name(field),
                    "'" + name(field) + "' must be in [" + SamplerLanguage.shortest(least) + ", "
                            + SamplerLanguage.shortest(most) + "].");
        }
        return number;
    }

    /** Takes a number, with a value where it is absent. */
    public float real(String field, float otherwise, float least, float most) throws ApiException {
        Float value = real(field, least, most);
        return value == null ? otherwise : value;
    }

    /** Takes a list; null if it is absent. */
    public List<?> list(String field) throws ApiException {
        Object value = value(field);
        if (value != null && !(value instanceof List)) {
            throw type(field, "a list");
        }
        return (List<?>) value;
    }

    /** Takes a list of strings, or one string that stands for such a list; empty if it is absent. */
    public List<String> strings(String field) throws ApiException {
        Object value = value(field);
        if (value == null) {
            return List.of();
        }
        if (value instanceof String one) {
            return List.of(one);
        }
        List<String> strings = new ArrayList<>();
        for (Object each : value instanceof List<?> list ? list : List.of(value)) {
            if (!(each instanceof String string)) {
                throw type(field, "a string or a list of strings");
            }
            strings.add(string);
        }
        return strings;
    }

    /**
     * Takes a list of token ids.
     *
     * @param vocabSize each is less
     * @return the ids; null if it is absent
     */
    public int[] ids(String field, int vocabSize) throws ApiException {
        List<?> list = list(field);
        return list == null ? null : ids(name(field), list, vocabSize);
    }

    /** The ids of a list that was taken as {@code name}. */
    public static int[] ids(String name, List<?> list, int vocabSize) throws ApiException {
        int[] ids = new int[list.size()];
        for (int i = 0; i < ids.length; i++) {
            if (!(list.get(i) instanceof Long id) || id < 0 || id >= vocabSize) {
                throw ApiException.value(
                        name, "'" + name + "'[" + i + "] must be a token id in [0, " + vocabSize + ").");
            }
            ids[i] = (int) (long) id;
        }
        return ids;
    }

    /** Takes an object, whose fields are taken in their turn; null if it is absent. */
    public Fields object(String field) throws ApiException {
        Object value = value(field);
        return value == null ? null : keep(new Fields(asObject(value, name(field)), name(field) + "."));
    }

    /** Takes an object with fields of any name; null if it is absent. */
    public Map<String, Object> map(String field) throws ApiException {
        Object value = value(field);
        return value == null ? null : asObject(value, name(field));
    }

    /** An element of a list that was taken, which must be an object. */
    public Fields element(String field, int index, Object element) throws ApiException {
        String name = name(field) + "[" + index + "]";
        return keep(new Fields(asObject(element, name), name + "."));
    }

    private Fields keep(Fields fields) {
        inner.add(fields);
        return fields;
    }

    /** Takes a field that makes no difference to an answer, whatever text it holds. */
    public void label(String field) throws ApiException {
        string(field);
    }

    /** Takes a field that may only say what is so anyway. */
    public void only(String field, List<?> values) throws ApiException {
        Object value = value(field);
        if (value != null && !values.contains(value)) {
            throw ApiException.unsupported(
                    name(field),
                    "'" + name(field) + "' is supported with no other value than " + values.getFirst() + ".");
        }
    }

    /** Refuses what nobody took, here and in the objects that were taken from here. */
    public void end() throws ApiException {
        for (Map.Entry<String, Object> field : fields.entrySet()) {
            if (!taken.contains(field.getKey()) && field.getValue() != null) {
                String name = name(shortened(field.getKey()));
                throw ApiException.unsupported(name, "'" + name + "' is not supported.");
            }
        }
        for (Fields each : inner) {
            each.end();
        }
    }

    private static String shortened(String name) {
        return name.length() <= 100 ? name : name.substring(0, 100) + "...";
    }

    private <T> T require(String field, T value) throws ApiException {
        if (value == null) {
            throw ApiException.invalid(name(field), "missing_required_parameter", "'" + name(field) + "' is required.");
        }
        return value;
    }

    private ApiException type(String field, String expected) {
        return ApiException.invalid(name(field), "invalid_type", "'" + name(field) + "' must be " + expected + ".");
    }
}
