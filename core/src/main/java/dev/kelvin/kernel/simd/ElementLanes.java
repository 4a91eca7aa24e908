// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.Combination;
import dev.kelvin.kernel.ElementKernels;
import dev.kelvin.kernel.scalar.ScalarActivations;
import dev.kelvin.kernel.scalar.ScalarElements;
import dev.kelvin.operand.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Loops over elements on lanes; what does not fill a vector takes the plain loops. */
final class ElementLanes implements ElementKernels {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    /** Elements of a gate that are activated before they meet theirs: they stay in the first-level cache. */
    private static final int BLOCK = 1024;

    private final ScalarElements scalar = new ScalarElements();
    private final Power power = new Power();
    private final SoftCap softCap = new SoftCap();
    private final Logistic logistic = new Logistic();
    private final ErrorFunction errorFunction = new ErrorFunction();
    private final float[] activated = new float[BLOCK];

    @Override
    public void add(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        Arithmetic.add(a, aOffset, b, bOffset, y, yOffset, length);
    }

    @Override
    public void mul(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        Arithmetic.mul(a, aOffset, b, bOffset, y, yOffset, length);
    }

    @Override
    public void combine(
            Combination combination,
            float[] a,
            int aOffset,
            float[] b,
            int bOffset,
            float[] y,
            int yOffset,
            int length) {
        switch (combination) {
            case ADD -> Arithmetic.add(a, aOffset, b, bOffset, y, yOffset, length);
            case SUB -> Arithmetic.sub(a, aOffset, b, bOffset, y, yOffset, length);
            case MUL -> Arithmetic.mul(a, aOffset, b, bOffset, y, yOffset, length);
            case DIV -> Arithmetic.div(a, aOffset, b, bOffset, y, yOffset, length);
            case MIN -> Arithmetic.min(a, aOffset, b, bOffset, y, yOffset, length);
            case MAX -> Arithmetic.max(a, aOffset, b, bOffset, y, yOffset, length);
            case POW -> power.pow(a, aOffset, b, bOffset, y, yOffset, length);
        }
    }

    @Override
    public void fma(
            float[] a,
            int aOffset,
            float[] b,
            int bOffset,
            float[] c,
            int cOffset,
            float[] y,
            int yOffset,
            int length) {
        Arithmetic.fma(a, aOffset, b, bOffset, c, cOffset, y, yOffset, length);
    }

    @Override
    public void clip(float[] x, int xOffset, float[] y, int yOffset, int length, float lower, float upper) {
        Rectifiers.clip(x, xOffset, y, yOffset, length, lower, upper);
    }

    @Override
    public void leakyRelu(float[] x, int xOffset, float[] y, int yOffset, int length, float slope) {
        Rectifiers.leakyRelu(x, xOffset, y, yOffset, length, slope);
    }

    @Override
    public void gradientWithin(
            float[] x,
            int xOffset,
            float[] dy,
            int dyOffset,
            float[] dx,
            int dxOffset,
            int length,
            float above,
            float upTo,
            float outside) {
        Rectifiers.gradientWithin(x, xOffset, dy, dyOffset, dx, dxOffset, length, above, upTo, outside);
    }

    @Override
    public void gradientOfMin(
            float[] x,
            int xOffset,
            float[] other,
            int otherOffset,
            float[] dy,
            int dyOffset,
            float[] dx,
            int dxOffset,
            int length) {
        Rectifiers.gradientOfMin(x, xOffset, other, otherOffset, dy, dyOffset, dx, dxOffset, length);
    }

    @Override
    public void scale(float[] x, int xOffset, float[] y, int yOffset, int length, float factor) {
        Arithmetic.scale(x, xOffset, y, yOffset, length, factor);
    }

    @Override
    public void affine(float[] x, int xOffset, float[] y, int yOffset, int length, float factor, float addend) {
        Arithmetic.affine(x, xOffset, y, yOffset, length, factor, addend);
    }

    @Override
    public void exp(float[] x, int xOffset, float[] y, int yOffset, int length) {
        Exponential.exp(x, xOffset, y, yOffset, length);
    }

    @Override
    public void activate(Activation f, float[] x, int xOffset, float[] y, int yOffset, int length) {
        switch (f) {
            case SILU -> Exponential.silu(x, xOffset, y, yOffset, length);
            case GELU_TANH, SIGMOID, SOFTPLUS, TANH -> logistic.apply(f, x, xOffset, y, yOffset, length);
            case ERF, GELU_ERF -> errorFunction.apply(f, x, xOffset, y, yOffset, length);
            case RELU -> Rectifiers.relu(x, xOffset, y, yOffset, length);
            case ABS -> Rectifiers.abs(x, xOffset, y, yOffset, length);
            case EXP -> Exponential.exp(x, xOffset, y, yOffset, length);
            case EXPM1 -> ExponentialMinusOne.expm1(x, xOffset, y, yOffset, length);
            case LOG -> Logarithm.log(x, xOffset, y, yOffset, length);
            case LOG1P -> Logarithm.log1p(x, xOffset, y, yOffset, length);
            case SQRT -> Roots.sqrt(x, xOffset, y, yOffset, length);
            case RSQRT -> Roots.reciprocalSqrt(x, xOffset, y, yOffset, length);
            case RECIPROCAL -> Roots.reciprocal(x, xOffset, y, yOffset, length);
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
            Arithmetic.mul(activated, 0, up, upOffset + i, y, yOffset + i, count);
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
        softCap.apply(x, xOffset, y, yOffset, length, cap);
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
        Arithmetic.addMultiple(x, xOffset, y, yOffset, length, factor);
    }
}
