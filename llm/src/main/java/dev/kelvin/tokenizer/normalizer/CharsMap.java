// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.normalizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * SentencePiece's table of replacements: a double-array trie over UTF-8 whose values are offsets into a list of texts
 * that end with a zero byte.
 *
 * <p>A unit of the trie has the label of the edge that leads to it in its low byte, whether a text ends there in bit 8,
 * and the offset to its children in the bits above, scaled by 256 if bit 9 is set; a unit with bit 31 is a value.
 *
 * <p>Source: {@code normalizer.cc} and {@code darts.h} of SentencePiece; Hugging Face's crate {@code spm_precompiled}.
 */
public final class CharsMap {
    private static final int VALUE = 1 << 31;

    private final int[] units;
    private final byte[] texts;

    /**
     * Reads a table: the bytes of the trie as a number of four bytes, little-endian, the trie, the texts.
     *
     * @throws IllegalArgumentException if the table is cut short
     */
    public CharsMap(byte[] table) {
        ByteBuffer in = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
        if (table.length < 8) {
            throw new IllegalArgumentException("charsmap: only " + table.length + " bytes");
        }
        int size = in.getInt();
        if (size <= 0 || size % 4 != 0 || size > in.remaining()) {
            throw new IllegalArgumentException("charsmap: a trie of " + size + " bytes in a table of " + table.length);
        }
        IntBuffer trie = in.slice(4, size).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
        units = new int[trie.remaining()];
        trie.get(units);
        texts = Arrays.copyOfRange(table, 4 + size, table.length);
    }

    private static int children(int unit) {
        return (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
    }

    /** A replacement that was found: how many bytes it stands for, and where it lies. */
    private record Found(int length, int offset) {}

    /** The shortest or the longest beginning of [begin, end) that is replaced; null if none is. */
    private Found find(byte[] text, int begin, int end, boolean longest) {
        Found found = null;
        int node = children(units[0]);
        for (int i = begin; i < end && text[i] != 0; i++) {
            int label = text[i] & 0xFF;
            node ^= label;
            if (node < 0 || node >= units.length || (units[node] & (VALUE | 0xFF)) != label) {
                break;
            }
            int unit = units[node];
            node ^= children(unit);
            if ((unit >>> 8 & 1) != 0 && node >= 0 && node < units.length) {
                found = new Found(i + 1 - begin, units[node] & ~VALUE);
                if (!longest) {
                    break;
                }
            }
        }
        return found;
    }

    private String text(int offset) {
        int end = Math.min(offset, texts.length);
        while (end < texts.length && texts[end] != 0) {
            end++;
        }
        int begin = Math.min(offset, end);
        return new String(texts, begin, end - begin, StandardCharsets.UTF_8);
    }

    /** The replacement of the shortest beginning of a text that has one; null if none has. */
    String ofShortest(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Found found = find(bytes, 0, bytes.length, false);
        return found == null ? null : text(found.offset);
    }

    /**
     * Replaces from left to right the longest beginning of what is left.
     *
     * @param bytes UTF-8
     * @param begin where to look
     * @return the bytes that are replaced; 0 if none are
     */
    int longestAt(byte[] bytes, int begin) {
        Found found = find(bytes, begin, bytes.length, true);
        return found == null ? 0 : found.length;
    }

    /** The replacement of the bytes that {@link #longestAt} found. */
    String longestTextAt(byte[] bytes, int begin) {
        Found found = find(bytes, begin, bytes.length, true);
        return found == null ? "" : text(found.offset);
    }
}
