// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.normalizer;

import java.util.List;

/** Changes a text before it is cut into words. Immutable. */
@FunctionalInterface
public interface Normalizer {
    /** Changes nothing. */
    Normalizer NONE = text -> text;

    /**
     * The changed text.
     *
     * @param text without lone surrogates
     */
    String normalize(String text);

    /** One after the other. */
    static Normalizer sequence(List<Normalizer> steps) {
        List<Normalizer> all = List.copyOf(steps);
        return switch (all.size()) {
            case 0 -> NONE;
            case 1 -> all.getFirst();
            default ->
                text -> {
                    String changed = text;
                    for (Normalizer step : all) {
                        changed = step.normalize(changed);
                    }
                    return changed;
                };
        };
    }

    /** Puts a text in front of every text that is not empty. */
    static Normalizer prepend(String prefix) {
        return text -> text.isEmpty() ? text : prefix + text;
    }

    /** Spells the UTF-8 of a text in {@link ByteSymbols}. */
    static Normalizer byteLevel() {
        return ByteSymbols::spell;
    }
}
