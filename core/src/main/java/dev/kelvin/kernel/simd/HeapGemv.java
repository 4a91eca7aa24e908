// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** y = W·x with W in a {@code float[]}, and the dot product. */
final class HeapGemv extends Gemv {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private final float[] single = new float[1];
    private float[] w;
    private int wOffset;
    private int stride;

    /** y[n] for n in [rowBegin, rowEnd), with rows of {@code inner} weights that begin {@code stride} apart. */
    void run(
            float[] x,
            int xOffset,
            float[] w,
            int wOffset,
            int stride,
            float[] y,
            int yOffset,
            int inner,
            int rowBegin,
            int rowEnd) {
        this.w = w;
        this.wOffset = wOffset;
        this.stride = stride;
        run(x, xOffset, inner, y, yOffset, rowBegin, rowEnd);
        this.w = null;
    }

    float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        run(a, aOffset, b, bOffset, length, single, 0, length, 0, 1);
        return single[0];
    }

    @Override
    void copyTail(int n, float[] to) {
        int tail = inner % LANES;
        System.arraycopy(w, wOffset + n * stride + inner - tail, to, 0, tail);
    }

    @Override
    void tile4(int n, int apart) {
        float[] x = this.x;
        float[] w = this.w;
        int end = inner - inner % LANES;
        int x0 = xOffset;
        int w0 = wOffset + n * stride;
        int w1 = wOffset + (n + apart) * stride;
        int w2 = wOffset + (n + 2 * apart) * stride;
        int w3 = wOffset + (n + 3 * apart) * stride;
        for (int group = 0; group < LANES; group += TURN) {
            FloatVector s0 = FloatVector.zero(F);
            FloatVector s1 = FloatVector.zero(F);
            FloatVector s2 = FloatVector.zero(F);
            FloatVector s3 = FloatVector.zero(F);
            FloatVector t0 = FloatVector.zero(F);
            FloatVector t1 = FloatVector.zero(F);
            FloatVector t2 = FloatVector.zero(F);
            FloatVector t3 = FloatVector.zero(F);
            for (int k = group; k < end; k += LANES) {
                FloatVector xk = FloatVector.fromArray(F, x, x0 + k);
                s0 = xk.fma(FloatVector.fromArray(F, w, w0 + k), s0);
                s1 = xk.fma(FloatVector.fromArray(F, w, w1 + k), s1);
                s2 = xk.fma(FloatVector.fromArray(F, w, w2 + k), s2);
                s3 = xk.fma(FloatVector.fromArray(F, w, w3 + k), s3);
                if (COUNT < LANES) {
                    xk = FloatVector.fromArray(F, x, x0 + k + COUNT);
                    t0 = xk.fma(FloatVector.fromArray(F, w, w0 + k + COUNT), t0);
                    t1 = xk.fma(FloatVector.fromArray(F, w, w1 + k + COUNT), t1);
                    t2 = xk.fma(FloatVector.fromArray(F, w, w2 + k + COUNT), t2);
                    t3 = xk.fma(FloatVector.fromArray(F, w, w3 + k + COUNT), t3);
                }
            }
            s0.intoArray(sums, group);
            s1.intoArray(sums, LANES + group);
            s2.intoArray(sums, 2 * LANES + group);
            s3.intoArray(sums, 3 * LANES + group);
            if (COUNT < LANES) {
                t0.intoArray(sums, group + COUNT);
                t1.intoArray(sums, LANES + group + COUNT);
                t2.intoArray(sums, 2 * LANES + group + COUNT);
                t3.intoArray(sums, 3 * LANES + group + COUNT);
            }
        }
    }

    @Override
    void tile1(int n) {
        float[] x = this.x;
        float[] w = this.w;
        int end = inner - inner % LANES;
        int x0 = xOffset;
        int w0 = wOffset + n * stride;
        for (int group = 0; group < LANES; group += COUNT) {
            FloatVector s0 = FloatVector.zero(F);
            for (int k = group; k < end; k += LANES) {
                FloatVector xk = FloatVector.fromArray(F, x, x0 + k);
                s0 = xk.fma(FloatVector.fromArray(F, w, w0 + k), s0);
            }
            s0.intoArray(sums, group);
        }
    }
}
