// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

/**
 * How much one rendering may take before it ends in an error.
 *
 * @param steps statements, elements and, by the dozen, characters; a step takes less than a microsecond
 * @param depth macros, recursive loops and expressions within each other, in nodes of the template
 * @param length characters of the output, and of any string on the way
 */
public record Limits(long steps, int depth, int length) {
    /** Far beyond what a conversation needs, and still a second or two at most. */
    public static final Limits DEFAULT = new Limits(20_000_000, 3_000, 1 << 24);

    /** Checks that each is positive. */
    public Limits {
        if (steps < 1 || depth < 1 || length < 1) {
            throw new IllegalArgumentException(
                    "limits: steps " + steps + ", depth " + depth + " and length " + length + " must be positive");
        }
    }
}
