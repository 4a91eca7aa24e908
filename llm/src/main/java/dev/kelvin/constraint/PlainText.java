// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.TreeSet;

/**
 * Finds out whether, in a configuration, all characters that a JSON string holds as they are lead to one and the same
 * next configuration, and how often in a row.
 */
@SuppressWarnings("ReferenceEquality") // configurations exist once
final class PlainText {
    /** All but quotes, backslashes and control characters. */
    static final CodePoints CHARACTERS = CodePoints.of(List.of(
            new CodePoints.Range(' ', '!'),
            new CodePoints.Range('#', '['),
            new CodePoints.Range(']', Character.MAX_CODE_POINT)));

    private final Configurations configurations;
    /** The encodings: for each byte of a sequence the classes it may be of. */
    private final List<int[][]> encodings = new ArrayList<>();

    private final IdentityHashMap<Configuration, Configuration> next = new IdentityHashMap<>();

    PlainText(Configurations configurations) {
        this.configurations = configurations;
        Automaton.Alphabet alphabet = configurations.alphabet();
        for (int[] ranges : Utf8.sequences(CHARACTERS)) {
            int[][] encoding = new int[ranges.length / 2][];
            for (int i = 0; i < encoding.length; i++) {
                TreeSet<Integer> classes = new TreeSet<>();
                for (int value = ranges[2 * i]; value <= ranges[2 * i + 1]; value++) {
                    classes.add(alphabet.classes()[value] & 0xff);
                }
                encoding[i] = classes.stream().mapToInt(Integer::intValue).toArray();
            }
            encodings.add(encoding);
        }
    }

    /**
     * How many plain characters, whichever they are, may follow each other.
     *
     * @param most counting no further than that
     */
    int depth(Configuration from, int most) {
        int depth = 0;
        Configuration at = from;
        while (depth < most) {
            Configuration following = next(at);
            if (following == null) {
                return depth;
            }
            if (following == at) {
                return most;
            }
            at = following;
            depth++;
        }
        return depth;
    }

    private Configuration next(Configuration from) {
        if (!next.containsKey(from)) {
            next.put(from, compute(from));
        }
        return next.get(from);
    }

    void forget() {
        next.clear();
    }

    private Configuration compute(Configuration from) {
        Configuration target = null;
        for (int[][] encoding : encodings) {
            target = follow(from, encoding, 0, target);
            if (target == null) {
                return null;
            }
        }
        return target;
    }

    /**
     * The one target of all sequences of an encoding, which must be {@code expected} unless that is null; else null.
     */
    private Configuration follow(Configuration from, int[][] encoding, int index, Configuration expected) {
        if (index == encoding.length) {
            return expected == null || expected == from ? from : null;
        }
        Configuration target = expected;
        for (int byteClass : encoding[index]) {
            Configuration step = configurations.step(from, byteClass);
            target = step.isDead() ? null : follow(step, encoding, index + 1, target);
            if (target == null) {
                return null;
            }
        }
        return target;
    }
}
