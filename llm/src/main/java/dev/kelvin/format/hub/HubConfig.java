// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The fields of a {@code config.json}, with types. Those of a {@code text_config}, which models that also see or hear
 * have, stand before those around it. A field that is null is missing.
 */
final class HubConfig {
    private static final long LONGEST = 1 << 20;

    private final Path path;
    private final Map<String, Object> fields;

    HubConfig(Path path, Map<String, ?> fields) {
        this.path = path;
        this.fields = new LinkedHashMap<>(fields);
        this.fields.values().removeIf(value -> value == null);
    }

    static HubConfig read(Path path) throws IOException {
        if (Files.size(path) > LONGEST) {
            throw new ModelFormatException(
                    path, "file", -1, "at most " + LONGEST + " bytes", Files.size(path) + " bytes");
        }
        Object json;
        try {
            json = JsonReader.readPython(Files.readAllBytes(path));
        } catch (JsonSyntaxException e) {
            throw new ModelFormatException(path, "file", e.offset(), "a JSON object", e.getMessage());
        }
        if (!(json instanceof Map<?, ?>)) {
            throw new ModelFormatException(path, "file", 0, "a JSON object", "another value");
        }
        HubConfig config = new HubConfig(path, object(json));
        Map<String, Object> all = new LinkedHashMap<>(config.fields);
        all.putAll(config.object("text_config").fields);
        return new HubConfig(path, all);
    }

    /** Names of JSON objects are texts. */
    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object json) {
        return (Map<String, Object>) json;
    }

    Path path() {
        return path;
    }

    boolean has(String key) {
        return fields.containsKey(key);
    }

    /** The value as JSON has it. */
    Optional<Object> value(String key) {
        return Optional.ofNullable(fields.get(key));
    }

    int integer(String key) throws ModelFormatException {
        if (fields.get(key) instanceof Long number && number == (int) (long) number) {
            return (int) (long) number;
        }
        throw refuse(key, "an integer");
    }

    int integer(String key, int otherwise) throws ModelFormatException {
        return has(key) ? integer(key) : otherwise;
    }

    double real(String key) throws ModelFormatException {
        if (fields.get(key) instanceof Number number) {
            return number.doubleValue();
        }
        throw refuse(key, "a number");
    }

    double real(String key, double otherwise) throws ModelFormatException {
        return has(key) ? real(key) : otherwise;
    }

    /** Whether the value is true, or an integer above 0. */
    boolean isSet(String key) throws ModelFormatException {
        return Boolean.TRUE.equals(fields.get(key)) || (!Boolean.FALSE.equals(fields.get(key)) && integer(key, 0) > 0);
    }

    String string(String key, String otherwise) throws ModelFormatException {
        if (!has(key)) {
            return otherwise;
        }
        if (fields.get(key) instanceof String text) {
            return text;
        }
        throw refuse(key, "a text");
    }

    List<String> strings(String key) throws ModelFormatException {
        if (fields.get(key) instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            return list.stream().map(String.class::cast).toList();
        }
        throw refuse(key, "an array of texts");
    }

    float[] reals(String key) throws ModelFormatException {
        if (fields.get(key) instanceof List<?> list && list.stream().allMatch(Number.class::isInstance)) {
            float[] reals = new float[list.size()];
            for (int i = 0; i < reals.length; i++) {
                reals[i] = ((Number) list.get(i)).floatValue();
            }
            return reals;
        }
        throw refuse(key, "an array of numbers");
    }

    /** The fields of an object; none if it is missing. */
    HubConfig object(String key) throws ModelFormatException {
        if (!has(key)) {
            return new HubConfig(path, Map.of());
        }
        if (fields.get(key) instanceof Map<?, ?> inner) {
            return new HubConfig(path, object(inner));
        }
        throw refuse(key, "an object");
    }

    ModelFormatException refuse(String key, String expected) {
        Object found = fields.get(key);
        String shown = found instanceof Map || found instanceof List ? "another one" : String.valueOf(found);
        return new ModelFormatException(path, "key " + key, -1, expected, found == null ? "no such key" : shown);
    }
}
