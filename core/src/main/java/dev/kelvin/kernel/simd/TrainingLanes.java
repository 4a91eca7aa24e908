// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarActivations.GELU_CUBIC;
import static dev.kelvin.kernel.scalar.ScalarActivations.GELU_LINEAR;
import static dev.kelvin.kernel.scalar.ScalarTraining.GELU_FLAT;
import static dev.kelvin.kernel.scalar.ScalarTraining.GELU_SLOPE;

import dev.kelvin.kernel.TrainingKernels;
import dev.kelvin.kernel.scalar.ScalarTraining;
import dev.kelvin.operand.AdamWStep;
import dev.kelvin.operand.CounterHash;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link ScalarTraining} on lanes. Elements that fill no vector are left to the plain loops. */
final class TrainingLanes implements TrainingKernels {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int COUNT = Lanes.COUNT;

    private final ScalarTraining scalar = new ScalarTraining();

    @Override
    public void normBackward(
            float[] g,
            float[] xHat,
            float gMean,
            float projection,
            float inverse,
            float[] dx,
            int dxOffset,
            int length) {
        FloatVector minusProjection = FloatVector.broadcast(F, -projection);
        FloatVector factor = FloatVector.broadcast(F, inverse);
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector centred = FloatVector.fromArray(F, xHat, i)
                    .fma(minusProjection, FloatVector.fromArray(F, g, i).sub(gMean));
            centred.fma(factor, FloatVector.fromArray(F, dx, dxOffset + i)).intoArray(dx, dxOffset + i);
        }
        for (; i < length; i++) {
            float centred = Math.fma(xHat[i], -projection, g[i] - gMean);
            dx[dxOffset + i] = Math.fma(centred, inverse, dx[dxOffset + i]);
        }
    }

    @Override
    public void normWeightBackward(
            float[] dy,
            int dyOffset,
            float[] x,
            int xOffset,
            float mean,
            float rest,
            float inverse,
            float[] dWeight,
            int dWeightOffset,
            int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector xHat =
                    FloatVector.fromArray(F, x, xOffset + i).sub(mean).sub(rest).mul(inverse);
            xHat.fma(FloatVector.fromArray(F, dy, dyOffset + i), FloatVector.fromArray(F, dWeight, dWeightOffset + i))
                    .intoArray(dWeight, dWeightOffset + i);
        }
        scalar.normWeightBackward(
                dy, dyOffset + i, x, xOffset + i, mean, rest, inverse, dWeight, dWeightOffset + i, length - i);
    }

    @Override
    public void swiGluBackward(
            float[] gate,
            int gateOffset,
            float[] up,
            int upOffset,
            float[] dy,
            int dyOffset,
            float[] dGate,
            int dGateOffset,
            float[] dUp,
            int dUpOffset,
            int length) {
        FloatVector one = FloatVector.broadcast(F, 1);
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector g = FloatVector.fromArray(F, gate, gateOffset + i).max(-Float.MAX_VALUE);
            FloatVector d = FloatVector.fromArray(F, dy, dyOffset + i);
            FloatVector u = FloatVector.fromArray(F, up, upOffset + i);
            FloatVector s = one.div(Exponential.exp(g.neg()).add(one));
            d.mul(u).mul(s.mul(g.min(Float.MAX_VALUE).fma(one.sub(s), one))).intoArray(dGate, dGateOffset + i);
            d.mul(g.mul(s)).intoArray(dUp, dUpOffset + i);
        }
        scalar.swiGluBackward(
                gate,
                gateOffset + i,
                up,
                upOffset + i,
                dy,
                dyOffset + i,
                dGate,
                dGateOffset + i,
                dUp,
                dUpOffset + i,
                length - i);
    }

    @Override
    public void geluBackward(float[] x, int xOffset, float[] dy, int dyOffset, float[] dx, int dxOffset, int length) {
        FloatVector one = FloatVector.broadcast(F, 1);
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector value =
                    FloatVector.fromArray(F, x, xOffset + i).max(-GELU_FLAT).min(GELU_FLAT);
            FloatVector square = value.mul(value);
            FloatVector z = value.mul(square.lanewise(VectorOperators.FMA, GELU_CUBIC, GELU_LINEAR));
            FloatVector s = one.div(Exponential.exp(z.neg()).add(one));
            FloatVector slope = square.lanewise(VectorOperators.FMA, GELU_SLOPE, GELU_LINEAR);
            FloatVector derivative = s.mul(value.mul(one.sub(s)).fma(slope, one));
            FloatVector.fromArray(F, dy, dyOffset + i).mul(derivative).intoArray(dx, dxOffset + i);
        }
        scalar.geluBackward(x, xOffset + i, dy, dyOffset + i, dx, dxOffset + i, length - i);
    }

    @Override
    public void dropout(
            float[] x,
            int xOffset,
            float[] y,
            int yOffset,
            int length,
            int firstIndex,
            long key,
            int threshold,
            float factor) {
        IntVector lane = IntVector.zero(I).addIndex(1).mul(CounterHash.INDEX_MULTIPLIER);
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            IntVector h = mix(lane.add((firstIndex + i) * CounterHash.INDEX_MULTIPLIER + (int) key));
            h = mix(h.lanewise(VectorOperators.XOR, (int) (key >>> 32)));
            VectorMask<Float> kept = h.lanewise(VectorOperators.LSHR, 8)
                    .compare(VectorOperators.GE, threshold)
                    .cast(F);
            FloatVector scaled = FloatVector.fromArray(F, x, xOffset + i).mul(factor);
            FloatVector.zero(F).blend(scaled, kept).intoArray(y, yOffset + i);
        }
        scalar.dropout(x, xOffset + i, y, yOffset + i, length - i, firstIndex + i, key, threshold, factor);
    }

    private static IntVector mix(IntVector bits) {
        IntVector h = bits;
        h = h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, CounterHash.SHIFT_1))
                .mul(CounterHash.MULTIPLIER_1);
        h = h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, CounterHash.SHIFT_2))
                .mul(CounterHash.MULTIPLIER_2);
        return h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, CounterHash.SHIFT_2));
    }

    @Override
    public void adamW(
            float[] parameters,
            float[] gradients,
            float[] firstMoments,
            float[] secondMoments,
            int offset,
            int length,
            AdamWStep step) {
        FloatVector firstRate = FloatVector.broadcast(F, step.firstRate());
        FloatVector secondRate = FloatVector.broadcast(F, step.secondRate());
        FloatVector minusRate = FloatVector.broadcast(F, -step.learningRate());
        int end = offset + length;
        int i = offset;
        for (; i <= end - COUNT; i += COUNT) {
            FloatVector g = FloatVector.fromArray(F, gradients, i).mul(step.gradientScale());
            FloatVector m = FloatVector.fromArray(F, firstMoments, i);
            FloatVector v = FloatVector.fromArray(F, secondMoments, i);
            m = g.sub(m).fma(firstRate, m);
            v = g.mul(g).sub(v).fma(secondRate, v);
            FloatVector root = v.mul(step.secondCorrection()).sqrt();
            FloatVector update = m.mul(step.firstCorrection()).div(root.add(step.epsilon()));
            m.intoArray(firstMoments, i);
            v.intoArray(secondMoments, i);
            update.fma(minusRate, FloatVector.fromArray(F, parameters, i).mul(step.keep()))
                    .intoArray(parameters, i);
        }
        scalar.adamW(parameters, gradients, firstMoments, secondMoments, i, end - i, step);
    }
}
