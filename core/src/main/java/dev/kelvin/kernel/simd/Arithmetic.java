// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Sums, products and the like of elements. */
final class Arithmetic {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private Arithmetic() {}

    static void add(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, a, aOffset + i)
                    .add(FloatVector.fromArray(F, b, bOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = a[aOffset + i] + b[bOffset + i];
        }
    }

    static void mul(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, a, aOffset + i)
                    .mul(FloatVector.fromArray(F, b, bOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = a[aOffset + i] * b[bOffset + i];
        }
    }

    static void sub(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, a, aOffset + i)
                    .sub(FloatVector.fromArray(F, b, bOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = a[aOffset + i] - b[bOffset + i];
        }
    }

    static void div(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, a, aOffset + i)
                    .div(FloatVector.fromArray(F, b, bOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = a[aOffset + i] / b[bOffset + i];
        }
    }

    static void min(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, a, aOffset + i)
                    .min(FloatVector.fromArray(F, b, bOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = Math.min(a[aOffset + i], b[bOffset + i]);
        }
    }

    static void max(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, a, aOffset + i)
                    .max(FloatVector.fromArray(F, b, bOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = Math.max(a[aOffset + i], b[bOffset + i]);
        }
    }

    static void fma(
            float[] a,
            int aOffset,
            float[] b,
            int bOffset,
            float[] c,
            int cOffset,
            float[] y,
            int yOffset,
            int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, a, aOffset + i)
                    .lanewise(
                            VectorOperators.FMA,
                            FloatVector.fromArray(F, b, bOffset + i),
                            FloatVector.fromArray(F, c, cOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = Math.fma(a[aOffset + i], b[bOffset + i], c[cOffset + i]);
        }
    }

    static void scale(float[] x, int xOffset, float[] y, int yOffset, int length, float factor) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i).mul(factor).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = x[xOffset + i] * factor;
        }
    }

    /** y[i] = (x[i] + 0)·factor: a sum from +0, of which −0 is none. */
    static void scaleSum(float[] x, int xOffset, float[] y, int yOffset, int length, float factor) {
        FloatVector zero = FloatVector.zero(F);
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i).add(zero).mul(factor).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = (x[xOffset + i] + 0f) * factor;
        }
    }

    /** y[i] = x[i]·factor + y[i], by fma. */
    static void addMultiple(float[] x, int xOffset, float[] y, int yOffset, int length, float factor) {
        FloatVector factors = FloatVector.broadcast(F, factor);
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i)
                    .lanewise(VectorOperators.FMA, factors, FloatVector.fromArray(F, y, yOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = Math.fma(x[xOffset + i], factor, y[yOffset + i]);
        }
    }

    static void affine(float[] x, int xOffset, float[] y, int yOffset, int length, float factor, float addend) {
        FloatVector factors = FloatVector.broadcast(F, factor);
        FloatVector addends = FloatVector.broadcast(F, addend);
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i)
                    .lanewise(VectorOperators.FMA, factors, addends)
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = Math.fma(x[xOffset + i], factor, addend);
        }
    }
}
