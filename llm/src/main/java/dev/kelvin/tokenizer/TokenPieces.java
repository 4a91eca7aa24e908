// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.tokenizer.decoder.ByteLevelDecoder;
import dev.kelvin.tokenizer.decoder.Decoder;
import dev.kelvin.tokenizer.model.ByteTokens;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;

/**
 * Tokens whose spellings go through a chain of decoders.
 *
 * @param pieces [V]; null where there is no token
 * @param special the control tokens
 * @param skipped those of them that are nothing where control tokens are not kept
 * @param decoder the chain
 * @param byteLevel whether the chain spells bytes
 * @param byteFallback whether pieces like {@code <0x41>} are bytes
 */
record TokenPieces(
        String[] pieces, BitSet special, BitSet skipped, Decoder decoder, boolean byteLevel, boolean byteFallback)
        implements TokenTexts {
    @Override
    public byte[] bytes(int id) {
        if (special.get(id) || pieces[id] == null) {
            return new byte[0];
        }
        if (byteLevel) {
            return ByteLevelDecoder.bytes(pieces[id]);
        }
        int value = byteFallback ? ByteTokens.value(pieces[id]) : -1;
        if (value >= 0) {
            return new byte[] {(byte) value};
        }
        StreamingDecoder alone = decoder(false, false);
        return (alone.accept(id) + alone.finish()).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public StreamingDecoder decoder(boolean atStart, boolean keepsSpecial) {
        return new StreamingDecoder() {
            private final StringBuilder text = new StringBuilder();
            private Decoder.Pieces chain = begin();

            private Decoder.Pieces begin() {
                return decoder.start(atStart, new Decoder.Pieces() {
                    @Override
                    public void accept(String piece) {
                        text.append(piece);
                    }

                    @Override
                    public void end() {
                        // What the text holds is taken by whoever ended it.
                    }
                });
            }

            @Override
            public String accept(int id) {
                if (pieces[id] != null && (keepsSpecial || !skipped.get(id))) {
                    chain.accept(pieces[id]);
                }
                return taken();
            }

            @Override
            public String finish() {
                chain.end();
                chain = begin();
                return taken();
            }

            private String taken() {
                String taken = text.toString();
                text.setLength(0);
                return taken;
            }
        };
    }
}
