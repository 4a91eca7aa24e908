// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** gemm and dot have the same bits at every lane width, on the heap and in a segment. */
class GemmBitsTest {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Test
    void everyRemainderOfATile() {
        for (int rows = 0; rows <= 9; rows++) {
            for (int columns = 0; columns <= 26; columns++) {
                check(rows, columns, 16 * (rows % 3) + columns % 5, 0, columns);
            }
        }
    }

    @Test
    void everyRemainderOfK() {
        for (int inner : new int[] {0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 288, 509, 768, 2048}) {
            check(1, 9, inner, 0, 9);
            check(6, 13, inner, 0, 13);
        }
    }

    @Test
    void partOfTheRows() {
        for (int begin = 0; begin <= 11; begin += 3) {
            for (int end = begin; end <= 21; end += 2) {
                check(5, 21, 50, begin, end);
            }
        }
    }

    /** Rows of X in more than one cache block: 262144/K of them, in fours; of narrow vectors four times as many. */
    @Test
    void severalBlocks() {
        check(8, 9, 32768, 0, 9);
        check(37, 13, 8192, 0, 13);
        check(33, 29, 8207, 1, 28);
        check(37, 13, 32768, 0, 13);
        check(6, 6, 65600, 0, 6);
        check(5, 3, 262160, 0, 3);
    }

    /** K around the chunks after which sums of narrow vectors are put away, and rows around those that share one. */
    @Test
    void severalChunks() {
        for (int inner : new int[] {1008, 1023, 1024, 1025, 1040, 2047, 2048, 2064, 3073}) {
            check(21, 13, inner, 0, 13);
            check(33, 7, inner, 1, 7);
            check(67, 12, inner, 0, 12);
        }
    }

    /** So many rows that the next panel of W is touched ahead, up to the end of W. */
    @Test
    void touchingAhead() {
        for (int columns : new int[] {23, 24, 25, 36, 47, 48, 49}) {
            check(96, columns, 48, 0, columns);
            check(131, columns, 16, 1, columns - 1);
            check(24, columns, 112, 0, columns);
            check(33, columns, 144, 0, columns);
        }
    }

    /** The shapes of the benchmarks, M and N cut down to what a scalar loop does in no time. */
    @Test
    void shapesOfTheBenchmarks() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("..", "shapes", "gemm.txt"));
        for (String line : lines) {
            if (!line.startsWith("#")) {
                String[] sizes = line.split(" ", -1);
                int columns = Math.min(37, Integer.parseInt(sizes[2]));
                check(Math.min(131, Integer.parseInt(sizes[0])), columns, Integer.parseInt(sizes[1]), 0, columns);
            }
        }
    }

    private static void check(int rows, int columns, int inner, int rowBegin, int rowEnd) {
        long seed = 1_000_003L * rows + 1009L * columns + inner;
        String what = "x [" + rows + ", " + inner + "], w [" + columns + ", " + inner + "], rows [" + rowBegin + ", "
                + rowEnd + "), seed " + seed;
        int offset = LaneGrid.OFFSETS[(rows + columns) % LaneGrid.OFFSETS.length];
        HeapTensor x = Guarded.of(LaneGrid.gaussian(seed, rows * inner), offset).tensor(rows, inner);
        Guarded weights = Guarded.of(LaneGrid.gaussian(seed + 1, columns * inner), offset + 3);
        HeapTensor w = weights.tensor(columns, inner);
        Guarded y = Guarded.of(rows * columns, offset + 1);
        LaneGrid.Writing onHeap =
                (kernels, out) -> kernels.products().gemm(x, w, out.tensor(rows, columns), rowBegin, rowEnd);
        LaneGrid.sameBits("gemm " + what, y, onHeap);
        try (Arena arena = Arena.ofConfined()) {
            // From an address that is a multiple of 4 and of nothing larger.
            MemorySegment segment =
                    arena.allocate(4L * w.data().length + 64, 64).asSlice(4, 4L * columns * inner);
            for (int i = 0; i < columns * inner; i++) {
                segment.set(FLOAT, 4L * i, weights.get(i));
            }
            MappedTensor mapped = new MappedTensor(DType.F32, Shape.of(columns, inner), segment);
            LaneGrid.Writing inSegment =
                    (kernels, out) -> kernels.products().gemm(x, mapped, out.tensor(rows, columns), rowBegin, rowEnd);
            LaneGrid.sameBits("gemm of a segment " + what, y, inSegment);
            Guarded heap = y.copy();
            onHeap.run(LaneGrid.scalar(), heap);
            Guarded segments = y.copy();
            inSegment.run(LaneGrid.scalar(), segments);
            heap.assertSameBits(segments, "heap against segment " + what);
        }
    }

    @Test
    void dot() {
        for (int length : LaneGrid.LENGTHS) {
            for (int offset : LaneGrid.OFFSETS) {
                Guarded a = Guarded.of(LaneGrid.gaussian(length, length), offset);
                Guarded b = Guarded.of(LaneGrid.gaussian(length + 1, length), offset + 5);
                LaneGrid.sameNumber("dot of " + length + " from " + offset, kernels -> kernels.rows()
                        .dot(a.data(), a.offset(), b.data(), b.offset(), length));
            }
        }
    }

    /** Infinities and overflow, whose products and sums depend on the order as much as any. */
    @Test
    void extremes() {
        for (int seed = 0; seed < 50; seed++) {
            Guarded a = Guarded.of(LaneGrid.gaussian(seed, 67, 1e30f), 1);
            Guarded b = Guarded.of(LaneGrid.gaussian(seed + 99, 67, seed % 2 == 0 ? 1e9f : 1e-38f), 2);
            LaneGrid.sameBits(
                    "dot of extremes, seed " + seed,
                    Guarded.of(1, 3),
                    (kernels, out) -> out.data()[3] = kernels.rows().dot(a.data(), 1, b.data(), 2, 67));
        }
    }
}
