// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The loops behind the gradients of softmax, log-softmax and cross-entropy. */
final class SoftmaxGradientLanes {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private SoftmaxGradientLanes() {}

    static void ofSoftmax(
            float[] p,
            int pOffset,
            float[] dp,
            int dpOffset,
            float[] dz,
            int dzOffset,
            int length,
            float mean,
            float inverseTemperature) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, dp, dpOffset + i)
                    .sub(mean)
                    .mul(FloatVector.fromArray(F, p, pOffset + i))
                    .mul(inverseTemperature)
                    .intoArray(dz, dzOffset + i);
        }
        for (; i < length; i++) {
            dz[dzOffset + i] = (dp[dpOffset + i] - mean) * p[pOffset + i] * inverseTemperature;
        }
    }

    static void ofLogSoftmax(
            float[] p,
            int pOffset,
            float[] dl,
            int dlOffset,
            float[] dz,
            int dzOffset,
            int length,
            float sum,
            float inverseTemperature) {
        FloatVector minusSum = FloatVector.broadcast(F, -sum);
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, p, pOffset + i)
                    .lanewise(VectorOperators.FMA, minusSum, FloatVector.fromArray(F, dl, dlOffset + i))
                    .mul(inverseTemperature)
                    .intoArray(dz, dzOffset + i);
        }
        for (; i < length; i++) {
            dz[dzOffset + i] = Math.fma(p[pOffset + i], -sum, dl[dlOffset + i]) * inverseTemperature;
        }
    }
}
