// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

/**
 * Words of so many characters; the last may have fewer.
 *
 * @param length characters, at least 1
 */
public record FixedLength(int length) implements PreTokenizer {
    /** Checks the length. */
    public FixedLength {
        if (length < 1) {
            throw new IllegalArgumentException("tokenizer: words of " + length + " characters");
        }
    }

    @Override
    public void split(Part part, int begin, int end, Words words) {
        int from = begin;
        int count = 0;
        for (int i = begin; i < end; ) {
            i += Character.charCount(part.text().codePointAt(i));
            if (++count == length) {
                words.accept(part, from, i);
                from = i;
                count = 0;
            }
        }
        if (from < end) {
            words.accept(part, from, end);
        }
    }
}
