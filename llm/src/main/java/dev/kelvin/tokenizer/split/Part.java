// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

/**
 * A text on its way through the stages.
 *
 * @param text without lone surrogates
 * @param first whether its beginning is that of the whole input
 */
public record Part(String text, boolean first) {
    /** Whether a place is the beginning of the whole input. */
    boolean isStart(int begin) {
        return first && begin == 0;
    }
}
