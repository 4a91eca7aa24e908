// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

/**
 * Spaces become a visible character, which also goes in front, and every such character begins a word.
 *
 * @param replacement the visible character, mostly U+2581
 * @param prepend where one goes in front
 * @param splits whether it begins a word
 */
public record Metaspace(char replacement, Prepend prepend, boolean splits) implements PreTokenizer {
    /** Where a replacement goes in front that does not begin with one. */
    public enum Prepend {
        /** Every part. */
        ALWAYS,
        /** The part at the beginning of the input. */
        FIRST,
        /** None. */
        NEVER;

        /**
         * The scheme that files call so.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Prepend named(String name) {
            return switch (name) {
                case "always" -> ALWAYS;
                case "first" -> FIRST;
                case "never" -> NEVER;
                default -> throw new IllegalArgumentException("tokenizer: no prepend scheme is called " + name);
            };
        }
    }

    @Override
    public void split(Part part, int begin, int end, Words words) {
        String text = part.text().substring(begin, end).replace(' ', replacement);
        boolean prepends =
                switch (prepend) {
                    case ALWAYS -> true;
                    case FIRST -> part.isStart(begin);
                    case NEVER -> false;
                };
        if (prepends && text.charAt(0) != replacement) {
            text = replacement + text;
        }
        Part replaced = new Part(text, part.isStart(begin));
        if (!splits) {
            words.accept(replaced, 0, text.length());
            return;
        }
        int from = 0;
        for (int next = text.indexOf(replacement, 1); next >= 0; next = text.indexOf(replacement, next + 1)) {
            words.accept(replaced, from, next);
            from = next;
        }
        words.accept(replaced, from, text.length());
    }
}
