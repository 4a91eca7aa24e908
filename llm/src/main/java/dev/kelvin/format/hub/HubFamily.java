// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the models of one family become GGUF's, as {@code families.txt} tells.
 *
 * @param architecture GGUF's name of the family
 * @param keys the lines about config.json, split into words
 * @param tensors what becomes of a tensor, by its name with * for the layer and # for the expert
 */
record HubFamily(String architecture, List<List<String>> keys, Map<String, List<TensorRule>> tensors) {
    private static final String RESOURCE = "families.txt";

    /** By the names that config.json has for them. */
    private static final Map<String, HubFamily> BY_CLASS = read();

    /** Whether the output is the embedding where a config does not say. */
    boolean tiesByDefault() {
        return keys.contains(List.of("tied"));
    }

    /** The family of a class, such as {@code Qwen3ForCausalLM}. */
    static Optional<HubFamily> of(String className) {
        return Optional.ofNullable(BY_CLASS.get(className));
    }

    /** The classes that are known. */
    static List<String> classes() {
        return List.copyOf(BY_CLASS.keySet());
    }

    private static HubFamily empty(String architecture) {
        return new HubFamily(architecture, new ArrayList<>(), new HashMap<>());
    }

    private static Map<String, HubFamily> read() {
        Map<String, HubFamily> families = new LinkedHashMap<>();
        Map<String, HubFamily> groups = new HashMap<>();
        HubFamily current = empty("");
        try (InputStream in = HubFamily.class.getResourceAsStream(RESOURCE)) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(text -> !text.isBlank() && !text.startsWith("#"))
                    .toList()) {
                List<String> words = List.of(line.split(" +", -1));
                switch (words.getFirst()) {
                    case "group" -> {
                        current = empty(words.get(1));
                        groups.put(words.get(1), current);
                    }
                    case "family" -> {
                        current = empty(words.get(1));
                        for (String className : words.subList(2, words.size())) {
                            families.put(className, current);
                        }
                    }
                    case "with" -> current.add(groups.get(words.get(1)));
                    case "tensor" -> current.addRule(words.get(1), TensorRule.of(words));
                    default -> current.keys.add(words);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return families;
    }

    private void add(HubFamily group) {
        keys.addAll(group.keys);
        group.tensors.forEach((name, rules) -> rules.forEach(rule -> addRule(name, rule)));
    }

    private void addRule(String name, TensorRule rule) {
        tensors.computeIfAbsent(name, key -> new ArrayList<>()).add(rule);
    }
}
