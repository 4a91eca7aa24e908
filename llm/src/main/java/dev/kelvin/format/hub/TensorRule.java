// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import java.util.List;
import java.util.Locale;

/**
 * What becomes of a tensor of the hub.
 *
 * @param name GGUF's, with * for the layer and without what follows the last name, such as {@code .weight}
 * @param change of its elements
 * @param key of config.json that the change depends on, or empty
 */
record TensorRule(String name, TensorChange change, String key) {
    /** Reads {@code tensor NAME GGUF [CHANGE [KEY]]}. */
    static TensorRule of(List<String> words) {
        TensorChange change = words.size() < 4
                ? TensorChange.NONE
                : TensorChange.valueOf(words.get(3).toUpperCase(Locale.ROOT).replace('-', '_'));
        return new TensorRule(words.get(2), change, words.size() < 5 ? "" : words.get(4));
    }
}
