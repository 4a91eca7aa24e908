// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.ChainKernels;
import dev.kelvin.kernel.scalar.ScalarChains;
import dev.kelvin.tensor.HeapTensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Products whose sums are one chain each, on lanes; what does not fill a vector takes the plain loops. */
final class ChainLanes implements ChainKernels {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private final ChainGemm chainGemm = new ChainGemm();
    private final ScalarChains scalar = new ScalarChains();

    @Override
    public void gemmBackwardInput(
            HeapTensor dy, HeapTensor w, HeapTensor dx, boolean accumulate, int rowBegin, int rowEnd) {
        chainGemm.run(dy.data(), dy.offset(), dy.columns(), 1, w, dx, accumulate, rowBegin, rowEnd);
    }

    @Override
    public void gemmBackwardWeight(
            HeapTensor dy, HeapTensor x, HeapTensor dw, boolean accumulate, int rowBegin, int rowEnd) {
        chainGemm.run(dy.data(), dy.offset(), 1, dy.columns(), x, dw, accumulate, rowBegin, rowEnd);
    }

    @Override
    public void mix(
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
        MixTiles.run(
                w, wOffset, wRow, wColumn, v, vOffset, vRow, out, outOffset, outRow, rows, inner, columns, accumulate);
        int c = columns - columns % COUNT;
        scalar.mix(
                w,
                wOffset,
                wRow,
                wColumn,
                v,
                vOffset + c,
                vRow,
                out,
                outOffset + c,
                outRow,
                rows,
                inner,
                columns - c,
                accumulate);
    }

    @Override
    public void rankOneUpdate(
            float[] before,
            int beforeOffset,
            float[] after,
            int afterOffset,
            int rows,
            int columns,
            float decay,
            float[] u,
            int uOffset,
            float[] d,
            int dOffset,
            float[] r,
            int rOffset,
            float[] out,
            int outOffset) {
        int v = 0;
        for (; v <= columns - 4 * COUNT; v += 4 * COUNT) {
            fourVectors(
                    before,
                    beforeOffset + v,
                    after,
                    afterOffset + v,
                    rows,
                    columns,
                    decay,
                    u,
                    uOffset,
                    d,
                    dOffset + v,
                    r,
                    rOffset,
                    out,
                    outOffset + v);
        }
        for (; v <= columns - COUNT; v += COUNT) {
            oneVector(
                    before,
                    beforeOffset + v,
                    after,
                    afterOffset + v,
                    rows,
                    columns,
                    decay,
                    u,
                    uOffset,
                    d,
                    dOffset + v,
                    r,
                    rOffset,
                    out,
                    outOffset + v);
        }
        for (; v < columns; v++) {
            float sum = 0;
            for (int k = 0, at = v; k < rows; k++, at += columns) {
                float state = Math.fma(u[uOffset + k], d[dOffset + v], before[beforeOffset + at] * decay);
                after[afterOffset + at] = state;
                sum = Math.fma(state, r[rOffset + k], sum);
            }
            out[outOffset + v] = sum;
        }
    }

    /** Columns side by side hide the time that each sum's chain takes. */
    private static void fourVectors(
            float[] before,
            int from,
            float[] after,
            int to,
            int rows,
            int stride,
            float decay,
            float[] u,
            int uOffset,
            float[] d,
            int dOffset,
            float[] r,
            int rOffset,
            float[] out,
            int outOffset) {
        FloatVector d0 = FloatVector.fromArray(F, d, dOffset);
        FloatVector d1 = FloatVector.fromArray(F, d, dOffset + COUNT);
        FloatVector d2 = FloatVector.fromArray(F, d, dOffset + 2 * COUNT);
        FloatVector d3 = FloatVector.fromArray(F, d, dOffset + 3 * COUNT);
        FloatVector decays = FloatVector.broadcast(F, decay);
        FloatVector sum0 = FloatVector.zero(F);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        for (int k = 0, at = 0; k < rows; k++, at += stride) {
            FloatVector uk = FloatVector.broadcast(F, u[uOffset + k]);
            FloatVector rk = FloatVector.broadcast(F, r[rOffset + k]);
            FloatVector s0 =
                    uk.fma(d0, FloatVector.fromArray(F, before, from + at).mul(decays));
            s0.intoArray(after, to + at);
            sum0 = s0.fma(rk, sum0);
            FloatVector s1 = uk.fma(
                    d1, FloatVector.fromArray(F, before, from + at + COUNT).mul(decays));
            s1.intoArray(after, to + at + COUNT);
            sum1 = s1.fma(rk, sum1);
            FloatVector s2 = uk.fma(
                    d2, FloatVector.fromArray(F, before, from + at + 2 * COUNT).mul(decays));
            s2.intoArray(after, to + at + 2 * COUNT);
            sum2 = s2.fma(rk, sum2);
            FloatVector s3 = uk.fma(
                    d3, FloatVector.fromArray(F, before, from + at + 3 * COUNT).mul(decays));
            s3.intoArray(after, to + at + 3 * COUNT);
            sum3 = s3.fma(rk, sum3);
        }
        sum0.intoArray(out, outOffset);
        sum1.intoArray(out, outOffset + COUNT);
        sum2.intoArray(out, outOffset + 2 * COUNT);
        sum3.intoArray(out, outOffset + 3 * COUNT);
    }

    private static void oneVector(
            float[] before,
            int from,
            float[] after,
            int to,
            int rows,
            int stride,
            float decay,
            float[] u,
            int uOffset,
            float[] d,
            int dOffset,
            float[] r,
            int rOffset,
            float[] out,
            int outOffset) {
        FloatVector ds = FloatVector.fromArray(F, d, dOffset);
        FloatVector decays = FloatVector.broadcast(F, decay);
        FloatVector sum = FloatVector.zero(F);
        for (int k = 0, at = 0; k < rows; k++, at += stride) {
            FloatVector state = FloatVector.broadcast(F, u[uOffset + k])
                    .fma(ds, FloatVector.fromArray(F, before, from + at).mul(decays));
            state.intoArray(after, to + at);
            sum = state.fma(FloatVector.broadcast(F, r[rOffset + k]), sum);
        }
        sum.intoArray(out, outOffset);
    }
}
