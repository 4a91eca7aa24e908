// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

/** What is left of the {@link Limits} of one rendering. */
final class Budget {
    /** A character costs this part of a step. */
    private static final int CHARS_PER_STEP = 16;

    /** A value within a value counts as so many nodes: it takes the stack of several calls to look at. */
    static final int DATA = 5;

    private static final int LONGEST_INTEGER_BITS = 1 << 15;

    private final Limits limits;
    private long steps;
    private int depth;

    Budget(Limits limits) {
        this.limits = limits;
    }

    void step() {
        steps(1);
    }

    void steps(long count) {
        // The difference, because the sum may be more than there are numbers.
        if (count < 0 || count > limits.steps() - steps) {
            throw TemplateError.runtime("the template takes more than " + limits.steps() + " steps");
        }
        steps += count;
    }

    /** Before a string of that many characters is made. */
    void chars(long count) {
        if (count > limits.length()) {
            throw TemplateError.runtime("a string longer than " + limits.length() + " characters");
        }
        steps(count / CHARS_PER_STEP);
    }

    /** Before that many characters are added to an output of {@code length}. */
    void output(int length, int added) {
        if ((long) length + added > limits.length()) {
            throw TemplateError.runtime("an output longer than " + limits.length() + " characters");
        }
        steps(added / CHARS_PER_STEP);
    }

    /** Before an integer of that many bits is made. */
    void bits(long count) {
        if (count > LONGEST_INTEGER_BITS) {
            throw TemplateError.runtime("an integer of more than " + LONGEST_INTEGER_BITS + " bits");
        }
    }

    /** Before going deeper by that many nodes; {@link #leave} takes it back. */
    void enter(int nodes) {
        depth += nodes;
        if (depth > limits.depth()) {
            throw TemplateError.runtime("maximum recursion depth exceeded");
        }
    }

    void leave(int nodes) {
        depth -= nodes;
    }
}
