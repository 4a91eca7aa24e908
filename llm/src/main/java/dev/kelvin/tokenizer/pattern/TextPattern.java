// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.pattern;

/**
 * A regular expression in Oniguruma's syntax, that is what {@code tokenizer.json} files hold. Immutable; each
 * {@link Finder} is for one thread.
 */
public final class TextPattern {
    private final String expression;
    private final Program program;
    private final boolean[] begins;

    private TextPattern(String expression, Node node) {
        this.expression = expression;
        program = Program.of(node);
        begins = FirstCharacters.of(node);
    }

    /**
     * Reads an expression.
     *
     * @throws IllegalArgumentException if it is malformed, or uses captures that are referred to, conditions or calls
     */
    public static TextPattern of(String expression) {
        return new TextPattern(expression, PatternReader.read(expression));
    }

    /** A pattern for exactly this text. */
    public static TextPattern ofLiteral(String text) {
        return new TextPattern(
                text,
                new Node.Sequence(text.codePoints()
                        .<Node>mapToObj(point -> new Node.Single(CodePoints.of(other -> other == point)))
                        .toList()));
    }

    /** Looks for matches in the chars [begin, end) of a text, which are all that there is for the expression. */
    public Finder find(String text, int begin, int end) {
        Finder finder = new Finder();
        finder.reset(text, begin, end);
        return finder;
    }

    /** Looks for matches in nothing yet; see {@link Finder#reset}. */
    public Finder finder() {
        return new Finder();
    }

    @Override
    public String toString() {
        return expression;
    }

    /** One search from left to right. An empty match right behind another match does not count, as in Oniguruma. */
    public final class Finder {
        private final Machine machine = new Machine(program);
        private String text = "";
        private int limit;
        private int next;
        private int matchBegin;
        private int matchEnd = -1;

        private Finder() {}

        /** Begins a new search in the chars [begin, end) of a text. */
        public void reset(String newText, int begin, int end) {
            text = newText;
            limit = end;
            next = begin;
            matchEnd = -1;
            machine.reset(newText, begin, end);
        }

        /** Goes to the next match; false if there is none. */
        public boolean next() {
            while (next <= limit) {
                if (next < limit && !mayBegin(text.charAt(next))) {
                    next++;
                    continue;
                }
                int end = machine.match(next);
                if (end > next || (end == next && matchEnd != next)) {
                    matchBegin = next;
                    matchEnd = end;
                    next = end;
                    return true;
                }
                next += next < limit && Character.isHighSurrogate(text.charAt(next)) ? 2 : 1;
            }
            return false;
        }

        private boolean mayBegin(char c) {
            return c >= 128 || begins[c];
        }

        /** Where the match begins. */
        public int begin() {
            return matchBegin;
        }

        /** Where the match ends. */
        public int end() {
            return matchEnd;
        }
    }
}
