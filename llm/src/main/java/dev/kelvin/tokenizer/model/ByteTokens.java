// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.ToIntFunction;

/** The tokens {@code <0x00>} to {@code <0xFF>}, in which characters without a token are spelled. */
public final class ByteTokens {
    private final int[] ids = new int[256];

    /**
     * The byte tokens of a vocabulary.
     *
     * @param idOf the id of a piece, −1 if there is none
     */
    public ByteTokens(ToIntFunction<String> idOf) {
        for (int value = 0; value < ids.length; value++) {
            ids[value] = idOf.applyAsInt(spelling(value));
        }
    }

    /** The spelling of a byte. */
    public static String spelling(int value) {
        return String.format("<0x%02X>", value);
    }

    /** The byte that a piece spells, −1 if it is no byte token. */
    public static int value(String piece) {
        if (piece.length() != 6 || !piece.startsWith("<0x") || piece.charAt(5) != '>') {
            return -1;
        }
        int high = Character.digit(piece.charAt(3), 16);
        int low = Character.digit(piece.charAt(4), 16);
        return high < 0 || low < 0 || piece.charAt(3) > 'f' || piece.charAt(4) > 'f' ? -1 : 16 * high + low;
    }

    /** Whether every byte has a token. */
    boolean areComplete() {
        return Arrays.stream(ids).allMatch(id -> id >= 0);
    }

    /** The id of a byte, −1 if it has none. */
    int id(byte value) {
        return ids[value & 0xFF];
    }

    /** The ids of a text; null if one of its bytes has none. */
    int[] spell(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] spelled = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            spelled[i] = id(bytes[i]);
            if (spelled[i] < 0) {
                return null;
            }
        }
        return spelled;
    }
}
