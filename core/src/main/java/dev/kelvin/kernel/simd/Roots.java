// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Square roots and reciprocals, each operation rounded once. */
final class Roots {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private Roots() {}

    static void sqrt(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i).sqrt().intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = (float) Math.sqrt(x[xOffset + i]);
        }
    }

    static void reciprocalSqrt(float[] x, int xOffset, float[] y, int yOffset, int length) {
        FloatVector one = FloatVector.broadcast(F, 1);
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            one.div(FloatVector.fromArray(F, x, xOffset + i).sqrt()).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = 1 / (float) Math.sqrt(x[xOffset + i]);
        }
    }

    static void reciprocal(float[] x, int xOffset, float[] y, int yOffset, int length) {
        FloatVector one = FloatVector.broadcast(F, 1);
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            one.div(FloatVector.fromArray(F, x, xOffset + i)).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = 1 / x[xOffset + i];
        }
    }
}
