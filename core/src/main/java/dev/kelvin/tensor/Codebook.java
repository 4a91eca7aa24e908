// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The points that the codes of a weight type stand for: 4 or 8 elements each, every element one of a few levels.
 *
 * <p>The points are data, in a text beside this class: lines that begin with {@code #} tell their source, the others
 * hold points, a digit an element, the number of its level.
 */
final class Codebook {
    private final int length;

    /** [points][length]. */
    private final byte[] elements;

    private Codebook(int length, byte[] elements) {
        this.length = length;
        this.elements = elements;
    }

    /**
     * Reads the points of a text.
     *
     * @param text the name of the resource, without its ending
     * @param points their number
     * @param length the elements of a point
     * @param levels what the digits stand for
     */
    static Codebook read(String text, int points, int length, int... levels) {
        byte[] elements = new byte[points * length];
        int count = 0;
        for (String line : lines(text)) {
            for (int i = 0; i < line.length() && !line.startsWith("#"); i++) {
                if (line.charAt(i) != ' ') {
                    elements[count++] = (byte) levels[line.charAt(i) - '0'];
                }
            }
        }
        if (count != elements.length) {
            throw new AssertionError(text + ": " + count + " elements");
        }
        return new Codebook(length, elements);
    }

    private static Iterable<String> lines(String text) {
        try (InputStream in = Codebook.class.getResourceAsStream(text + ".txt")) {
            return Arrays.asList(new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes a point, scaled and with signs.
     *
     * @param point its number
     * @param scale multiplies each element
     * @param signs bit i set: element i is negated
     * @param values receives the elements from {@code offset} on
     */
    void put(int point, float scale, int signs, float[] values, int offset) {
        for (int i = 0; i < length; i++) {
            float magnitude = elements[point * length + i] * scale;
            values[offset + i] = ((signs >> i) & 1) == 0 ? magnitude : -magnitude;
        }
    }

    /** Writes the elements of a point, each (element + shift)·scale. */
    void putShifted(int point, float scale, float shift, float[] values, int offset) {
        for (int i = 0; i < length; i++) {
            values[offset + i] = (elements[point * length + i] + shift) * scale;
        }
    }

    /** Eight signs of which seven are kept: the eighth makes their number even. */
    static int evenSigns(int seven) {
        return seven | (Integer.bitCount(seven) & 1) << 7;
    }
}
