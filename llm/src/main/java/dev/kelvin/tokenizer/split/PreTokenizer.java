// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

import java.util.List;

/** Cuts a text into words. Immutable. */
@FunctionalInterface
public interface PreTokenizer {
    /** Cuts nothing. */
    PreTokenizer NONE = (part, begin, end, words) -> {
        if (begin < end) {
            words.accept(part, begin, end);
        }
    };

    /** Hands over the words of the chars [begin, end) of a part; what they hold may have been changed on the way. */
    void split(Part part, int begin, int end, Words words);

    /** One after the other, each within the words that the one before has made. */
    static PreTokenizer sequence(List<PreTokenizer> steps) {
        return steps.stream()
                .reduce((before, step) -> (part, begin, end, words) ->
                        before.split(part, begin, end, (inner, from, to) -> step.split(inner, from, to, words)))
                .orElse(NONE);
    }
}
