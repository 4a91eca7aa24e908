// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

/**
 * A token that is cut out of a text as it stands.
 *
 * @param text its spelling
 * @param id its id
 * @param singleWord whether it counts only where no letter or digit touches it
 * @param stripsLeft whether white space in front of it goes with it
 * @param stripsRight whether white space behind it goes with it
 */
record AddedToken(String text, int id, boolean singleWord, boolean stripsLeft, boolean stripsRight) {
    /** A token that stands for its spelling and nothing else. */
    AddedToken(String text, int id) {
        this(text, id, false, false, false);
    }
}
