// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Shape;
import dev.kelvin.tensor.StripPacker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Products with packed weights: the same bits at every width and in every batch, and those of the weights' codes. */
class PackedBitsTest {
    static final List<DType> TYPES = List.of(
            DType.Q4_0,
            DType.Q4_1,
            DType.Q5_0,
            DType.Q5_1,
            DType.Q2_K,
            DType.Q3_K,
            DType.Q4_K,
            DType.Q5_K,
            DType.Q6_K,
            DType.IQ4_NL,
            DType.IQ4_XS);

    static Stream<DType> types() {
        return TYPES.stream();
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyRemainder(DType type) {
        for (int rows : new int[] {1, 2, 3, 4, 5, 9}) {
            check(type, rows, 300, 512, 128, 300);
        }
        check(type, 3, 1, 256, 0, 1);
        check(type, 6, 129, 256, 0, 129);
        check(type, 0, 128, 256, 0, 128);
        check(type, 2, 128, 0, 0, 128);
        check(type, 5, 128, 0, 0, 128);
    }

    /** More blocks than a pass takes, more rows of x than meet a strip at once, and last passes of any length. */
    @ParameterizedTest
    @MethodSource("types")
    void longRows(DType type) {
        check(type, 1, 40, 5632, 0, 40);
        check(type, 4, 40, 5632, 0, 40);
        check(type, 131, 64, 256, 0, 64);
        check(type, 1, 20, 65536 + 256, 0, 20);
        if (type.blockSize() == 32) {
            check(type, 2, 9, 32 * 131, 0, 9);
            check(type, 7, 9, 32, 0, 9);
        }
    }

    private static void check(DType type, int rows, int columns, int inner, int rowBegin, int rowEnd) {
        long seed = 31L * rows + 1009L * columns + inner;
        float[] x = LaneGrid.gaussian(seed, rows * inner);
        same(type, "gaussian", x, rows, columns, inner, rowBegin, rowEnd, seed);
    }

    /** Infinities, NaN, huge, tiny and zero activations: every lane width agrees with the plain loops. */
    @ParameterizedTest
    @MethodSource("types")
    void anyActivations(DType type) {
        for (int rows : new int[] {2, 12}) {
            same(type, "any bits", LaneGrid.anyBits(rows, rows * 768), rows, 150, 768, 0, 150, rows);
            float[] x = LaneGrid.gaussian(rows, rows * 768);
            for (int i = 0; i < x.length; i++) {
                x[i] = Math.scalb(x[i], i / 32 % 220 - 110);
            }
            same(type, "of every size", x, rows, 150, 768, 0, 150, rows);
        }
    }

    private static void same(
            DType type,
            String what,
            float[] xs,
            int rows,
            int columns,
            int inner,
            int rowBegin,
            int rowEnd,
            long seed) {
        String message = type + " x [" + rows + ", " + inner + "] " + what + ", w [" + columns + ", " + inner
                + "], rows [" + rowBegin + ", " + rowEnd + "), seed " + seed;
        Guarded x = Guarded.of(xs, 3);
        Guarded y = Guarded.of(rows * columns, 1);
        try (Arena arena = Arena.ofConfined()) {
            PackedTensor w = pack(random(type, columns, inner, seed), type, Shape.of(columns, inner), arena);
            LaneGrid.Writing gemm = (kernels, out) ->
                    multiply(kernels, x.tensor(rows, inner), w, out.tensor(rows, columns), rowBegin, rowEnd);
            LaneGrid.sameBits("packed gemm " + message, y, gemm);
            Guarded together = y.copy();
            gemm.run(LaneGrid.scalar(), together);
            for (Kernels kernels : LaneGrid.lanes()) {
                Guarded single = y.copy();
                for (int m = 0; m < rows; m++) {
                    HeapTensor out = single.tensor(rows, columns).rowRange(m, m + 1);
                    multiply(kernels, x.tensor(rows, inner).rowRange(m, m + 1), w, out, rowBegin, rowEnd);
                }
                together.assertSameBits(single, "rows of x one by one, " + message);
            }
        }
    }

    private static void multiply(
            Kernels kernels, HeapTensor x, PackedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        QuantizedRows codes = new QuantizedRows();
        codes.prepare(x.rows(), x.columns(), w.layout());
        kernels.products().quantize(x, codes, 0, x.rows());
        kernels.products().gemm(codes, w, y, rowBegin, rowEnd);
    }

    /** Any bytes with finite scales. */
    private static byte[] random(DType type, int rows, int columns, long seed) {
        byte[] bytes = new byte[Math.toIntExact(type.byteSize((long) rows * columns))];
        new Random(seed).nextBytes(bytes);
        for (int at : scales(type, bytes.length)) {
            bytes[at + 1] &= (byte) 0xbf;
        }
        return bytes;
    }

    /** Where the f16 of all blocks are. */
    private static int[] scales(DType type, int length) {
        int[] inBlock =
                switch (type) {
                    case Q4_0, Q5_0, IQ4_NL, IQ4_XS -> new int[] {0};
                    case Q2_K -> new int[] {80, 82};
                    case Q3_K -> new int[] {108};
                    case Q6_K -> new int[] {208};
                    default -> new int[] {0, 2};
                };
        int blocks = length / type.blockBytes();
        int[] all = new int[blocks * inBlock.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = i / inBlock.length * type.blockBytes() + inBlock[i % inBlock.length];
        }
        return all;
    }

    private static PackedTensor pack(byte[] bytes, DType type, Shape shape, Arena arena) {
        MemorySegment strips = arena.allocate(Math.max(1, PackedTensor.bytes(type, shape)), 64)
                .asSlice(0, PackedTensor.bytes(type, shape));
        PackedTensor packed = new PackedTensor(type, shape, strips);
        MappedTensor from = new MappedTensor(type, shape, MemorySegment.ofArray(bytes));
        int count = Math.ceilDiv(shape.rows(), PackedLayout.STRIP);
        assertTrue(new StripPacker().pack(from, packed, 0, count));
        return packed;
    }

    /**
     * Activations that are codes already, at scale 1: their products are sums of decoded weights times integers, which
     * double adds without a rounding.
     */
    @ParameterizedTest
    @MethodSource("types")
    void productsOfDecodedValues(DType type) {
        Random random = new Random(7);
        float[] x = new float[5 * 768];
        for (int i = 0; i < x.length; i++) {
            x[i] = i % 32 == 9 ? 127 : random.nextInt(255) - 127;
        }
        decodedValues(type, random(type, 133, 768, 8), x);
    }

    /** The sums that come closest to what their bits hold. */
    @ParameterizedTest
    @MethodSource("types")
    void largestSums(DType type) {
        for (int fill : new int[] {0, 0xff, 0x0f, 0xf0, 0x77, 0x88}) {
            byte[] bytes = random(type, 133, 768, 8);
            byte[] scales = bytes.clone();
            Arrays.fill(bytes, (byte) fill);
            for (int at : scales(type, bytes.length)) {
                bytes[at] = scales[at];
                bytes[at + 1] = scales[at + 1];
            }
            float[] x = new float[5 * 768];
            for (int i = 0; i < x.length; i++) {
                x[i] = i / 768 % 2 == 0 ? 127 : -127;
            }
            decodedValues(type, bytes, x);
        }
    }

    private static void decodedValues(DType type, byte[] bytes, float[] x) {
        int inner = 768;
        int columns = 133;
        for (int at : scales(type, bytes.length)) {
            bytes[at + 1] = (byte) ((bytes[at + 1] & 0x83) | 0x20);
        }
        float[] decoded = new float[columns * inner];
        type.format().decode(bytes, 0, decoded, 0, decoded.length);
        try (Arena arena = Arena.ofConfined()) {
            PackedTensor w = pack(bytes, type, Shape.of(columns, inner), arena);
            for (Kernels kernels : LaneGrid.lanes()) {
                HeapTensor y = HeapTensor.zeros(5, columns);
                multiply(kernels, HeapTensor.of(x, 5, inner), w, y, 0, columns);
                for (int i = 0; i < 5 * columns; i++) {
                    double exact = 0;
                    double magnitudes = 0;
                    for (int k = 0; k < inner; k++) {
                        double product = (double) x[i / columns * inner + k] * decoded[i % columns * inner + k];
                        exact += product;
                        magnitudes += Math.abs(product);
                    }
                    // A chain of four roundings a block, and those of the decoded values; mins cancel against codes.
                    double bound = (4 * inner / 32 + 4) * 0x1p-24 * 4 * magnitudes;
                    assertEquals(exact, y.data()[i], bound, type + ", " + kernels.vectorBits() + " bits, at " + i);
                }
            }
        }
    }

    /** Codes within half a step of their block's scale; a block that counts as zeros, and one that makes NaN. */
    @ParameterizedTest
    @EnumSource(names = {"Q4_0", "Q5_0", "Q6_K"})
    void codesOfActivations(DType type) {
        float[] x = LaneGrid.gaussian(3, 5 * 256);
        Arrays.fill(x, 32, 64, 0x1p-70f);
        x[70] = Float.NaN;
        x[100] = Float.NEGATIVE_INFINITY;
        for (int width : LaneWidths.ALL) {
            QuantizedRows codes = new QuantizedRows();
            codes.prepare(5, 256, PackedLayout.of(type).orElseThrow());
            LaneWidths.kernels(width).products().quantize(HeapTensor.of(x, 5, 256), codes, 0, 5);
            assertEquals(0f, codes.scales()[codes.scaleOffset(1, 0)]);
            assertTrue(Float.isNaN(codes.scales()[codes.scaleOffset(2, 0)]));
            assertTrue(Float.isNaN(codes.scales()[codes.scaleOffset(3, 0)]));
            for (int row = 1; row < 5; row++) {
                for (int k = 0; k < 256; k++) {
                    float d = codes.scales()[codes.scaleOffset(k / 32, row)];
                    int code = codes.codes()[codes.codesOffset(k / 32, row) + k % 32];
                    assertEquals(x[row * 256 + k], d * code, d * 0.50001, "row " + row + ", element " + k);
                }
            }
        }
    }

    /** Codes, factors and starts of few rows, and codes of many; some blocks count as zeros or make NaN. */
    @ParameterizedTest
    @MethodSource("types")
    void codesOnLanes(DType type) {
        PackedLayout layout = PackedLayout.of(type).orElseThrow();
        for (int rows = 1; rows < 6; rows++) {
            float[] x = LaneGrid.gaussian(rows, rows * 512 + 3);
            Arrays.fill(x, 67, 99, 0);
            x[100] = Float.NaN;
            x[150] = 0x1p38f;
            HeapTensor tensor = HeapTensor.view(x, 3, rows, 512);
            QuantizedRows plain = new QuantizedRows();
            plain.prepare(rows, 512, layout);
            LaneGrid.scalar().products().quantize(tensor, plain, 0, rows);
            for (Kernels kernels : LaneGrid.lanes()) {
                String message = type + ", " + rows + " rows, " + kernels.vectorBits() + " bits";
                QuantizedRows codes = new QuantizedRows();
                codes.prepare(rows, 512, layout);
                Arrays.fill(codes.factors(), (short) 1);
                Arrays.fill(codes.starts(), (short) 1);
                kernels.products().quantize(tensor, codes, 0, rows);
                assertArrayEquals(plain.codes(), codes.codes(), message);
                assertArrayEquals(plain.factors(), codes.factors(), message);
                assertArrayEquals(plain.starts(), codes.starts(), message);
                assertArrayEquals(plain.scales(), codes.scales(), message);
                assertArrayEquals(plain.sums(), codes.sums(), message);
                assertArrayEquals(plain.halfSums(), codes.halfSums(), message);
            }
        }
    }

    /** A scale that is not finite is said, wherever it is. */
    @ParameterizedTest
    @MethodSource("types")
    void scalesThatAreNotFinite(DType type) {
        Shape shape = Shape.of(130, 512);
        try (Arena arena = Arena.ofConfined()) {
            byte[] sound = random(type, 130, 512, 4);
            int[] scales = scales(type, sound.length);
            for (int at : new int[] {scales[0], scales[1], scales[scales.length - 1]}) {
                byte[] bytes = sound.clone();
                bytes[at + 1] = (byte) 0xfc;
                PackedTensor packed = pack(sound, type, shape, arena);
                MappedTensor from = new MappedTensor(type, shape, MemorySegment.ofArray(bytes));
                assertFalse(
                        new StripPacker().pack(from, packed, 0, 130 / PackedLayout.STRIP + 1), type + ", byte " + at);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void rowsOfStrips(DType type) {
        try (Arena arena = Arena.ofConfined()) {
            PackedTensor w = pack(random(type, 300, 256, 5), type, Shape.of(300, 256), arena);
            HeapTensor x = HeapTensor.of(LaneGrid.gaussian(1, 256), 1, 256);
            HeapTensor all = HeapTensor.zeros(1, 300);
            HeapTensor part = HeapTensor.zeros(1, 236);
            multiply(LaneGrid.scalar(), x, w, all, 0, 300);
            multiply(LaneGrid.scalar(), x, w.rowRange(64, 300), part, 0, 236);
            assertArrayEquals(Arrays.copyOfRange(all.data(), 64, 300), part.data());
        }
    }
}
