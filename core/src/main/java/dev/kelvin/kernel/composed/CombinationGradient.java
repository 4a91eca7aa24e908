// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.composed;

import dev.kelvin.kernel.Combination;
import dev.kelvin.kernel.ElementKernels;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.operand.Activation;

/**
 * Derivatives of what is made of two floats, in terms of kernels whose order is fixed elsewhere. An instance belongs to
 * one thread.
 *
 * <pre>
 * MIN, MAX  dy where the operand is the result, dy/2 where both are, 0 elsewhere
 * POW       da = dy·(a^(b − 1)·b), 0 where b = 0;  db = dy·(aᵇ·ln a), 0 where a = 0 and b ≥ 0
 * </pre>
 */
public final class CombinationGradient {
    private static final int BLOCK = 1024;

    private final Kernels kernels;
    private final float[] slope = new float[BLOCK];
    private final float[] logarithm = new float[BLOCK];

    /**
     * Derivatives computed by these kernels.
     *
     * @param kernels of the same thread
     */
    public CombinationGradient(Kernels kernels) {
        this.kernels = kernels;
    }

    /**
     * The derivatives of MIN, MAX or POW by the first operand; {@code da} overlaps nothing else.
     *
     * @param combination of a and b
     * @param length the number of elements
     */
    public void first(
            Combination combination,
            float[] a,
            int aOffset,
            float[] b,
            int bOffset,
            float[] dy,
            int dyOffset,
            float[] da,
            int daOffset,
            int length) {
        ElementKernels elements = kernels.elements();
        switch (combination) {
            case MIN -> elements.gradientOfMin(a, aOffset, b, bOffset, dy, dyOffset, da, daOffset, length);
            case MAX -> elements.gradientOfMin(b, bOffset, a, aOffset, dy, dyOffset, da, daOffset, length);
            case POW -> {
                for (int i = 0; i < length; i += BLOCK) {
                    int count = Math.min(BLOCK, length - i);
                    elements.affine(b, bOffset + i, slope, 0, count, 1, -1);
                    elements.combine(Combination.POW, a, aOffset + i, slope, 0, slope, 0, count);
                    elements.mul(slope, 0, b, bOffset + i, slope, 0, count);
                    for (int j = 0; j < count; j++) {
                        slope[j] = b[bOffset + i + j] == 0 ? 0 : slope[j];
                    }
                    elements.mul(slope, 0, dy, dyOffset + i, da, daOffset + i, count);
                }
            }
            default -> throw new AssertionError(combination);
        }
    }

    /** The derivatives by the second operand, likewise. */
    public void second(
            Combination combination,
            float[] a,
            int aOffset,
            float[] b,
            int bOffset,
            float[] dy,
            int dyOffset,
            float[] db,
            int dbOffset,
            int length) {
        if (combination != Combination.POW) {
            first(combination, b, bOffset, a, aOffset, dy, dyOffset, db, dbOffset, length);
            return;
        }
        ElementKernels elements = kernels.elements();
        for (int i = 0; i < length; i += BLOCK) {
            int count = Math.min(BLOCK, length - i);
            elements.combine(Combination.POW, a, aOffset + i, b, bOffset + i, slope, 0, count);
            elements.activate(Activation.LOG, a, aOffset + i, logarithm, 0, count);
            elements.mul(slope, 0, logarithm, 0, slope, 0, count);
            for (int j = 0; j < count; j++) {
                slope[j] = a[aOffset + i + j] == 0 && b[bOffset + i + j] >= 0 ? 0 : slope[j];
            }
            elements.mul(slope, 0, dy, dyOffset + i, db, dbOffset + i, count);
        }
    }
}
