// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Turns ids into text one at a time, and never gives out half a character: the bytes of an incomplete UTF-8 sequence
 * wait for the next token. The concatenation of all it returns equals the text of all ids decoded at once. For one
 * thread.
 */
public final class StreamingDecoder {
    private final IntFunction<byte[]> bytesOf;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] waiting = new byte[0];
    private final boolean dropsSpace;
    private boolean atStart = true;

    /**
     * A decoder over a vocabulary.
     *
     * @param bytesOf the bytes of each token
     * @param dropsSpace whether a space that begins the first bytes is dropped
     */
    StreamingDecoder(IntFunction<byte[]> bytesOf, boolean dropsSpace) {
        this.bytesOf = bytesOf;
        this.dropsSpace = dropsSpace;
    }

    /**
     * Takes the next token.
     *
     * @param id a token id
     * @return the characters that are complete now; may be empty
     * @throws IllegalArgumentException if the id is outside the vocabulary
     */
    public String accept(int id) {
        byte[] bytes = bytesOf.apply(id);
        if (bytes.length == 0) {
            return "";
        }
        if (atStart && dropsSpace && bytes[0] == ' ') {
            bytes = Arrays.copyOfRange(bytes, 1, bytes.length);
        }
        atStart = false;
        byte[] all = Arrays.copyOf(waiting, waiting.length + bytes.length);
        System.arraycopy(bytes, 0, all, waiting.length, bytes.length);
        return decode(all, false);
    }

    /**
     * Ends the text.
     *
     * @return U+FFFD for a sequence that never became complete, else nothing; the decoder may be used for a new text
     *     then
     */
    public String finish() {
        atStart = true;
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
