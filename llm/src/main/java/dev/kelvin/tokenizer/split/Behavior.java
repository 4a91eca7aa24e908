// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

/** What becomes of the matches between the words. Source: {@code SplitDelimiterBehavior} of Hugging Face. */
public enum Behavior {
    /** They are left out. */
    REMOVED,
    /** Each is a word of its own. */
    ISOLATED,
    /** Each ends the word before it. */
    MERGED_WITH_PREVIOUS,
    /** Each begins the word behind it. */
    MERGED_WITH_NEXT,
    /** Neighbouring ones are one word. */
    CONTIGUOUS;

    /**
     * The behavior that files call so.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Behavior named(String name) {
        return switch (name) {
            case "Removed" -> REMOVED;
            case "Isolated" -> ISOLATED;
            case "MergedWithPrevious" -> MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> MERGED_WITH_NEXT;
            case "Contiguous" -> CONTIGUOUS;
            default -> throw new IllegalArgumentException("tokenizer: no split behavior is called " + name);
        };
    }
}
