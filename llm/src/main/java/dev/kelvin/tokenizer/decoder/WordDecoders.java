// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.decoder;

/** Decoders of vocabularies whose tokens are words or parts of words. */
public final class WordDecoders {
    private WordDecoders() {}

    /** A space between any two pieces. */
    public static Decoder spaced() {
        return Decoder.each(piece -> piece, piece -> " " + piece);
    }

    /**
     * A space in front of each piece but the first and those with a prefix, which goes.
     *
     * @param prefix such as {@code ##}
     * @param cleansUp whether spaces in front of punctuation and of English endings go
     */
    public static Decoder wordPiece(String prefix, boolean cleansUp) {
        return Decoder.each(piece -> cleansUp ? cleanedUp(piece) : piece, piece -> {
            String text = piece.startsWith(prefix) ? piece.substring(prefix.length()) : " " + piece;
            return cleansUp ? cleanedUp(text) : text;
        });
    }

    private static String cleanedUp(String text) {
        return text.replace(" .", ".")
                .replace(" ?", "?")
                .replace(" !", "!")
                .replace(" ,", ",")
                .replace(" ' ", "'")
                .replace(" n't", "n't")
                .replace(" 'm", "'m")
                .replace(" do not", " don't")
                .replace(" 's", "'s")
                .replace(" 've", "'ve")
                .replace(" 're", "'re");
    }

    /**
     * The replacement is a space; in the first piece it is nothing.
     *
     * @param replacement the visible character for a space
     * @param prepended whether one was put in front of the text
     */
    public static Decoder metaspace(char replacement, boolean prepended) {
        String visible = String.valueOf(replacement);
        return Decoder.each(
                piece -> piece.replace(visible, prepended ? "" : " "), piece -> piece.replace(visible, " "));
    }

    /** A suffix ends a word: it becomes a space, in the last piece nothing. */
    public static Decoder endOfWord(String suffix) {
        return (atStart, next) -> new Decoder.Pieces() {
            private String held;

            @Override
            public void accept(String piece) {
                if (held != null) {
                    next.accept(held.replace(suffix, " "));
                }
                held = piece;
            }

            @Override
            public void end() {
                if (held != null) {
                    next.accept(held.replace(suffix, ""));
                    held = null;
                }
                next.end();
            }
        };
    }

    /**
     * Of equal neighbours one counts; padding is nothing.
     *
     * @param padding the token between equal characters
     * @param delimiter the token between words, which becomes a space when {@code cleansUp}
     * @param cleansUp whether spaces in front of punctuation and of English endings go
     */
    public static Decoder ctc(String padding, String delimiter, boolean cleansUp) {
        return (atStart, next) -> new Decoder.Pieces() {
            private String last;

            @Override
            public void accept(String piece) {
                if (piece.equals(last)) {
                    return;
                }
                last = piece;
                String text = piece.replace(padding, "");
                if (cleansUp) {
                    text = cleanedUp(text).replace(delimiter, " ");
                }
                if (!text.isEmpty()) {
                    next.accept(text);
                }
            }

            @Override
            public void end() {
                last = null;
                next.end();
            }
        };
    }
}
