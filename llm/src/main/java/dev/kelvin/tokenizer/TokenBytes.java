// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.tokenizer.decoder.Utf8Stream;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Tokens that say the same wherever they stand, but that a space may be taken off the beginning of a text.
 *
 * @param ofText [V] the bytes of each token; none for control tokens
 * @param ofSpecial the bytes of each token, control tokens spelled out
 * @param dropsSpace whether a space that begins a text is dropped
 */
record TokenBytes(byte[][] ofText, IntFunction<byte[]> ofSpecial, boolean dropsSpace) implements TokenTexts {
    @Override
    public byte[] bytes(int id) {
        return ofText[id].clone();
    }

    @Override
    public StreamingDecoder decoder(boolean atStart, boolean keepsSpecial) {
        IntFunction<byte[]> bytesOf = keepsSpecial ? ofSpecial : id -> ofText[id];
        return new StreamingDecoder() {
            private final Utf8Stream utf8 = new Utf8Stream();
            private boolean beginning = atStart;

            @Override
            public String accept(int id) {
                byte[] bytes = bytesOf.apply(id);
                if (bytes.length == 0) {
                    return "";
                }
                if (beginning && dropsSpace && bytes[0] == ' ') {
                    bytes = Arrays.copyOfRange(bytes, 1, bytes.length);
                }
                beginning = false;
                return utf8.accept(bytes);
            }

            @Override
            public String finish() {
                beginning = atStart;
                return utf8.finish();
            }
        };
    }
}
