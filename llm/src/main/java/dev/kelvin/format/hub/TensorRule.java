// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.ModelFormatException;
import java.util.List;
import java.util.Locale;

/**
 * What becomes of a tensor of the hub.
 *
 * @param name GGUF's, with * for the layer and without what follows the last name, such as {@code .weight}; complete if
 *     a point ends it
 * @param change of its elements
 * @param key of config.json that the change depends on, or empty
 * @param condition a key that must be true or a number above 0, or with ! before it must not, for the rule to hold; or
 *     empty
 */
record TensorRule(String name, TensorChange change, String key, String condition) {
    /** Reads {@code tensor NAME GGUF [CHANGE [KEY]] [if CONDITION]}. */
    static TensorRule of(List<String> line) {
        int end = line.indexOf("if");
        List<String> words = end < 0 ? line : line.subList(0, end);
        String condition = end < 0 ? "" : line.get(end + 1);
        TensorChange change = words.size() < 4
                ? TensorChange.NONE
                : TensorChange.valueOf(words.get(3).toUpperCase(Locale.ROOT).replace('-', '_'));
        return new TensorRule(words.get(2), change, words.size() < 5 ? "" : words.get(4), condition);
    }

    /** GGUF's name of a tensor of a layer whose name on the hub ends so. */
    String made(String layer, String suffix) {
        String whole = name.replace("*", layer);
        if (whole.endsWith(".")) {
            return whole.substring(0, whole.length() - 1);
        }
        return whole.endsWith(".bias") ? whole : whole + suffix;
    }

    /** Whether it holds for models of such a config. */
    boolean holds(HubConfig config) throws ModelFormatException {
        if (condition.isEmpty()) {
            return true;
        }
        boolean not = condition.startsWith("!");
        return not != config.isSet(not ? condition.substring(1) : condition);
    }
}
