// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.List;

/**
 * A piece of a text that is being made.
 *
 * @param text whole characters; empty only where the last tokens of an answer make none
 * @param tokens those that were picked since the piece before, without the one that ends the text; the list is copied
 */
public record TextPiece(String text, List<GeneratedToken> tokens) {
    /** Copies the list. */
    public TextPiece {
        tokens = List.copyOf(tokens);
    }
}
