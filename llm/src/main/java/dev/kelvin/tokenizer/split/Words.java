// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

/** Takes the words of a text, in order, as ranges of chars. */
@FunctionalInterface
public interface Words {
    /** The chars [begin, end) of a part, at least one. */
    void accept(Part part, int begin, int end);
}
