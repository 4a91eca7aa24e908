// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sums over vectors have the same bits at every lane width, and are within their bounds. */
class VectorBitsTest {
    @Test
    void floats() {
        for (int length : LaneGrid.LENGTHS) {
            for (int offset : LaneGrid.OFFSETS) {
                for (boolean any : new boolean[] {false, true}) {
                    float[] x = any ? LaneGrid.anyBits(length, length) : LaneGrid.gaussian(length, length);
                    float[] y = any ? LaneGrid.anyBits(length + 1, length) : LaneGrid.gaussian(length + 1, length);
                    Guarded a = Guarded.of(x, offset);
                    Guarded b = Guarded.of(y, offset + 3);
                    String what = " of " + length + " from " + offset;
                    LaneGrid.sameBits("sums" + what, Guarded.of(5, 0), (kernels, out) -> {
                        VectorKernels vectors = kernels.vectors();
                        float[] to = out.data();
                        to[0] = vectors.dot(a.data(), a.offset(), b.data(), b.offset(), length);
                        to[1] = vectors.squaredDistance(a.data(), a.offset(), b.data(), b.offset(), length);
                        to[2] = vectors.cosine(a.data(), a.offset(), b.data(), b.offset(), length);
                        to[3] = vectors.sum(a.data(), a.offset(), length);
                        to[4] = vectors.absoluteSum(a.data(), a.offset(), length);
                    });
                }
            }
        }
    }

    /** What is left over after whole vectors, wherever their turn stands then, and nothing behind it is read. */
    @Test
    void everyLengthUpToThreeRounds() {
        for (int length = 0; length <= 3 * 64; length++) {
            float[] a = LaneGrid.gaussian(length, length);
            float[] b = LaneGrid.gaussian(length + 1, length);
            int count = length;
            String what = " of " + length;
            LaneGrid.sameNumber("dot" + what, kernels -> kernels.vectors().dot(a, 0, b, 0, count));
            LaneGrid.sameNumber("dot of rows" + what, kernels -> kernels.rows().dot(a, 0, b, 0, count));
            LaneGrid.sameNumber("distance" + what, kernels -> kernels.vectors().squaredDistance(a, 0, b, 0, count));
            LaneGrid.sameNumber("cosine" + what, kernels -> kernels.vectors().cosine(a, 0, b, 0, count));
            LaneGrid.sameNumber("sum" + what, kernels -> kernels.vectors().sum(a, 0, count));
            LaneGrid.sameNumber(
                    "sum of magnitudes" + what, kernels -> kernels.vectors().absoluteSum(a, 0, count));
        }
    }

    /** Products that underflow from below leave −0 in every lane, which lanes that get nothing must keep. */
    @Test
    void negativeZeros() {
        float[] least = new float[200];
        float[] negative = new float[200];
        Arrays.fill(least, Float.MIN_VALUE);
        Arrays.fill(negative, -Float.MIN_VALUE);
        for (int length = 0; length <= least.length; length++) {
            int count = length;
            String what = " of " + length;
            LaneGrid.sameNumber("dot" + what, kernels -> kernels.vectors().dot(least, 0, negative, 0, count));
            LaneGrid.sameNumber("dot of rows" + what, kernels -> kernels.rows().dot(least, 0, negative, 0, count));
            LaneGrid.sameNumber("cosine" + what, kernels -> kernels.vectors().cosine(least, 0, negative, 0, count));
        }
        assertEquals(-0f, LaneGrid.scalar().vectors().dot(least, 0, negative, 0, 64));
    }

    @Test
    void bytes() {
        Random random = new Random(1);
        for (int length : LaneGrid.LENGTHS) {
            for (int offset : LaneGrid.OFFSETS) {
                byte[] a = new byte[length + offset];
                byte[] b = new byte[length + offset + 1];
                random.nextBytes(a);
                random.nextBytes(b);
                String what = " of " + length + " from " + offset;
                LaneGrid.sameNumber("dot" + what, kernels -> kernels.vectors().dot(a, offset, b, offset + 1, length));
                LaneGrid.sameNumber("distance" + what, kernels -> kernels.vectors()
                        .squaredDistance(a, offset, b, offset + 1, length));
                LaneGrid.sameNumber(
                        "cosine" + what, kernels -> kernels.vectors().cosine(a, offset, b, offset + 1, length));
                int squares = LaneGrid.scalar().vectors().dot(a, offset, a, offset, length);
                LaneGrid.sameNumber("cosine with known squares" + what, kernels -> kernels.vectors()
                        .cosine(a, offset, squares, b, offset + 1, length));
                assertEquals(
                        LaneGrid.scalar().vectors().cosine(a, offset, b, offset + 1, length),
                        LaneGrid.scalar().vectors().cosine(a, offset, squares, b, offset + 1, length));
            }
        }
    }

    /** The largest sums that fit. */
    @Test
    void extremeBytes() {
        byte[] least = new byte[VectorKernels.MAX_BYTES_OF_DOT];
        byte[] most = new byte[VectorKernels.MAX_BYTES_OF_DISTANCE];
        Arrays.fill(least, Byte.MIN_VALUE);
        Arrays.fill(most, Byte.MAX_VALUE);
        int distant = most.length;
        assertEquals(128 * 128 * least.length, LaneGrid.scalar().vectors().dot(least, 0, least, 0, least.length));
        assertEquals(255 * 255 * distant, LaneGrid.scalar().vectors().squaredDistance(least, 0, most, 0, distant));
        LaneGrid.sameNumber("dot", kernels -> kernels.vectors().dot(least, 0, least, 0, least.length));
        LaneGrid.sameNumber("distance", kernels -> kernels.vectors().squaredDistance(least, 0, most, 0, distant));
        for (Kernels kernels : LaneGrid.lanes()) {
            assertEquals(1, kernels.vectors().cosine(least, 0, least, 0, least.length), kernels.vectorBits() + " bits");
        }
    }

    /** Every product that bytes can have, and every sum of two of them: each beside each other in one int. */
    @Test
    void everyProductOfBytes() {
        byte[] all = new byte[256 * 256];
        byte[] against = new byte[all.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
            against[i] = (byte) (i >> 8);
        }
        for (int offset = 0; offset < 4; offset++) {
            int from = offset;
            int length = all.length - offset;
            String what = " of all bytes from " + offset;
            LaneGrid.sameNumber("dot" + what, kernels -> kernels.vectors().dot(all, from, against, from, length));
            LaneGrid.sameNumber(
                    "distance" + what, kernels -> kernels.vectors().squaredDistance(all, 0, against, 0, 32_000 + from));
        }
        byte[] low = new byte[4096];
        byte[] high = new byte[4096];
        for (int x : new int[] {-128, -127, -1, 0, 1, 127}) {
            for (int y : new int[] {-128, -127, -1, 0, 1, 127}) {
                for (int other : new int[] {-128, 0, 127}) {
                    for (int i = 0; i < low.length; i++) {
                        low[i] = (byte) (i / 16 % 2 == 0 ? x : other);
                        high[i] = (byte) (i / 16 % 2 == 0 ? y : 127);
                    }
                    String what = " of " + x + ", " + y + " and " + other;
                    LaneGrid.sameNumber(
                            "dot" + what, kernels -> kernels.vectors().dot(low, 0, high, 0, low.length));
                    LaneGrid.sameNumber(
                            "cosine" + what, kernels -> kernels.vectors().cosine(low, 0, high, 0, low.length));
                }
            }
        }
    }

    @Test
    void withinTheBounds() {
        for (int length : LaneGrid.LENGTHS) {
            float[] a = LaneGrid.gaussian(length + 7, length);
            float[] b = LaneGrid.gaussian(length + 8, length);
            double[] exact = new double[4];
            double[] magnitude = new double[4];
            for (int i = 0; i < length; i++) {
                double difference = (double) a[i] - b[i];
                double[] terms = {(double) a[i] * b[i], difference * difference, a[i], Math.abs(a[i])};
                for (int j = 0; j < 4; j++) {
                    exact[j] += terms[j];
                    magnitude[j] += Math.abs(terms[j]);
                }
            }
            VectorKernels vectors = LaneGrid.scalar().vectors();
            float[] sums = {
                vectors.dot(a, 0, b, 0, length),
                vectors.squaredDistance(a, 0, b, 0, length),
                vectors.sum(a, 0, length),
                vectors.absoluteSum(a, 0, length)
            };
            for (int j = 0; j < 4; j++) {
                double roundings = Math.ceilDiv(length, 64) + 6 + (j == 1 ? 2 : 0);
                double error = Math.abs(sums[j] - exact[j]);
                assertTrue(
                        error <= roundings * 0x1p-24 * 1.0001 * magnitude[j],
                        "sum " + j + " of " + length + ": error " + error);
            }
        }
    }
}
