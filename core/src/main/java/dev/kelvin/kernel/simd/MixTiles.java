// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The tiles of a mix, out[i, c] = Σⱼ w[i, j]·v[j, c]: lanes along c, weights broadcast. The tile of four rows and two
 * vectors has eight chains, which is the latency of the fma times its throughput, and six loads for them.
 */
final class MixTiles {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final int ROWS = 4;

    private MixTiles() {}

    /** All columns that fill vectors. */
    static void run(
            float[] w,
            int wOffset,
            int wRow,
            int wColumn,
            float[] v,
            int vOffset,
            int vRow,
            float[] out,
            int outOffset,
            int outRow,
            int rows,
            int inner,
            int columns,
            boolean accumulate) {
        if (inner == 0 && accumulate) {
            return;
        }
        int i = 0;
        for (; i <= rows - ROWS; i += ROWS) {
            int weights = wOffset + i * wRow;
            int results = outOffset + i * outRow;
            int c = 0;
            for (; c <= columns - 2 * COUNT; c += 2 * COUNT) {
                tile4x2(w, weights, wRow, wColumn, v, vOffset + c, vRow, out, results + c, outRow, inner, accumulate);
            }
            for (; c <= columns - COUNT; c += COUNT) {
                tile4x1(w, weights, wRow, wColumn, v, vOffset + c, vRow, out, results + c, outRow, inner, accumulate);
            }
        }
        for (; i < rows; i++) {
            for (int c = 0; c <= columns - COUNT; c += COUNT) {
                int at = outOffset + i * outRow + c;
                tile1x1(w, wOffset + i * wRow, wColumn, v, vOffset + c, vRow, out, at, inner, accumulate);
            }
        }
    }

    private static void tile4x2(
            float[] w,
            int wOffset,
            int wRow,
            int wColumn,
            float[] v,
            int vOffset,
            int vRow,
            float[] out,
            int outOffset,
            int outRow,
            int inner,
            boolean accumulate) {
        int out1 = outOffset + outRow;
        int out2 = out1 + outRow;
        int out3 = out2 + outRow;
        if (!accumulate) {
            clear(out, outOffset, outRow, 2);
        }
        FloatVector a0 = FloatVector.fromArray(F, out, outOffset);
        FloatVector a1 = FloatVector.fromArray(F, out, outOffset + COUNT);
        FloatVector b0 = FloatVector.fromArray(F, out, out1);
        FloatVector b1 = FloatVector.fromArray(F, out, out1 + COUNT);
        FloatVector c0 = FloatVector.fromArray(F, out, out2);
        FloatVector c1 = FloatVector.fromArray(F, out, out2 + COUNT);
        FloatVector d0 = FloatVector.fromArray(F, out, out3);
        FloatVector d1 = FloatVector.fromArray(F, out, out3 + COUNT);
        int at = wOffset;
        int value = vOffset;
        for (int j = 0; j < inner; j++, at += wColumn, value += vRow) {
            FloatVector v0 = FloatVector.fromArray(F, v, value);
            FloatVector v1 = FloatVector.fromArray(F, v, value + COUNT);
            FloatVector wa = FloatVector.broadcast(F, w[at]);
            a0 = wa.fma(v0, a0);
            a1 = wa.fma(v1, a1);
            FloatVector wb = FloatVector.broadcast(F, w[at + wRow]);
            b0 = wb.fma(v0, b0);
            b1 = wb.fma(v1, b1);
            FloatVector wc = FloatVector.broadcast(F, w[at + 2 * wRow]);
            c0 = wc.fma(v0, c0);
            c1 = wc.fma(v1, c1);
            FloatVector wd = FloatVector.broadcast(F, w[at + 3 * wRow]);
            d0 = wd.fma(v0, d0);
            d1 = wd.fma(v1, d1);
        }
        a0.intoArray(out, outOffset);
        a1.intoArray(out, outOffset + COUNT);
        b0.intoArray(out, out1);
        b1.intoArray(out, out1 + COUNT);
        c0.intoArray(out, out2);
        c1.intoArray(out, out2 + COUNT);
        d0.intoArray(out, out3);
        d1.intoArray(out, out3 + COUNT);
    }

    private static void tile4x1(
            float[] w,
            int wOffset,
            int wRow,
            int wColumn,
            float[] v,
            int vOffset,
            int vRow,
            float[] out,
            int outOffset,
            int outRow,
            int inner,
            boolean accumulate) {
        int out1 = outOffset + outRow;
        int out2 = out1 + outRow;
        int out3 = out2 + outRow;
        if (!accumulate) {
            clear(out, outOffset, outRow, 1);
        }
        FloatVector a = FloatVector.fromArray(F, out, outOffset);
        FloatVector b = FloatVector.fromArray(F, out, out1);
        FloatVector c = FloatVector.fromArray(F, out, out2);
        FloatVector d = FloatVector.fromArray(F, out, out3);
        int at = wOffset;
        int value = vOffset;
        for (int j = 0; j < inner; j++, at += wColumn, value += vRow) {
            FloatVector v0 = FloatVector.fromArray(F, v, value);
            a = FloatVector.broadcast(F, w[at]).fma(v0, a);
            b = FloatVector.broadcast(F, w[at + wRow]).fma(v0, b);
            c = FloatVector.broadcast(F, w[at + 2 * wRow]).fma(v0, c);
            d = FloatVector.broadcast(F, w[at + 3 * wRow]).fma(v0, d);
        }
        a.intoArray(out, outOffset);
        b.intoArray(out, out1);
        c.intoArray(out, out2);
        d.intoArray(out, out3);
    }

    private static void tile1x1(
            float[] w,
            int wOffset,
            int wColumn,
            float[] v,
            int vOffset,
            int vRow,
            float[] out,
            int outOffset,
            int inner,
            boolean accumulate) {
        FloatVector a = accumulate ? FloatVector.fromArray(F, out, outOffset) : FloatVector.zero(F);
        for (int j = 0; j < inner; j++) {
            FloatVector weight = FloatVector.broadcast(F, w[wOffset + j * wColumn]);
            a = weight.fma(FloatVector.fromArray(F, v, vOffset + j * vRow), a);
        }
        a.intoArray(out, outOffset);
    }

    private static void clear(float[] out, int offset, int row, int vectors) {
        FloatVector zero = FloatVector.zero(F);
        for (int i = 0; i < ROWS; i++) {
            for (int k = 0; k < vectors; k++) {
                zero.intoArray(out, offset + i * row + k * COUNT);
            }
        }
    }
}
