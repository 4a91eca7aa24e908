// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.HeapTensor;
import org.junit.jupiter.api.Test;

/** The gradients of a product have the same bits at every lane width, and so has a sum that is cut into pieces. */
class GradientGemmBitsTest {
    /** A gradient kernel: dX = dY·W or dW = dYᵀ·X. */
    private enum Gradient {
        INPUT,
        WEIGHT
    }

    @Test
    void everyRemainderOfATile() {
        for (int rows = 0; rows <= 18; rows++) {
            for (int columns : new int[] {0, 1, 3, 4, 15, 16, 17, 31, 32, 47, 48, 49, 63, 64, 65, 79, 97, 113}) {
                check(rows, columns, 1 + (rows + columns) % 11, 0, rows);
            }
        }
    }

    @Test
    void everyNumberOfTerms() {
        for (int terms : new int[] {0, 1, 2, 7, 16, 63, 255, 256, 257, 511, 513, 769}) {
            check(9, 83, terms, 0, 9);
        }
    }

    /** More columns and terms than a block takes. */
    @Test
    void severalBlocks() {
        check(9, 769, 257, 0, 9);
        check(8, 1600, 20, 0, 8);
        check(17, 35, 700, 1, 16);
    }

    @Test
    void partOfTheRows() {
        for (int begin = 0; begin <= 11; begin += 3) {
            for (int end = begin; end <= 21; end += 2) {
                check(21, 70, 13, begin, end);
            }
        }
    }

    private static void check(int rows, int columns, int terms, int rowBegin, int rowEnd) {
        long seed = 1_000_003L * rows + 1009L * columns + terms;
        int offset = LaneGrid.OFFSETS[(rows + columns) % LaneGrid.OFFSETS.length];
        HeapTensor factor =
                Guarded.of(LaneGrid.gaussian(seed, terms * columns), offset + 3).tensor(terms, columns);
        Guarded gradient = Guarded.of(LaneGrid.gaussian(seed + 1, rows * terms), offset);
        Guarded out = Guarded.of(LaneGrid.gaussian(seed + 2, rows * columns), offset + 1);
        for (Gradient kind : Gradient.values()) {
            HeapTensor dy = kind == Gradient.INPUT ? gradient.tensor(rows, terms) : gradient.tensor(terms, rows);
            for (boolean accumulate : new boolean[] {false, true}) {
                String what = kind + " " + rows + " x " + terms + " x " + columns + ", rows [" + rowBegin + ", "
                        + rowEnd + "), accumulate " + accumulate + ", seed " + seed;
                LaneGrid.sameBits(
                        what,
                        out,
                        (kernels, c) ->
                                run(kernels, kind, dy, factor, c.tensor(rows, columns), accumulate, rowBegin, rowEnd));
            }
        }
    }

    private static void run(
            Kernels kernels,
            Gradient kind,
            HeapTensor dy,
            HeapTensor factor,
            HeapTensor out,
            boolean accumulate,
            int rowBegin,
            int rowEnd) {
        if (kind == Gradient.INPUT) {
            kernels.chains().gemmBackwardInput(dy, factor, out, accumulate, rowBegin, rowEnd);
        } else {
            kernels.chains().gemmBackwardWeight(dy, factor, out, accumulate, rowBegin, rowEnd);
        }
    }

    /** Accumulating over the batch in two pieces is the same as one sum over all of it. */
    @Test
    void cutSumsHaveTheSameBits() {
        int batch = 37;
        int rows = 13;
        int columns = 83;
        HeapTensor dy = Guarded.of(LaneGrid.gaussian(1, batch * rows), 0).tensor(batch, rows);
        HeapTensor x = Guarded.of(LaneGrid.gaussian(2, batch * columns), 5).tensor(batch, columns);
        Guarded whole = Guarded.of(rows * columns, 1);
        LaneGrid.scalar().chains().gemmBackwardWeight(dy, x, whole.tensor(rows, columns), false, 0, rows);
        for (Kernels kernels : LaneGrid.lanes()) {
            for (int cut = 0; cut <= batch; cut++) {
                Guarded pieces = Guarded.of(rows * columns, 1);
                HeapTensor dw = pieces.tensor(rows, columns);
                kernels.chains().gemmBackwardWeight(dy.rowRange(0, cut), x.rowRange(0, cut), dw, false, 0, rows);
                kernels.chains().gemmBackwardWeight(dy.rowRange(cut, batch), x.rowRange(cut, batch), dw, true, 0, rows);
                whole.assertSameBits(pieces, "cut at " + cut + ", " + kernels.vectorBits() + " bits");
            }
        }
    }
}
