// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known about keys that nobody took, from {@code keys.txt}: they change the result, or they are harmless. Of
 * those that change it the list also says which values ask for nothing.
 */
final class KnownKeys {
    /** The section of keys below a model's architecture. */
    static final String ARCHITECTURE = "architecture";

    /** The section of keys below {@code tokenizer.ggml}. */
    static final String TOKENIZER = "tokenizer";

    private static final String RESOURCE = "keys.txt";

    /** What a key that nobody took does. */
    enum Effect {
        /** It changes the result. */
        CHANGES,
        /** It does nothing, or nothing as long as it has this value. */
        HARMLESS,
        /** Nobody knows. */
        UNKNOWN
    }

    /** By section and key: the values that ask for nothing; null if all do. */
    private static final Map<String, Map<String, List<String>>> SECTIONS = read();

    private KnownKeys() {}

    private static Map<String, Map<String, List<String>>> read() {
        try (InputStream in = KnownKeys.class.getResourceAsStream(RESOURCE)) {
            Map<String, Map<String, List<String>>> sections = new HashMap<>();
            Map<String, List<String>> section = Map.of();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (line.startsWith("[")) {
                    section = new HashMap<>();
                    sections.put(line.substring(1, line.length() - 1), section);
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    List<String> words = List.of(line.split(" +", -1));
                    boolean changes = words.getFirst().equals("changes");
                    section.put(words.get(1), changes ? words.subList(2, words.size()) : null);
                }
            }
            return sections;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a key does, given its value. */
    static Effect effect(String section, String key, Object value) {
        Map<String, List<String>> keys = SECTIONS.get(section);
        if (!keys.containsKey(key)) {
            return Effect.UNKNOWN;
        }
        List<String> neutral = keys.get(key);
        return neutral == null || asksForNothing(value, neutral) ? Effect.HARMLESS : Effect.CHANGES;
    }

    private static boolean asksForNothing(Object value, List<String> neutral) {
        if (value.getClass().isArray()) {
            for (int i = 0; i < Array.getLength(value); i++) {
                if (!asksForNothing(Array.get(value, i), neutral)) {
                    return false;
                }
            }
            return true;
        }
        String text = value instanceof Number number ? plain(number) : value.toString();
        return neutral.contains(text);
    }

    private static String plain(Number number) {
        double value = number.doubleValue();
        return value == (long) value ? Long.toString((long) value) : Double.toString(value);
    }
}
