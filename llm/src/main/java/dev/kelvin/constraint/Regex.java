// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.List;

/** A regular expression as it was parsed. */
sealed interface Regex {
    record OneOf(CodePoints set) implements Regex {}

    record Sequence(List<Regex> parts) implements Regex {}

    record Choice(List<Regex> parts) implements Regex {}

    /** A number of repetitions; −1 for no greatest number. */
    record Repeat(Regex body, int min, int max) implements Regex {}

    /** The beginning of the text, or its end. */
    record Anchor(boolean begin) implements Regex {}
}
