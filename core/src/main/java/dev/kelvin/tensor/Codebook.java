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
    private final long[] points;

    private Codebook(long[] points) {
        this.points = points;
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
        long[] read = new long[points];
        int count = 0;
        for (String line : lines(text)) {
            for (int i = 0; i < line.length() && !line.startsWith("#"); i++) {
                if (line.charAt(i) != ' ') {
                    read[count / length] |= (levels[line.charAt(i) - '0'] & 255L) << (8 * (count % length));
                    count++;
                }
            }
        }
        if (count != points * length) {
            throw new AssertionError(text + ": " + count + " elements");
        }
        return new Codebook(read);
    }

    private static Iterable<String> lines(String text) {
        try (InputStream in = Codebook.class.getResourceAsStream(text + ".txt")) {
            return Arrays.asList(new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A point: a byte an element, the first lowest. */
    long point(int number) {
        return points[number];
    }
}
