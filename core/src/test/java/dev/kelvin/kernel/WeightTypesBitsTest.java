// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** gemm with weights of each type has the same bits at every lane width, and one row of x those of many. */
class WeightTypesBitsTest {
    static Stream<DType> types() {
        return Arrays.stream(DType.values()).filter(DType::isDecodable);
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyRemainder(DType type) {
        for (int rows : new int[] {1, 2, 5, 8}) {
            check(type, rows, 19, 512, 2, 19);
        }
        check(type, 3, 5, 256, 0, 5);
        check(type, 0, 5, 256, 0, 5);
    }

    /** Rows longer than what is decoded together, and more of them than a panel holds. */
    @ParameterizedTest
    @MethodSource("types")
    void longRows(DType type) {
        check(type, 2, 11, 4096 + 256, 0, 11);
        check(type, 2, 37, 2048, 0, 37);
        check(type, 2, 3, 65536 + 256, 0, 3);
        if (type.blockSize() == 32) {
            check(type, 3, 9, 32 * 131, 0, 9);
        }
        if (type.blockSize() == 1) {
            check(type, 3, 9, 4099, 0, 9);
        }
    }

    /**
     * Every weight by itself: the rows of an identity pick them, all rows at once and one by one. Blocks are random, of
     * one byte repeated, or have extreme scales; those with weights that are not finite are NaN all over.
     */
    @ParameterizedTest
    @MethodSource("types")
    void identityGivesTheDecodedWeights(DType type) {
        int inner = type.blockSize() == 1 ? 32 : type.blockSize();
        int blocks = 61;
        byte[] bytes = new byte[Math.toIntExact(type.byteSize((long) blocks * inner))];
        new Random(9).nextBytes(bytes);
        int length = bytes.length / blocks;
        byte[] fills = {0, -1, -128, 127, 1, 0x7b, -5, 0x3c, 0x55, -86};
        for (int i = 0; i < fills.length; i++) {
            Arrays.fill(bytes, i * length, (i + 1) * length, fills[i]);
        }
        float[] identity = new float[inner * inner];
        for (int k = 0; k < inner; k++) {
            identity[k * inner + k] = 1;
        }
        HeapTensor x = HeapTensor.of(identity, inner, inner);
        float[] decoded = new float[blocks * inner];
        type.format().decode(bytes, 0, decoded, 0, decoded.length);
        MappedTensor w = new MappedTensor(type, Shape.of(blocks, inner), MemorySegment.ofArray(bytes));
        for (Kernels kernels : LaneGrid.lanes()) {
            HeapTensor y = HeapTensor.zeros(inner, blocks);
            kernels.products().gemm(x, w, y, 0, blocks);
            assertPicks(decoded, y, type + ", " + kernels.vectorBits() + " bits, all rows at once");
            for (int k = 0; k < inner; k++) {
                kernels.products().gemm(x.rowRange(k, k + 1), w, y.rowRange(k, k + 1), 0, blocks);
            }
            assertPicks(decoded, y, type + ", " + kernels.vectorBits() + " bits, row by row");
        }
    }

    private static void assertPicks(float[] decoded, HeapTensor y, String what) {
        int inner = y.rows();
        int blocks = y.columns();
        int finite = 0;
        for (int n = 0; n < blocks; n++) {
            float sum = 0;
            for (int k = 0; k < inner; k++) {
                sum += decoded[n * inner + k] * 0;
            }
            finite += Float.isNaN(sum) ? 0 : 1;
            for (int k = 0; k < inner; k++) {
                // A sum that starts from +0 shows no −0, and of 0·∞ it shows nothing.
                float expected = Float.isNaN(sum) ? Float.NaN : decoded[n * inner + k] + 0f;
                float actual = Float.isNaN(sum) ? y.data()[k * blocks + n] * 0 : y.data()[k * blocks + n];
                assertEquals(
                        Float.floatToIntBits(expected),
                        Float.floatToIntBits(actual),
                        what + ": weight " + k + " of block " + n + " is " + decoded[n * inner + k] + ", was "
                                + y.data()[k * blocks + n]);
            }
        }
        assertTrue(finite > blocks / 4, what + ": " + finite + " blocks with finite weights");
    }

    /** Rows of x around a tile and half of one, K around the chunks after which sums of narrow vectors are put away. */
    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16", "Q8_0", "IQ4_NL"})
    void fewRows(DType type) {
        for (int rows = 2; rows <= 9; rows++) {
            for (int inner : new int[] {32, 992, 1024, 1056, 2080}) {
                check(type, rows, 14, inner, 1, 14);
            }
        }
        check(type, 22, 7, 1056, 0, 7);
    }

    /** Around one turn of the loop over k, with an odd and an even number of rows, and with less than a lane each. */
    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void aroundOneTurn(DType type) {
        for (int inner : new int[] {1, 15, 16, 63, 64, 65, 127, 128, 191}) {
            check(type, 2, 6, inner, 0, 6);
            check(type, 1, 7, inner, 3, 6);
            check(type, 1, 7, inner, 6, 7);
        }
    }

    /** An infinite weight in a row alone, at the beginning, in the middle and behind the last full turn. */
    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void infiniteWeights(DType type) {
        int inner = 200;
        HeapTensor x = HeapTensor.of(LaneGrid.gaussian(7, inner), 1, inner);
        for (int place : new int[] {0, 31, 77, 191, 199}) {
            try (Arena arena = Arena.ofConfined()) {
                MappedTensor w = weights(type, 5, inner, place, arena);
                short infinity = (short) (type == DType.F16 ? 0xFC00 : 0xFF80);
                w.segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * (3 * inner + place), infinity);
                LaneGrid.sameBits(
                        type + " with a weight of -infinity at " + place,
                        Guarded.of(5, 1),
                        (kernels, out) -> kernels.products().gemm(x, w, out.tensor(1, 5), 0, 5));
                HeapTensor y = HeapTensor.zeros(1, 5);
                LaneGrid.lanes().getFirst().products().gemm(x, w, y, 0, 5);
                assertEquals(x.data()[place] < 0 ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY, y.data()[3]);
                assertTrue(Float.isFinite(y.data()[2]) && Float.isFinite(y.data()[4]), "rows beside it");
            }
        }
    }

    /** Weights that are no number make NaN, whatever their payload, in rows by themselves and in rows together. */
    @ParameterizedTest
    @ValueSource(ints = {0x7C01, 0x7E00, 0xFFFF})
    void halvesThatAreNoNumber(int half) {
        for (Kernels kernels : LaneGrid.lanes()) {
            for (int row : new int[] {1, 8}) {
                try (Arena arena = Arena.ofConfined()) {
                    MappedTensor w = weights(DType.F16, 9, 128, half, arena);
                    w.segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * (row * 128 + 99), (short) half);
                    HeapTensor y = HeapTensor.zeros(1, 9);
                    kernels.products().gemm(HeapTensor.of(LaneGrid.gaussian(9, 128), 1, 128), w, y, 0, 9);
                    for (int n = 0; n < 9; n++) {
                        assertEquals(n == row, Float.isNaN(y.data()[n]), n + " at " + kernels.vectorBits() + " bits");
                    }
                }
            }
        }
    }

    /** x around what the lanes can scale by 2¹¹², and far from it, among ordinary numbers. */
    @ParameterizedTest
    @ValueSource(
            floats = {
                Float.MIN_VALUE,
                0x1p-140f,
                0x1.fffffep15f,
                -0x1.fffffep15f,
                0x1p16f,
                -0x1p16f,
                0x1.8p20f,
                Float.MAX_VALUE,
                Float.NEGATIVE_INFINITY
            })
    void halvesAndExtremeActivations(float extreme) {
        float[] xs = LaneGrid.gaussian(11, 131);
        xs[5] = extreme;
        xs[130] = extreme;
        HeapTensor x = HeapTensor.of(xs, 1, 131);
        try (Arena arena = Arena.ofConfined()) {
            MappedTensor w = weights(DType.F16, 10, 131, 12, arena);
            LaneGrid.sameBits(
                    "F16 with an activation of " + extreme, Guarded.of(10, 1), (kernels, out) -> kernels.products()
                            .gemm(x, w, out.tensor(1, 10), 0, 10));
        }
    }

    private static void check(DType type, int rows, int columns, int inner, int rowBegin, int rowEnd) {
        long seed = 31L * rows + 1009L * columns + inner;
        String what = type + " x [" + rows + ", " + inner + "], w [" + columns + ", " + inner + "], rows [" + rowBegin
                + ", " + rowEnd + "), seed " + seed;
        HeapTensor x = Guarded.of(LaneGrid.gaussian(seed, rows * inner), 3).tensor(rows, inner);
        Guarded y = Guarded.of(rows * columns, 1);
        try (Arena arena = Arena.ofConfined()) {
            MappedTensor w = weights(type, columns, inner, seed, arena);
            LaneGrid.Writing gemm =
                    (kernels, out) -> kernels.products().gemm(x, w, out.tensor(rows, columns), rowBegin, rowEnd);
            LaneGrid.sameBits("gemm " + what, y, gemm);
            Guarded together = y.copy();
            gemm.run(LaneGrid.scalar(), together);
            for (Kernels kernels : LaneGrid.lanes()) {
                Guarded single = y.copy();
                for (int m = 0; m < rows; m++) {
                    HeapTensor out = single.tensor(rows, columns);
                    kernels.products().gemm(x.rowRange(m, m + 1), w, out.rowRange(m, m + 1), rowBegin, rowEnd);
                }
                together.assertSameBits(single, "rows of x one by one, " + what);
            }
        }
    }

    /** Any bytes, but for finite floats: the scales of blocks are halves, of which few are not finite. */
    private static MappedTensor weights(DType type, int rows, int columns, long seed, Arena arena) {
        Shape shape = Shape.of(rows, columns);
        byte[] bytes = new byte[Math.toIntExact(type.byteSize(shape.elements()))];
        new Random(seed).nextBytes(bytes);
        int highest = type == DType.F32 ? 4 : 2;
        for (int i = highest - 1; type.blockSize() == 1 && i < bytes.length; i += highest) {
            bytes[i] &= (byte) 0xBF;
        }
        // From an address that is a multiple of 2 and of nothing larger.
        MemorySegment segment = arena.allocate(bytes.length + 64L, 64).asSlice(2, bytes.length);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return new MappedTensor(type, shape, segment);
    }

    /** Encoded weights against the sum over their decoded values in double: the error is that of the order alone. */
    @ParameterizedTest
    @MethodSource("types")
    void productsOfDecodedValues(DType type) {
        int inner = 768;
        int columns = 9;
        float[] x = LaneGrid.gaussian(5, inner);
        float[] weights = LaneGrid.gaussian(6, columns * inner);
        byte[] bytes = DrawnBlocks.of(type, weights);
        float[] decoded = new float[weights.length];
        type.format().decode(bytes, 0, decoded, 0, decoded.length);
        MappedTensor w = new MappedTensor(type, Shape.of(columns, inner), MemorySegment.ofArray(bytes));
        for (Kernels kernels : LaneGrid.lanes()) {
            HeapTensor y = HeapTensor.zeros(1, columns);
            kernels.products().gemm(HeapTensor.of(x, 1, inner), w, y, 0, columns);
            for (int n = 0; n < columns; n++) {
                double exact = 0;
                double magnitudes = 0;
                for (int k = 0; k < inner; k++) {
                    double product = (double) x[k] * decoded[n * inner + k];
                    exact += product;
                    magnitudes += Math.abs(product);
                }
                double bound = (inner / 16 + 5) * 0x1p-24 * magnitudes;
                assertEquals(exact, y.data()[n], bound, type + ", " + kernels.vectorBits() + " bits, row " + n);
            }
        }
    }
}
