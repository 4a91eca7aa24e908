// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.Activation;
import dev.kelvin.kernel.LayerKernels;
import dev.kelvin.kernel.ScalarActivations;
import dev.kelvin.kernel.ScalarLayers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The kernels of {@link LayerKernels} on lanes; what does not fill a vector takes the plain loops. */
final class LayerLanes implements LayerKernels {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    /** Elements of a gate that are activated before they meet theirs: they stay in the first-level cache. */
    private static final int BLOCK = 1024;

    private final ScalarLayers scalar = new ScalarLayers();
    private final TrainingLanes training;
    private final float[] activated = new float[BLOCK];

    LayerLanes(TrainingLanes training) {
        this.training = training;
    }

    @Override
    public void activate(Activation f, float[] x, int xOffset, float[] y, int yOffset, int length) {
        switch (f) {
            case SILU -> Exponential.silu(x, xOffset, y, yOffset, length);
            case GELU_TANH -> training.gelu(x, xOffset, y, yOffset, length);
            case GELU_ERF -> ErrorFunction.gelu(x, xOffset, y, yOffset, length);
            case SIGMOID -> Logistic.sigmoid(x, xOffset, y, yOffset, length);
            case SOFTPLUS -> Logistic.softplus(x, xOffset, y, yOffset, length);
            case TANH -> Hyperbolic.tanh(x, xOffset, y, yOffset, length);
        }
    }

    @Override
    public void gated(
            Activation f, float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int length) {
        if (f == Activation.SILU) {
            Exponential.swiGlu(gate, gateOffset, up, upOffset, y, yOffset, length);
            return;
        }
        for (int i = 0; i < length; i += BLOCK) {
            int count = Math.min(BLOCK, length - i);
            activate(f, gate, gateOffset + i, activated, 0, count);
            RowLanes.mul(activated, 0, up, upOffset + i, y, yOffset + i, count);
        }
    }

    @Override
    public void clampedSwiGlu(
            float[] gate,
            int gateOffset,
            float[] up,
            int upOffset,
            float[] y,
            int yOffset,
            int length,
            float alpha,
            float limit) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector g =
                    FloatVector.fromArray(F, gate, gateOffset + i).min(limit).max(-Float.MAX_VALUE);
            FloatVector u =
                    FloatVector.fromArray(F, up, upOffset + i).max(-limit).min(limit);
            g.div(Exponential.exp(g.mul(alpha).neg()).add(1f)).mul(u.add(1f)).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = ScalarActivations.clampedSwiGlu(gate[gateOffset + i], up[upOffset + i], alpha, limit);
        }
    }

    @Override
    public void softCap(float[] x, int xOffset, float[] y, int yOffset, int length, float cap) {
        Hyperbolic.softCap(x, xOffset, y, yOffset, length, cap);
    }

    @Override
    public void multiplyAdd(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, a, aOffset + i)
                    .lanewise(
                            VectorOperators.FMA,
                            FloatVector.fromArray(F, b, bOffset + i),
                            FloatVector.fromArray(F, y, yOffset + i))
                    .intoArray(y, yOffset + i);
        }
        scalar.multiplyAdd(a, aOffset + i, b, bOffset + i, y, yOffset + i, length - i);
    }

    @Override
    public void addMultiple(float[] x, int xOffset, float[] y, int yOffset, int length, float factor) {
        RowLanes.addMultiple(x, xOffset, y, yOffset, length, factor);
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
