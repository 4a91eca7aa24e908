// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.normalizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The alphabet in which byte-level vocabularies spell their tokens: one printable character for each byte. Bytes that
 * are printable in Latin-1 stand for themselves, the other 68 for U+0100 and on, in ascending order; so a space is
 * {@code Ġ} (U+0120) and a line feed {@code Ċ} (U+010A).
 *
 * <p>Source: {@code bytes_to_unicode} of GPT-2's {@code encoder.py}.
 */
public final class ByteSymbols {
    private static final char[] SYMBOLS = new char[256];
    private static final short[] BYTES = new short[256 + 68];

    static {
        Arrays.fill(BYTES, (short) -1);
        char other = 0x100;
        for (int value = 0; value < 256; value++) {
            boolean printable = (value > ' ' && value < 0x7F)
                    || (value > 0xA0 && value != 0xAD); // U+00AD: the soft hyphen, invisible
            SYMBOLS[value] = printable ? (char) value : other++;
            BYTES[SYMBOLS[value]] = (short) value;
        }
    }

    private ByteSymbols() {}

    /** The character that stands for a byte, 0 to 255. */
    public static char symbol(int value) {
        return SYMBOLS[value];
    }

    /** How a vocabulary spells these bytes. */
    public static String spell(byte[] bytes, int begin, int end) {
        StringBuilder piece = new StringBuilder(end - begin);
        for (int i = begin; i < end; i++) {
            piece.append(SYMBOLS[bytes[i] & 0xFF]);
        }
        return piece.toString();
    }

    /** The bytes that a piece spells; a character outside the alphabet counts as its own UTF-8. */
    public static byte[] bytes(String piece) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(piece.length());
        piece.codePoints().forEach(point -> {
            if (point < BYTES.length && BYTES[point] >= 0) {
                bytes.write(BYTES[point]);
            } else {
                bytes.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
            }
        });
        return bytes.toByteArray();
    }

    /** Whether each character of a piece is one of the alphabet. */
    public static boolean isSpelled(String piece) {
        return piece.chars().allMatch(c -> c < BYTES.length && BYTES[c] >= 0);
    }

    /** The UTF-8 of a text in this alphabet. */
    public static String spell(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return spell(bytes, 0, bytes.length);
    }
}
