// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.decoder;

/**
 * Takes a character off the ends.
 *
 * @param content the character
 * @param start how many at most at the beginning
 * @param stop how many at most at the end
 */
public record StripDecoder(int content, int start, int stop) {
    /** Off each piece. */
    public Decoder ofEach() {
        return Decoder.each(this::strip);
    }

    private String strip(String piece) {
        int begin = 0;
        int width = Character.charCount(content);
        for (int i = 0; i < start && begin < piece.length() && piece.codePointAt(begin) == content; i++) {
            begin += width;
        }
        int end = piece.length();
        for (int i = 0; i < stop && end > begin && piece.codePointBefore(end) == content; i++) {
            end -= width;
        }
        return piece.substring(begin, end);
    }

    /** Off the whole text; what may have to go waits. The beginning is only stripped where a text begins. */
    public Decoder ofWhole() {
        return (atStart, next) -> new Decoder.Pieces() {
            private int toStrip = atStart ? start : 0;
            private int waiting;

            @Override
            public void accept(String piece) {
                StringBuilder out = new StringBuilder();
                piece.codePoints().forEach(point -> {
                    if (point == content && toStrip > 0) {
                        toStrip--;
                        return;
                    }
                    toStrip = 0;
                    if (point == content && waiting < stop) {
                        waiting++;
                        return;
                    }
                    if (point != content) {
                        out.append(Character.toString(content).repeat(waiting));
                        waiting = 0;
                    }
                    out.appendCodePoint(point);
                });
                if (!out.isEmpty()) {
                    next.accept(out.toString());
                }
            }

            @Override
            public void end() {
                waiting = 0;
                next.end();
            }
        };
    }
}
