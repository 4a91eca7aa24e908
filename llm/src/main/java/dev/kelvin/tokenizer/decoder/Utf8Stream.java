// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.decoder;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that come in pieces as text: the bytes of an incomplete character wait. For one thread. */
public final class Utf8Stream {
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] waiting = new byte[0];

    /** Takes some bytes; gives the characters that are complete now, with U+FFFD for what is malformed. */
    public String accept(byte[] bytes) {
        byte[] all = Arrays.copyOf(waiting, waiting.length + bytes.length);
        System.arraycopy(bytes, 0, all, waiting.length, bytes.length);
        return decode(all, false);
    }

    /** Ends the text: U+FFFD for a sequence that never became complete, else nothing. A new text may begin. */
    public String finish() {
        return decode(waiting, true);
    }

    private String decode(byte[] all, boolean end) {
        ByteBuffer in = ByteBuffer.wrap(all);
        CharBuffer out = CharBuffer.allocate(all.length + 1);
        utf8.reset();
        CoderResult result = utf8.decode(in, out, end);
        if (end) {
            utf8.flush(out);
        }
        assert result.isUnderflow() : result;
        waiting = Arrays.copyOfRange(all, in.position(), all.length);
        return out.flip().toString();
    }
}
