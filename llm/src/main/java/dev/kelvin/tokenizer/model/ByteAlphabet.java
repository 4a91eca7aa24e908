// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

/** A symbol a byte of UTF-8. A byte without a token is left out. */
final class ByteAlphabet implements Alphabet {
    private static final int MISSING = -1;

    /** From so many chars on they are counted, rather than room be made for the worst. */
    private static final int COUNTED = 4096;

    /** [256] the token of each byte, or {@link #MISSING}. */
    private final int[] ids;

    ByteAlphabet(int[] ids) {
        this.ids = ids;
    }

    @Override
    public int mostSymbols(String text, int begin, int end) {
        if (end - begin < COUNTED) {
            return 3 * (end - begin);
        }
        int bytes = 0;
        for (int i = begin; i < end; i++) {
            char c = text.charAt(i);
            // A pair of surrogates is four bytes.
            bytes = Math.addExact(bytes, c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3);
        }
        return bytes;
    }

    @Override
    public int spell(String text, int begin, int end, int[] out) {
        int count = 0;
        for (int i = begin; i < end; i++) {
            int point = text.charAt(i);
            if (point < 0x80) {
                out[count++] = ids[point];
                continue;
            }
            if (point < 0x800) {
                out[count++] = ids[0xC0 | point >> 6];
            } else {
                if (Character.isHighSurrogate((char) point)) {
                    point = text.codePointAt(i++);
                    out[count++] = ids[0xF0 | point >> 18];
                    out[count++] = ids[0x80 | (point >> 12 & 0x3F)];
                } else {
                    out[count++] = ids[0xE0 | point >> 12];
                }
                out[count++] = ids[0x80 | (point >> 6 & 0x3F)];
            }
            out[count++] = ids[0x80 | (point & 0x3F)];
        }
        return count;
    }

    @Override
    public void spellOut(int symbol, IdList list) {
        assert symbol == MISSING : symbol;
    }
}
