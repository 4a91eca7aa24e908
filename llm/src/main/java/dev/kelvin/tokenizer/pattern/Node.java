// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.pattern;

import java.util.List;

/** A regular expression, read. */
sealed interface Node {
    /** How many code points every match has; −1 if matches differ. */
    int width();

    /** Whether there may be a match without a code point. */
    boolean nullable();

    /** One code point of a set. */
    record Single(CodePoints set) implements Node {
        @Override
        public int width() {
            return 1;
        }

        @Override
        public boolean nullable() {
            return false;
        }
    }

    /** One after the other; none is the empty expression. */
    record Sequence(List<Node> parts) implements Node {
        @Override
        public int width() {
            int sum = 0;
            for (Node part : parts) {
                int width = part.width();
                if (width < 0) {
                    return -1;
                }
                sum += width;
            }
            return sum;
        }

        @Override
        public boolean nullable() {
            return parts.stream().allMatch(Node::nullable);
        }
    }

    /** The first that leads to a match. */
    record Choice(List<Node> options) implements Node {
        @Override
        public int width() {
            int width = options.getFirst().width();
            return options.stream().allMatch(option -> option.width() == width) ? width : -1;
        }

        @Override
        public boolean nullable() {
            return options.stream().anyMatch(Node::nullable);
        }
    }

    /** How a repetition goes on: as often as possible, as rarely, or as often without giving anything back. */
    enum Greed {
        GREEDY,
        LAZY,
        POSSESSIVE
    }

    /** From {@code min} to {@code max} times; {@link #UNLIMITED} for no most. */
    record Repeat(Node body, int min, int max, Greed greed) implements Node {
        static final int UNLIMITED = Integer.MAX_VALUE;

        @Override
        public int width() {
            return min == max && body.width() >= 0 ? min * body.width() : -1;
        }

        @Override
        public boolean nullable() {
            return min == 0 || body.nullable();
        }
    }

    /** What has matched once stays as it is. */
    record Atomic(Node body) implements Node {
        @Override
        public int width() {
            return body.width();
        }

        @Override
        public boolean nullable() {
            return body.nullable();
        }
    }

    /** Whether something follows ({@code ahead}) or comes before, or does not. */
    record Look(Node body, boolean ahead, boolean negative) implements Node {
        @Override
        public int width() {
            return 0;
        }

        @Override
        public boolean nullable() {
            return true;
        }
    }

    /** Places in a text. */
    enum Place {
        LINE_BEGIN,
        LINE_END,
        TEXT_BEGIN,
        TEXT_END,
        TEXT_END_OR_LAST_LINE_FEED,
        WORD_BOUNDARY,
        NO_WORD_BOUNDARY
    }

    /** A place. */
    record At(Place place) implements Node {
        @Override
        public int width() {
            return 0;
        }

        @Override
        public boolean nullable() {
            return true;
        }
    }
}
