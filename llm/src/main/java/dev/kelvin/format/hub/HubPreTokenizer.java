// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.ModelFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What GGUF calls the pre-tokenizer of a {@code tokenizer.json}, by {@code pre.txt}. */
final class HubPreTokenizer {
    private static final String RESOURCE = "pre.txt";

    /** By the steps of the pre-tokenizer. */
    private static final Map<String, String> NAMES = read();

    private HubPreTokenizer() {}

    private static Map<String, String> read() {
        Map<String, String> names = new HashMap<>();
        try (InputStream in = HubPreTokenizer.class.getResourceAsStream(RESOURCE)) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line ->
                            names.put(line.substring(line.indexOf('\t') + 1), line.substring(0, line.indexOf('\t'))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }

    /**
     * The name.
     *
     * @param root of the file
     * @param model its model
     * @throws ModelFormatException if GGUF has none that is known
     */
    static String name(HubConfig root, HubConfig model) throws ModelFormatException {
        List<String> steps = new ArrayList<>();
        if (Boolean.TRUE.equals(model.value("ignore_merges").orElse(false))) {
            steps.add("whole-words");
        }
        add(root.value("pre_tokenizer").orElse(null), steps);
        String name = NAMES.get(String.join("\t", steps));
        if (name == null) {
            throw new ModelFormatException(
                    root.path(),
                    "key pre_tokenizer",
                    -1,
                    "one that GGUF has a name for (" + String.join(", ", NAMES.values()) + ")",
                    String.join(", ", steps));
        }
        return name;
    }

    private static void add(Object step, List<String> steps) {
        if (!(step instanceof Map<?, ?> fields)) {
            return;
        }
        String type = String.valueOf(fields.get("type"));
        switch (type) {
            case "Sequence" -> {
                if (fields.get("pretokenizers") instanceof List<?> several) {
                    several.forEach(each -> add(each, steps));
                }
            }
            case "Split" ->
                steps.add("split "
                        + (fields.get("pattern") instanceof Map<?, ?> pattern ? unescaped(pattern.get("Regex")) : ""));
            case "Digits" ->
                steps.add(Boolean.TRUE.equals(fields.get("individual_digits")) ? "digits" : "runs of digits");
            case "ByteLevel" -> steps.add(Boolean.FALSE.equals(fields.get("use_regex")) ? "bytes" : "bytes-and-words");
            default -> steps.add(type);
        }
    }

    /** Some files write a quotation mark with a backslash, which means the same. */
    private static String unescaped(Object expression) {
        return String.valueOf(expression).replace("\\\"", "\"");
    }
}
