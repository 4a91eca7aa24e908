// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.pattern;

import java.util.Arrays;

/** Which ASCII characters a match may begin with, so that a search can pass over the others. */
final class FirstCharacters {
    private final boolean[] begins = new boolean[128];

    private FirstCharacters() {}

    /** [128]; all true if a match may be empty. */
    static boolean[] of(Node node) {
        FirstCharacters first = new FirstCharacters();
        if (first.collect(node)) {
            Arrays.fill(first.begins, true);
        }
        return first.begins;
    }

    /** Adds what a node may begin with; whether what follows it may begin a match too. */
    private boolean collect(Node node) {
        return switch (node) {
            case Node.Single(CodePoints set) -> {
                for (int c = 0; c < begins.length; c++) {
                    begins[c] |= set.has(c);
                }
                yield false;
            }
            case Node.Sequence sequence -> sequence.parts().stream().allMatch(this::collect);
            case Node.Choice choice -> {
                boolean open = false;
                for (Node option : choice.options()) {
                    open |= collect(option);
                }
                yield open;
            }
            case Node.Repeat repeat -> collect(repeat.body()) || repeat.min() == 0;
            case Node.Atomic atomic -> collect(atomic.body());
            case Node.Look look -> true;
            case Node.At at -> true;
        };
    }
}
