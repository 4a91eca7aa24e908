// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.scalar.ScalarActivations;
import dev.kelvin.operand.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** cap·tanh(x/cap), a block at a time: quotients, tanh by the loops of {@link Logistic}, products. */
final class SoftCap {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    /** Elements of a block: it stays in the first-level cache. */
    private static final int BLOCK = 1024;

    private final float[] exponentials = new float[BLOCK];
    private final float[] quotients = new float[BLOCK];

    /** y[i] = cap·tanh(x[i]/cap). */
    void apply(float[] x, int xOffset, float[] y, int yOffset, int length, float cap) {
        for (int begin = 0; begin < length; begin += BLOCK) {
            int count = Math.min(BLOCK, length - begin);
            int whole = count - count % COUNT;
            if (whole > 0) {
                divide(x, xOffset + begin, cap, quotients, whole);
                block(quotients, 0, y, yOffset + begin, whole);
                Arithmetic.scale(y, yOffset + begin, y, yOffset + begin, whole, cap);
            }
            for (int i = begin + whole; i < begin + count; i++) {
                y[yOffset + i] = ScalarActivations.softCap(x[xOffset + i], cap);
            }
        }
    }

    private void block(float[] x, int xOffset, float[] y, int yOffset, int length) {
        Logistic.exponents(Activation.TANH, x, xOffset, exponentials, length);
        Exponential.bounded(exponentials, length);
        Logistic.results(Activation.TANH, x, xOffset, exponentials, y, yOffset, length);
    }

    private static void divide(float[] x, int xOffset, float by, float[] to, int length) {
        for (int i = 0; i < length; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i).div(by).intoArray(to, i);
        }
    }
}
