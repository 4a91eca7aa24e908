// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.operand.Activation;
import org.junit.jupiter.api.Test;

/** The loops of layers have the same bits at every lane width. */
class LayerBitsTest {
    @Test
    void activations() {
        for (int length : LaneGrid.LENGTHS) {
            if (length > 2 * 1025) {
                continue; // beyond two blocks of a gate nothing is new
            }
            float[] x = LaneGrid.gaussian(length, length, 4);
            float[] other = LaneGrid.gaussian(length + 1, length);
            for (Activation f : Activation.values()) {
                Guarded y = Guarded.of(other, LaneGrid.OFFSETS[length % 4]);
                String what = f + " of " + length;
                LaneGrid.sameBits(what, y, (kernels, out) -> kernels.elements()
                        .activate(f, x, 0, out.data(), out.offset(), length));
                LaneGrid.sameBits("gated " + what, y, (kernels, out) -> kernels.elements()
                        .gated(f, x, 0, out.data(), out.offset(), out.data(), out.offset(), length));
                LaneGrid.sameBits("gating " + what, y, (kernels, out) -> kernels.elements()
                        .gated(f, out.data(), out.offset(), x, 0, out.data(), out.offset(), length));
            }
        }
    }

    @Test
    void elements() {
        for (int length : LaneGrid.LENGTHS) {
            float[] a = LaneGrid.gaussian(length, length, 8);
            float[] b = LaneGrid.gaussian(length + 1, length, 8);
            Guarded y = Guarded.of(LaneGrid.gaussian(length + 2, length), LaneGrid.OFFSETS[length % 4]);
            String what = " of " + length;
            LaneGrid.sameBits("clampedSwiGlu" + what, y, (kernels, out) -> kernels.elements()
                    .clampedSwiGlu(a, 0, b, 0, out.data(), out.offset(), length, 1.702f, 7));
            LaneGrid.sameBits("softCap" + what, y, (kernels, out) -> kernels.elements()
                    .softCap(a, 0, out.data(), out.offset(), length, 5));
            LaneGrid.sameBits("multiplyAdd" + what, y, (kernels, out) -> kernels.elements()
                    .multiplyAdd(a, 0, b, 0, out.data(), out.offset(), length));
            LaneGrid.sameBits("addMultiple" + what, y, (kernels, out) -> kernels.elements()
                    .addMultiple(a, 0, out.data(), out.offset(), length, -0.3f));
        }
    }

    @Test
    void rankOneUpdate() {
        for (int columns : new int[] {1, 3, 4, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 80, 128, 200}) {
            for (int rows : new int[] {1, 2, 7, 32}) {
                String what = "rankOneUpdate [" + rows + ", " + columns + "]";
                float[] before = LaneGrid.gaussian(columns, rows * columns + 5);
                float[] u = LaneGrid.gaussian(rows, rows);
                float[] d = LaneGrid.gaussian(rows + columns, columns + 3);
                float[] r = LaneGrid.gaussian(rows + 1, rows);
                float[] after = new float[rows * columns + 2];
                Guarded out = Guarded.of(columns, 7);
                LaneGrid.sameBits(
                        what,
                        out,
                        (kernels, y) ->
                                update(kernels, before, 5, after, 2, rows, columns, u, d, r, y.data(), y.offset()));
                Guarded state = Guarded.of(LaneGrid.gaussian(columns, rows * columns), 3);
                LaneGrid.sameBits(
                        what + ", the state, in place",
                        state,
                        (kernels, y) -> update(
                                kernels,
                                y.data(),
                                y.offset(),
                                y.data(),
                                y.offset(),
                                rows,
                                columns,
                                u,
                                d,
                                r,
                                new float[columns],
                                0));
            }
        }
    }

    private static void update(
            Kernels kernels,
            float[] before,
            int beforeOffset,
            float[] after,
            int afterOffset,
            int rows,
            int columns,
            float[] u,
            float[] d,
            float[] r,
            float[] out,
            int outOffset) {
        kernels.chains()
                .rankOneUpdate(
                        before,
                        beforeOffset,
                        after,
                        afterOffset,
                        rows,
                        columns,
                        0.9f,
                        u,
                        0,
                        d,
                        3,
                        r,
                        0,
                        out,
                        outOffset);
    }
}
