// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Functions that are linear in pieces. {@code max} and {@code min} of the Vector API look at NaN and at the sign of
 * zeros, by five instructions each; a comparison and a choice, which leave NaN alone, are two.
 */
final class Rectifiers {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private Rectifiers() {}

    static void relu(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
            value.blend(0f, value.compare(VectorOperators.LE, 0f)).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = Math.max(x[xOffset + i], 0);
        }
    }

    static void abs(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i).abs().intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = Math.abs(x[xOffset + i]);
        }
    }

    static void clip(float[] x, int xOffset, float[] y, int yOffset, int length, float lower, float upper) {
        int whole = length - length % COUNT;
        if (tellsZeros(lower, upper)) {
            clipVectors(x, xOffset, y, yOffset, whole, lower, upper);
        } else {
            for (int i = 0; i < whole; i += COUNT) {
                FloatVector.fromArray(F, x, xOffset + i).max(lower).min(upper).intoArray(y, yOffset + i);
            }
        }
        for (int i = whole; i < length; i++) {
            y[yOffset + i] = Math.min(Math.max(x[xOffset + i], lower), upper);
        }
    }

    /**
     * Whether ≤ and ≥ choose as {@code max} and {@code min} do: not where a zero of the other sign would be replaced,
     * nor for limits that are NaN.
     */
    private static boolean tellsZeros(float lower, float upper) {
        return !Float.isNaN(lower)
                && !Float.isNaN(upper)
                && Float.floatToRawIntBits(lower) != Integer.MIN_VALUE
                && Float.floatToRawIntBits(upper) != 0;
    }

    private static void clipVectors(
            float[] x, int xOffset, float[] y, int yOffset, int length, float lower, float upper) {
        FloatVector least = FloatVector.broadcast(F, lower);
        FloatVector most = FloatVector.broadcast(F, upper);
        for (int i = 0; i < length; i += COUNT) {
            FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
            value = value.blend(least, value.compare(VectorOperators.LE, least));
            value.blend(most, value.compare(VectorOperators.GE, most)).intoArray(y, yOffset + i);
        }
    }

    static void leakyRelu(float[] x, int xOffset, float[] y, int yOffset, int length, float slope) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
            value.blend(value.mul(slope), value.compare(VectorOperators.LT, 0f)).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            float value = x[xOffset + i];
            y[yOffset + i] = value < 0 ? value * slope : value;
        }
    }

    static void gradientWithin(
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
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
            FloatVector gradient = FloatVector.fromArray(F, dy, dyOffset + i);
            VectorMask<Float> within =
                    value.compare(VectorOperators.GT, above).and(value.compare(VectorOperators.LE, upTo));
            gradient.mul(outside).blend(gradient, within).intoArray(dx, dxOffset + i);
        }
        for (; i < length; i++) {
            float value = x[xOffset + i];
            float gradient = dy[dyOffset + i];
            dx[dxOffset + i] = value > above && value <= upTo ? gradient : gradient * outside;
        }
    }

    static void gradientOfMin(
            float[] x,
            int xOffset,
            float[] other,
            int otherOffset,
            float[] dy,
            int dyOffset,
            float[] dx,
            int dxOffset,
            int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector value = FloatVector.fromArray(F, x, xOffset + i);
            FloatVector against = FloatVector.fromArray(F, other, otherOffset + i);
            FloatVector gradient = FloatVector.fromArray(F, dy, dyOffset + i);
            gradient.blend(gradient.mul(0.5f), value.compare(VectorOperators.EQ, against))
                    .blend(0f, value.compare(VectorOperators.GT, against))
                    .intoArray(dx, dxOffset + i);
        }
        for (; i < length; i++) {
            float value = x[xOffset + i];
            float against = other[otherOffset + i];
            float gradient = dy[dyOffset + i];
            dx[dxOffset + i] = value > against ? 0 : value == against ? gradient * 0.5f : gradient;
        }
    }
}
