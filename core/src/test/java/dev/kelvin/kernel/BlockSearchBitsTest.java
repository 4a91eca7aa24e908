// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The passes of a selection give the same at every lane width. */
class BlockSearchBitsTest {
    @Test
    void blockMaxima() {
        for (int length : LaneGrid.LENGTHS) {
            for (int offset : LaneGrid.OFFSETS) {
                Guarded x = Guarded.of(LaneGrid.gaussian(length, length), offset);
                LaneGrid.sameBits(
                        "blockMaxima of " + length + " from " + offset,
                        Guarded.of(RowKernels.blocks(length), offset + 1),
                        (kernels, out) ->
                                kernels.rows().blockMaxima(x.data(), offset, length, out.data(), out.offset()));
            }
        }
    }

    @Test
    void blockMaximaOfAnyBits() {
        for (int seed = 0; seed < 20; seed++) {
            int length = 1000 + seed;
            Guarded x = Guarded.of(LaneGrid.anyBits(seed, length), 1);
            if (seed % 2 == 0) { // half of the time without NaN
                for (int i = 0; i < x.data().length; i++) {
                    x.data()[i] = Float.isNaN(x.data()[i]) ? -0f : x.data()[i];
                }
            }
            LaneGrid.sameBits(
                    "blockMaxima of any bits, seed " + seed,
                    Guarded.of(RowKernels.blocks(length), 0),
                    (kernels, out) -> kernels.rows().blockMaxima(x.data(), 1, length, out.data(), 0));
        }
    }

    @Test
    void blockMaximaByHand() {
        float[] x = new float[600];
        Arrays.fill(x, -7);
        x[255] = 3;
        x[256] = Float.NaN;
        x[599] = Float.NEGATIVE_INFINITY;
        float[] maxima = new float[3];
        LaneGrid.scalar().rows().blockMaxima(x, 0, 600, maxima, 0);
        assertArrayEquals(new float[] {3, Float.NaN, -7}, maxima);
    }

    @Test
    void collect() {
        for (int length : LaneGrid.LENGTHS) {
            for (int offset : LaneGrid.OFFSETS) {
                float[] values = LaneGrid.gaussian(length, length);
                if (length > 3) {
                    values[3] = Float.NEGATIVE_INFINITY;
                    values[length / 2] = Float.NaN;
                }
                for (float threshold : new float[] {-Float.MAX_VALUE, 0, 2.5f, Float.POSITIVE_INFINITY}) {
                    check(Guarded.of(values, offset), length / 7, length, threshold);
                }
                if (length > 0) {
                    check(Guarded.of(values, offset), 0, length, values[length - 1]);
                }
            }
        }
    }

    private static void check(Guarded x, int begin, int end, float threshold) {
        int[] expectedIndices = new int[end - begin + 2];
        float[] expected = new float[end - begin + 2];
        expectedIndices[0] = expectedIndices[1] = -5;
        int count = LaneGrid.scalar()
                .rows()
                .collectAtLeast(x.data(), x.offset(), begin, end, threshold, expectedIndices, expected, 2);
        for (int i = 2; i < count; i++) {
            assertEquals(x.get(expectedIndices[i]), expected[i]);
        }
        int above = 0;
        for (int i = begin; i < end; i++) {
            above += x.get(i) >= threshold ? 1 : 0;
        }
        assertEquals(above, count - 2);
        for (Kernels kernels : LaneGrid.lanes()) {
            int[] indices = new int[end - begin + 2];
            float[] values = new float[end - begin + 2];
            indices[0] = indices[1] = -5;
            String what = kernels.vectorBits() + " bits, [" + begin + ", " + end + ") from " + x.offset();
            assertEquals(
                    count,
                    kernels.rows().collectAtLeast(x.data(), x.offset(), begin, end, threshold, indices, values, 2),
                    what);
            assertArrayEquals(expectedIndices, indices, what);
            assertArrayEquals(expected, values, what);
        }
    }
}
