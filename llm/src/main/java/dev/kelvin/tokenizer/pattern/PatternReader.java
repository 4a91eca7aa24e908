// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.pattern;

import dev.kelvin.tokenizer.pattern.Node.At;
import dev.kelvin.tokenizer.pattern.Node.Atomic;
import dev.kelvin.tokenizer.pattern.Node.Choice;
import dev.kelvin.tokenizer.pattern.Node.Greed;
import dev.kelvin.tokenizer.pattern.Node.Look;
import dev.kelvin.tokenizer.pattern.Node.Place;
import dev.kelvin.tokenizer.pattern.Node.Repeat;
import dev.kelvin.tokenizer.pattern.Node.Sequence;
import dev.kelvin.tokenizer.pattern.Node.Single;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Reads regular expressions in Oniguruma's syntax. Groups capture nothing; references to captures, conditions, calls
 * and {@code \K} are refused.
 *
 * <p>Source: Oniguruma's {@code doc/RE}.
 */
final class PatternReader {
    /** More than any tokenizer nests; keeps the reader's own recursion small. */
    private static final int DEEPEST = 200;

    private static final int LONGEST = 1 << 16;

    private final PatternScanner in;
    private int depth;

    private PatternReader(String pattern) {
        in = new PatternScanner(pattern);
    }

    /**
     * Reads an expression.
     *
     * @throws IllegalArgumentException if it is malformed or holds what is not supported
     */
    static Node read(String pattern) {
        if (pattern.length() > LONGEST) {
            throw new IllegalArgumentException("pattern: longer than " + LONGEST + " characters");
        }
        PatternReader reader = new PatternReader(pattern);
        Node node = reader.choice();
        if (!reader.in.atEnd()) {
            throw reader.in.malformed("an unmatched )");
        }
        return node;
    }

    private Node choice() {
        if (++depth > DEEPEST) {
            throw in.malformed("too many groups in each other");
        }
        List<Node> options = new ArrayList<>();
        boolean ignoreCase = in.ignoreCase;
        boolean extended = in.extended;
        boolean dotAll = in.dotAll;
        do {
            options.add(sequence());
        } while (in.take('|'));
        in.ignoreCase = ignoreCase;
        in.extended = extended;
        in.dotAll = dotAll;
        depth--;
        return options.size() == 1 ? options.getFirst() : new Choice(options);
    }

    private Node sequence() {
        List<Node> parts = new ArrayList<>();
        while (!in.atEnd() && in.peek() != '|' && in.peek() != ')') {
            Node part = atom();
            if (part != null) {
                parts.add(repeated(part));
            }
        }
        return parts.size() == 1 ? parts.getFirst() : new Sequence(parts);
    }

    private Node repeated(Node part) {
        Node node = part;
        while (true) {
            int min;
            int max;
            boolean counted = false;
            if (in.take('*')) {
                min = 0;
                max = Repeat.UNLIMITED;
            } else if (in.take('+')) {
                min = 1;
                max = Repeat.UNLIMITED;
            } else if (in.take('?')) {
                min = 0;
                max = 1;
            } else {
                int[] counts = in.interval();
                if (counts == null) {
                    return node;
                }
                min = counts[0];
                max = counts[1];
                counted = true;
            }
            // Behind an interval, + repeats it; only behind the others it is possessive.
            Greed greed = in.take('?') ? Greed.LAZY : !counted && in.take('+') ? Greed.POSSESSIVE : Greed.GREEDY;
            node = new Repeat(node, min, max, greed);
        }
    }

    /** An atom; null for what changes options only, and for comments. */
    private Node atom() {
        int c = in.next();
        return switch (c) {
            case '(' -> group();
            case '[' -> new Single(CodePoints.of(in.cased(new SetReader(in).read())));
            case '.' -> single(in.dotAll ? point -> true : point -> point != '\n');
            case '^' -> new At(Place.LINE_BEGIN);
            case '$' -> new At(Place.LINE_END);
            case '\\' -> escape();
            case '*', '+', '?' -> throw in.malformed("nothing to repeat");
            default -> literal(c);
        };
    }

    private static Node single(IntPredicate rule) {
        return new Single(CodePoints.of(rule));
    }

    private Node literal(int point) {
        if (in.extended && UnicodeClass.isSpace(point)) {
            return null;
        }
        if (in.extended && point == '#') {
            while (!in.atEnd() && in.next() != '\n') {
                // A comment.
            }
            return null;
        }
        return single(in.cased(other -> other == point));
    }

    private Node escape() {
        if (in.atEnd()) {
            throw in.malformed("a single \\ at the end");
        }
        switch (in.peek()) {
            case 'b' -> {
                return place(Place.WORD_BOUNDARY);
            }
            case 'B' -> {
                return place(Place.NO_WORD_BOUNDARY);
            }
            case 'A', 'G' -> {
                return place(Place.TEXT_BEGIN);
            }
            case 'z' -> {
                return place(Place.TEXT_END);
            }
            case 'Z' -> {
                return place(Place.TEXT_END_OR_LAST_LINE_FEED);
            }
            case 'R' -> {
                in.next();
                return lineBreak();
            }
            case 'k', 'g', 'K', 'X', '1', '2', '3', '4', '5', '6', '7', '8', '9' ->
                throw in.malformed("\\" + Character.toString(in.peek()) + ", which is not supported");
            default -> {}
        }
        IntPredicate named = in.classEscape();
        if (named != null) {
            return single(in.cased(named));
        }
        int point = in.characterEscape();
        return single(in.cased(other -> other == point));
    }

    private Node place(Place place) {
        in.next();
        return new At(place);
    }

    private static Node lineBreak() {
        Node pair = new Sequence(List.of(single(point -> point == '\r'), single(point -> point == '\n')));
        Node one = single(
                point -> (point >= '\n' && point <= '\r') || point == 0x85 || point == 0x2028 || point == 0x2029);
        return new Atomic(new Choice(List.of(pair, one)));
    }

    private Node group() {
        if (!in.take('?')) {
            return closed(choice());
        }
        if (in.take('#')) {
            while (in.next() != ')') {
                // A comment.
            }
            return null;
        }
        if (in.take(':')) {
            return closed(choice());
        }
        if (in.take('=')) {
            return new Look(closed(choice()), true, false);
        }
        if (in.take('!')) {
            return new Look(closed(choice()), true, true);
        }
        if (in.take('>')) {
            return new Atomic(closed(choice()));
        }
        if (in.take('<')) {
            if (in.take('=')) {
                return behind(false);
            }
            if (in.take('!')) {
                return behind(true);
            }
            while (in.next() != '>') {
                // The name of a group that captures nothing here.
            }
            return closed(choice());
        }
        return options();
    }

    private Node behind(boolean negative) {
        Node body = closed(choice());
        List<Node> options = body instanceof Choice choice ? choice.options() : List.of(body);
        if (options.stream().anyMatch(option -> option.width() < 0)) {
            throw in.malformed("a look-behind without a fixed length");
        }
        return new Look(body, false, negative);
    }

    /** {@code (?i)} for the rest of the group, or {@code (?i:...)}. */
    private Node options() {
        boolean on = true;
        boolean ignoreCase = in.ignoreCase;
        boolean extended = in.extended;
        boolean dotAll = in.dotAll;
        while (true) {
            int c = in.next();
            switch (c) {
                case '-' -> on = false;
                case 'i' -> in.ignoreCase = on;
                case 'x' -> in.extended = on;
                case 'm', 's' -> in.dotAll = on;
                case ')' -> {
                    // For what is left of the group: also for its other options, as in Oniguruma.
                    return in.peekIs('|') ? null : new Sequence(List.of(choice()));
                }
                case ':' -> {
                    Node body = closed(choice());
                    in.ignoreCase = ignoreCase;
                    in.extended = extended;
                    in.dotAll = dotAll;
                    return body;
                }
                default -> throw in.malformed("an option " + Character.toString(c) + ", which is not supported");
            }
        }
    }

    private Node closed(Node body) {
        if (!in.take(')')) {
            throw in.malformed("a group that is not closed");
        }
        return body;
    }
}
