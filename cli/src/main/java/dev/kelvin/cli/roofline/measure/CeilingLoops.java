// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import java.util.Arrays;

/**
 * Plain loops of a kind that the JVM's compiler turns into full vectors and that occupy one part of the machine: the
 * units that multiply, or the way of bytes from one level of memory. So a ceiling needs no word about lanes, and
 * follows the compiler's own widths.
 */
final class CeilingLoops {
    /** Elements of what is multiplied: operand and result stay in the first-level cache. */
    static final int CACHED = 1024;

    /**
     * Multiply-adds for each element that is loaded and stored: enough to hide the store, and so few that a processor
     * has eight such chains at once in what it reorders.
     */
    static final int CHAIN = 8;

    /** The same for integers, whose multiplication and addition are two instructions. */
    static final int INTEGER_CHAIN = 4;

    private CeilingLoops() {}

    /** Multiplies and adds {@value #CHAIN} times, as often as {@code passes} says; returns an element. */
    static float multiplyAdd(float[] x, int passes) {
        for (int pass = 0; pass < passes; pass++) {
            chain(x, 0.999f, 0.001f);
        }
        return x[0];
    }

    private static void chain(float[] x, float a, float b) {
        for (int i = 0; i < CACHED; i++) {
            float y = x[i];
            y = Math.fma(Math.fma(Math.fma(Math.fma(y, a, b), a, b), a, b), a, b);
            y = Math.fma(Math.fma(Math.fma(Math.fma(y, a, b), a, b), a, b), a, b);
            x[i] = y;
        }
    }

    /**
     * Multiplies and adds {@value #INTEGER_CHAIN} times 16-bit integers, in which products of quantized weights are
     * summed. The factor is taken from the array: of one that it knows, C2 makes shifts and additions.
     */
    static int multiplyAdd(short[] x, int passes) {
        short factor = x[0];
        for (int pass = 0; pass < passes; pass++) {
            chain(x, factor, (short) 5);
        }
        return x[0];
    }

    private static void chain(short[] x, short a, short b) {
        for (int i = 0; i < CACHED; i++) {
            int y = x[i];
            y = (((y * a + b) * a + b) * a + b) * a + b;
            x[i] = (short) y;
        }
    }

    /** Reads a range, a quarter at each of four places, whose sum is one chain for four loads. */
    static int read(int[] x, int begin, int end) {
        int quarter = (end - begin) / 4;
        int second = begin + quarter;
        int third = second + quarter;
        int fourth = third + quarter;
        int sum = 0;
        for (int i = 0; i < quarter; i++) {
            sum += (x[begin + i] ^ x[second + i]) + (x[third + i] ^ x[fourth + i]);
        }
        return sum;
    }

    /** Copies the lower half of a range to its upper half, as the JVM does it. */
    static void copy(int[] x, int begin, int end) {
        int half = (end - begin) / 2;
        System.arraycopy(x, begin, x, begin + half, half);
    }

    /** Writes a range, as the JVM does it. */
    static void write(int[] x, int begin, int end) {
        Arrays.fill(x, begin, end, 1);
    }
}
