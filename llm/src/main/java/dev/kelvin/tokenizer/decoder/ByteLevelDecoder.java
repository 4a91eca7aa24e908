// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.decoder;

import dev.kelvin.tokenizer.normalizer.ByteSymbols;
import java.nio.charset.StandardCharsets;

/** Bytes spelled in {@link ByteSymbols}; a piece with any other character stands for itself. */
public final class ByteLevelDecoder implements Decoder {
    /** The bytes of a piece. */
    public static byte[] bytes(String piece) {
        return ByteSymbols.isSpelled(piece) ? ByteSymbols.bytes(piece) : piece.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Pieces start(boolean atStart, Pieces next) {
        return new Pieces() {
            private final Utf8Stream utf8 = new Utf8Stream();

            @Override
            public void accept(String piece) {
                next.accept(utf8.accept(bytes(piece)));
            }

            @Override
            public void end() {
                next.accept(utf8.finish());
                next.end();
            }
        };
    }
}
