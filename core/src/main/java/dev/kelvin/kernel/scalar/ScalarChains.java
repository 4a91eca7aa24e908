// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

import dev.kelvin.kernel.ChainKernels;
import dev.kelvin.tensor.HeapTensor;

/**
 * The specification of products whose sums are one chain each: by fma, ascending, from +0 or from the value that was
 * there. So a sum may be cut into consecutive pieces, one call each, without changing a bit. Error: at most N·u·Σ|ab|
 * to first order for N terms, u = 2⁻²⁴.
 */
public final class ScalarChains implements ChainKernels {
    /** Kernels of plain loops. */
    public ScalarChains() {}

    @Override
    public void gemmBackwardInput(
            HeapTensor dy, HeapTensor w, HeapTensor dx, boolean accumulate, int rowBegin, int rowEnd) {
        int terms = w.rows();
        for (int m = rowBegin; m < rowEnd; m++) {
            int dxOffset = dx.offset() + m * dx.columns();
            chains(dy.data(), dy.offset() + m * terms, 1, w, terms, dx.data(), dxOffset, accumulate);
        }
    }

    @Override
    public void gemmBackwardWeight(
            HeapTensor dy, HeapTensor x, HeapTensor dw, boolean accumulate, int rowBegin, int rowEnd) {
        for (int n = rowBegin; n < rowEnd; n++) {
            int dwOffset = dw.offset() + n * dw.columns();
            chains(dy.data(), dy.offset() + n, dy.columns(), x, x.rows(), dw.data(), dwOffset, accumulate);
        }
    }

    /** One row of a gradient: out[k] continues by fma with a[t·step]·b[t, k], t ascending. */
    private static void chains(
            float[] a, int aOffset, int step, HeapTensor b, int terms, float[] out, int outOffset, boolean accumulate) {
        int columns = b.columns();
        for (int k = 0; k < columns; k++) {
            float sum = accumulate ? out[outOffset + k] : 0;
            for (int t = 0; t < terms; t++) {
                sum = Math.fma(a[aOffset + t * step], b.data()[b.offset() + t * columns + k], sum);
            }
            out[outOffset + k] = sum;
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>Ascending in j by fma, one chain an element.
     */
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
        for (int i = 0; i < rows; i++) {
            for (int c = 0; c < columns; c++) {
                int at = outOffset + i * outRow + c;
                float sum = accumulate ? out[at] : 0;
                for (int j = 0; j < inner; j++) {
                    sum = Math.fma(w[wOffset + i * wRow + j * wColumn], v[vOffset + j * vRow + c], sum);
                }
                out[at] = sum;
            }
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>after = fma(u, d, before·decay); out is one chain by fma, ascending over the rows from +0.
     */
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
        for (int v = 0; v < columns; v++) {
            float sum = 0;
            for (int k = 0; k < rows; k++) {
                int at = k * columns + v;
                float state = Math.fma(u[uOffset + k], d[dOffset + v], before[beforeOffset + at] * decay);
                after[afterOffset + at] = state;
                sum = Math.fma(state, r[rOffset + k], sum);
            }
            out[outOffset + v] = sum;
        }
    }
}
