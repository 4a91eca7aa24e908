// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.decoder;

import dev.kelvin.tokenizer.model.ByteTokens;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Pieces like {@code <0x41>} are bytes; each that belongs to no character becomes U+FFFD. (Hugging Face replaces all
 * bytes of a run that has such a one, which cannot be known before its end.)
 */
public final class ByteFallbackDecoder implements Decoder {
    private static final int LONGEST_CHARACTER = 4;
    private static final String REPLACEMENT = "\ufffd";

    @Override
    public Pieces start(boolean atStart, Pieces next) {
        return new Pieces() {
            private byte[] waiting = new byte[0];

            @Override
            public void accept(String piece) {
                int value = ByteTokens.value(piece);
                if (value < 0) {
                    giveUp();
                    next.accept(piece);
                    return;
                }
                waiting = Arrays.copyOf(waiting, waiting.length + 1);
                waiting[waiting.length - 1] = (byte) value;
                String text = text();
                if (text != null) {
                    next.accept(text);
                    waiting = new byte[0];
                } else if (waiting.length == LONGEST_CHARACTER) {
                    next.accept(REPLACEMENT);
                    waiting = Arrays.copyOfRange(waiting, 1, waiting.length);
                }
            }

            private String text() {
                try {
                    return StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(waiting))
                            .toString();
                } catch (CharacterCodingException incomplete) {
                    return null;
                }
            }

            private void giveUp() {
                if (waiting.length > 0) {
                    next.accept(REPLACEMENT.repeat(waiting.length));
                    waiting = new byte[0];
                }
            }

            @Override
            public void end() {
                giveUp();
                next.end();
            }
        };
    }
}
