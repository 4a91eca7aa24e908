// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarExponential.EXP_OVERFLOW;
import static dev.kelvin.kernel.scalar.ScalarExponential.EXP_UNDERFLOW;
import static dev.kelvin.kernel.scalar.ScalarExponential.LOG2_E_HIGH;
import static dev.kelvin.kernel.scalar.ScalarExponential.LOG2_E_LOW;
import static dev.kelvin.kernel.scalar.ScalarExponential.P1;
import static dev.kelvin.kernel.scalar.ScalarExponential.P2;
import static dev.kelvin.kernel.scalar.ScalarExponential.P3;
import static dev.kelvin.kernel.scalar.ScalarExponential.P4;
import static dev.kelvin.kernel.scalar.ScalarExponential.P5;
import static dev.kelvin.kernel.scalar.ScalarExponential.P6;
import static dev.kelvin.kernel.scalar.ScalarExponential.ROUND;

import dev.kelvin.kernel.scalar.ScalarActivations;
import dev.kelvin.kernel.scalar.ScalarExponential;
import dev.kelvin.kernel.scalar.ScalarKernels;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * exp and what stands on it. The helpers that take and return vectors stay below the size that C2 always inlines when
 * hot.
 *
 * <p>Rows go by blocks. Where no element of a block is extreme, which one look at it tells, exp needs neither the three
 * answers for underflow, overflow and NaN nor a power of two in two factors. Those loops take two vectors an iteration,
 * written out: too long to be inlined beside the loops for any block, which would leave too few registers for both.
 */
final class Exponential {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

    /** Elements of a block. */
    private static final int BLOCK = 1024;

    private static final float[] ONES = new float[BLOCK];

    static {
        Arrays.fill(ONES, 1);
    }

    /** Up to this magnitude, exp is a normal number far from the largest. */
    static final float MODERATE = 87;

    /** The bits of it, the sign shifted out. */
    private static final int MODERATE_BITS = Float.floatToRawIntBits(MODERATE) << 1;

    private Exponential() {}

    /** 2^f for |f| ≤ 1/2, as {@link ScalarKernels} has it. */
    static FloatVector pow2(FloatVector f) {
        FloatVector p1 = FloatVector.broadcast(F, P1);
        FloatVector one = FloatVector.broadcast(F, 1);
        FloatVector p = f.lanewise(VectorOperators.FMA, P6, P5);
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, P4));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, P3));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, P2));
        FloatVector high = f.lanewise(VectorOperators.FMA, p1, one);
        FloatVector low = f.lanewise(VectorOperators.FMA, p1, one.sub(high));
        return high.add(f.mul(f).lanewise(VectorOperators.FMA, p, low));
    }

    /** {@link ScalarExponential#exp(float)} on lanes. */
    static FloatVector exp(FloatVector x) {
        FloatVector y = x.mul(LOG2_E_HIGH);
        FloatVector q = x.lanewise(VectorOperators.FMA, FloatVector.broadcast(F, LOG2_E_HIGH), y.neg());
        q = x.lanewise(VectorOperators.FMA, FloatVector.broadcast(F, LOG2_E_LOW), q);
        FloatVector r = y.add(ROUND);
        FloatVector p = pow2(y.sub(r.sub(ROUND)).add(q));
        IntVector n = r.reinterpretAsInts().sub(ROUND_BITS);
        IntVector half = n.lanewise(VectorOperators.ASHR, 1);
        FloatVector low = p.reinterpretAsInts()
                .add(half.lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats();
        FloatVector high =
                n.sub(half).add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        return low.mul(high)
                .blend(0f, x.compare(VectorOperators.LT, EXP_UNDERFLOW))
                .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_OVERFLOW))
                .blend(Float.NaN, x.test(VectorOperators.IS_NAN));
    }

    /** {@link ScalarActivations#silu(float)} on lanes. */
    static FloatVector silu(FloatVector x) {
        return x.max(-Float.MAX_VALUE).div(exp(x.neg()).add(1f));
    }

    /** How many elements from the first one on go as moderate ones: whole iterations, or none. */
    private static int moderate(float[] x, int offset, int length) {
        int whole = length - length % (2 * COUNT);
        return whole > 0 && allModerate(x, offset, whole) ? whole : 0;
    }

    static boolean allModerate(float[] x, int offset, int length) {
        IntVector largest = IntVector.zero(I);
        for (int i = 0; i < length; i += COUNT) {
            IntVector bits = FloatVector.fromArray(F, x, offset + i).reinterpretAsInts();
            largest = largest.lanewise(VectorOperators.UMAX, bits.lanewise(VectorOperators.LSHL, 1));
        }
        return !largest.compare(VectorOperators.UGT, MODERATE_BITS).anyTrue();
    }

    /**
     * exp of what the caller knows to lie within ±{@link #MODERATE}, and of up to as many elements behind it as fill
     * whole iterations, all of them in their places. Of up to {@link ScalarExponential#EXP_LARGEST} it is right too; of
     * NaN it is any float.
     */
    static void bounded(float[] x, int length) {
        moderateExp(x, 0, x, 0, (length + 2 * COUNT - 1) / (2 * COUNT) * (2 * COUNT));
    }

    static void exp(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int block = 0; block < length; block += BLOCK) {
            int count = Math.min(BLOCK, length - block);
            int moderate = moderate(x, xOffset + block, count);
            if (moderate > 0) {
                moderateExp(x, xOffset + block, y, yOffset + block, moderate);
            }
            if (moderate < count) {
                int begin = block + moderate;
                anyExp(x, xOffset + begin, y, yOffset + begin, count - moderate);
            }
        }
    }

    // q is that of the plain loops with the other sign, which saves turning the sign of y; and the low bits of ROUND
    // are
    // zeros, so that the shift leaves n alone.
    private static void moderateExp(float[] x, int xOffset, float[] y, int yOffset, int length) {
        FloatVector logHigh = FloatVector.broadcast(F, LOG2_E_HIGH);
        FloatVector minusLogHigh = FloatVector.broadcast(F, -LOG2_E_HIGH);
        FloatVector minusLogLow = FloatVector.broadcast(F, -LOG2_E_LOW);
        FloatVector round = FloatVector.broadcast(F, ROUND);
        FloatVector one = FloatVector.broadcast(F, 1);
        FloatVector c1 = FloatVector.broadcast(F, P1);
        FloatVector c2 = FloatVector.broadcast(F, P2);
        FloatVector c3 = FloatVector.broadcast(F, P3);
        FloatVector c4 = FloatVector.broadcast(F, P4);
        FloatVector c5 = FloatVector.broadcast(F, P5);
        FloatVector c6 = FloatVector.broadcast(F, P6);
        for (int i = 0; i < length; i += 2 * COUNT) {
            FloatVector x0 = FloatVector.fromArray(F, x, xOffset + i);
            FloatVector y0 = x0.mul(logHigh);
            FloatVector q0 = x0.lanewise(VectorOperators.FMA, minusLogHigh, y0);
            q0 = x0.lanewise(VectorOperators.FMA, minusLogLow, q0);
            FloatVector r0 = y0.add(round);
            FloatVector f0 = y0.sub(r0.sub(round)).sub(q0);
            FloatVector p0 = f0.lanewise(VectorOperators.FMA, c6, c5);
            p0 = p0.lanewise(VectorOperators.FMA, f0, c4);
            p0 = p0.lanewise(VectorOperators.FMA, f0, c3);
            p0 = p0.lanewise(VectorOperators.FMA, f0, c2);
            FloatVector h0 = f0.lanewise(VectorOperators.FMA, c1, one);
            FloatVector l0 = f0.lanewise(VectorOperators.FMA, c1, one.sub(h0));
            p0 = h0.add(f0.mul(f0).lanewise(VectorOperators.FMA, p0, l0));
            IntVector n0 = r0.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            p0 = p0.reinterpretAsInts().add(n0).reinterpretAsFloats();
            FloatVector x1 = FloatVector.fromArray(F, x, xOffset + i + COUNT);
            FloatVector y1 = x1.mul(logHigh);
            FloatVector q1 = x1.lanewise(VectorOperators.FMA, minusLogHigh, y1);
            q1 = x1.lanewise(VectorOperators.FMA, minusLogLow, q1);
            FloatVector r1 = y1.add(round);
            FloatVector f1 = y1.sub(r1.sub(round)).sub(q1);
            FloatVector p1 = f1.lanewise(VectorOperators.FMA, c6, c5);
            p1 = p1.lanewise(VectorOperators.FMA, f1, c4);
            p1 = p1.lanewise(VectorOperators.FMA, f1, c3);
            p1 = p1.lanewise(VectorOperators.FMA, f1, c2);
            FloatVector h1 = f1.lanewise(VectorOperators.FMA, c1, one);
            FloatVector l1 = f1.lanewise(VectorOperators.FMA, c1, one.sub(h1));
            p1 = h1.add(f1.mul(f1).lanewise(VectorOperators.FMA, p1, l1));
            IntVector n1 = r1.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            p1 = p1.reinterpretAsInts().add(n1).reinterpretAsFloats();
            p0.intoArray(y, yOffset + i);
            p1.intoArray(y, yOffset + i + COUNT);
        }
    }

    private static void anyExp(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            exp(FloatVector.fromArray(F, x, xOffset + i)).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = ScalarExponential.exp(x[xOffset + i]);
        }
    }

    static void silu(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int block = 0; block < length; block += BLOCK) {
            int count = Math.min(BLOCK, length - block);
            int moderate = moderate(x, xOffset + block, count);
            if (moderate > 0) {
                moderateSwiGlu(x, xOffset + block, ONES, 0, y, yOffset + block, moderate);
            }
            if (moderate < count) {
                int begin = block + moderate;
                anySilu(x, xOffset + begin, y, yOffset + begin, count - moderate);
            }
        }
    }

    private static void anySilu(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            silu(FloatVector.fromArray(F, x, xOffset + i)).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = ScalarActivations.silu(x[xOffset + i]);
        }
    }

    static void swiGlu(float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int length) {
        for (int block = 0; block < length; block += BLOCK) {
            int count = Math.min(BLOCK, length - block);
            int moderate = moderate(gate, gateOffset + block, count);
            if (moderate > 0) {
                moderateSwiGlu(gate, gateOffset + block, up, upOffset + block, y, yOffset + block, moderate);
            }
            if (moderate < count) {
                int begin = block + moderate;
                anySwiGlu(gate, gateOffset + begin, up, upOffset + begin, y, yOffset + begin, count - moderate);
            }
        }
    }

    // exp(-x), from the same products as exp(x): y and q keep the sign of x, and what they are added to turns its own.
    private static void moderateSwiGlu(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int length) {
        FloatVector logHigh = FloatVector.broadcast(F, LOG2_E_HIGH);
        FloatVector minusLogHigh = FloatVector.broadcast(F, -LOG2_E_HIGH);
        FloatVector minusLogLow = FloatVector.broadcast(F, -LOG2_E_LOW);
        FloatVector round = FloatVector.broadcast(F, ROUND);
        FloatVector one = FloatVector.broadcast(F, 1);
        FloatVector c1 = FloatVector.broadcast(F, P1);
        FloatVector c2 = FloatVector.broadcast(F, P2);
        FloatVector c3 = FloatVector.broadcast(F, P3);
        FloatVector c4 = FloatVector.broadcast(F, P4);
        FloatVector c5 = FloatVector.broadcast(F, P5);
        FloatVector c6 = FloatVector.broadcast(F, P6);
        for (int i = 0; i < length; i += 2 * COUNT) {
            FloatVector x0 = FloatVector.fromArray(F, gate, gateOffset + i);
            FloatVector y0 = x0.mul(logHigh);
            FloatVector q0 = x0.lanewise(VectorOperators.FMA, minusLogHigh, y0);
            q0 = x0.lanewise(VectorOperators.FMA, minusLogLow, q0);
            FloatVector r0 = round.sub(y0);
            FloatVector f0 = round.sub(r0).sub(y0).add(q0);
            FloatVector p0 = f0.lanewise(VectorOperators.FMA, c6, c5);
            p0 = p0.lanewise(VectorOperators.FMA, f0, c4);
            p0 = p0.lanewise(VectorOperators.FMA, f0, c3);
            p0 = p0.lanewise(VectorOperators.FMA, f0, c2);
            FloatVector h0 = f0.lanewise(VectorOperators.FMA, c1, one);
            FloatVector l0 = f0.lanewise(VectorOperators.FMA, c1, one.sub(h0));
            p0 = h0.add(f0.mul(f0).lanewise(VectorOperators.FMA, p0, l0));
            IntVector n0 = r0.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            p0 = p0.reinterpretAsInts().add(n0).reinterpretAsFloats();
            FloatVector x1 = FloatVector.fromArray(F, gate, gateOffset + i + COUNT);
            FloatVector y1 = x1.mul(logHigh);
            FloatVector q1 = x1.lanewise(VectorOperators.FMA, minusLogHigh, y1);
            q1 = x1.lanewise(VectorOperators.FMA, minusLogLow, q1);
            FloatVector r1 = round.sub(y1);
            FloatVector f1 = round.sub(r1).sub(y1).add(q1);
            FloatVector p1 = f1.lanewise(VectorOperators.FMA, c6, c5);
            p1 = p1.lanewise(VectorOperators.FMA, f1, c4);
            p1 = p1.lanewise(VectorOperators.FMA, f1, c3);
            p1 = p1.lanewise(VectorOperators.FMA, f1, c2);
            FloatVector h1 = f1.lanewise(VectorOperators.FMA, c1, one);
            FloatVector l1 = f1.lanewise(VectorOperators.FMA, c1, one.sub(h1));
            p1 = h1.add(f1.mul(f1).lanewise(VectorOperators.FMA, p1, l1));
            IntVector n1 = r1.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            p1 = p1.reinterpretAsInts().add(n1).reinterpretAsFloats();
            x0.div(p0.add(one)).mul(FloatVector.fromArray(F, up, upOffset + i)).intoArray(y, yOffset + i);
            x1.div(p1.add(one))
                    .mul(FloatVector.fromArray(F, up, upOffset + i + COUNT))
                    .intoArray(y, yOffset + i + COUNT);
        }
    }

    private static void anySwiGlu(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            silu(FloatVector.fromArray(F, gate, gateOffset + i))
                    .mul(FloatVector.fromArray(F, up, upOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = ScalarActivations.silu(gate[gateOffset + i]) * up[upOffset + i];
        }
    }
}
