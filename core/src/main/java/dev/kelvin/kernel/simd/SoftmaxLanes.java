// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.SoftmaxKernels.CHUNK;
import static dev.kelvin.kernel.scalar.ScalarSoftmax.C0;
import static dev.kelvin.kernel.scalar.ScalarSoftmax.C1;
import static dev.kelvin.kernel.scalar.ScalarSoftmax.C2;
import static dev.kelvin.kernel.scalar.ScalarSoftmax.C3;
import static dev.kelvin.kernel.scalar.ScalarSoftmax.C4;
import static dev.kelvin.kernel.scalar.ScalarSoftmax.C5;
import static dev.kelvin.kernel.scalar.ScalarSoftmax.C6;
import static dev.kelvin.kernel.scalar.ScalarSoftmax.LANES;
import static dev.kelvin.kernel.scalar.ScalarSoftmax.STEP;

import dev.kelvin.kernel.SoftmaxKernels;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.kernel.scalar.ScalarSoftmax;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The passes of a softmax over one chunk. The pass that makes numerators also takes the first level of the tree of
 * their sums, from registers: additions cost nothing beside multiplications.
 *
 * <p>Floats are compared as integers; see {@link MaximumLanes}.
 */
final class SoftmaxLanes implements SoftmaxKernels {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int COUNT = Lanes.COUNT;

    private final ScalarSoftmax scalar = new ScalarSoftmax();

    /** The last, incomplete step of a chunk. */
    private final float[] last = new float[STEP];

    /** Rows whose sums may wait at the same time. */
    static final int TREES = 3;

    /** A tree's floats, and a few lest trees compete for the same lines of the cache. */
    private static final int TREE = CHUNK / 4 + LANES;

    /** The tree of {@link #numerators}, which may be asked for while the others wait. */
    private static final int OWN_TREE = TREES * TREE;

    private final float[] trees = new float[(TREES + 1) * TREE];

    @Override
    public double numerators(float[] x, int xOffset, float[] e, int eOffset, int length, int base, SoftmaxScale scale) {
        if (length == 0) {
            return 0;
        }
        float threshold = scale.threshold(base);
        int whole = length - length % STEP;
        if (whole > 0) {
            steps(x, xOffset, e, eOffset, trees, OWN_TREE, whole, threshold, base, scale);
        }
        int count = whole / 4;
        int rest = length - whole;
        if (rest > 0) {
            System.arraycopy(x, xOffset + whole, last, 0, rest);
            Arrays.fill(last, rest, STEP, threshold);
            steps(last, 0, last, 0, trees, OWN_TREE + count, STEP, threshold, base, scale);
            System.arraycopy(last, 0, e, eOffset + whole, rest);
            Arrays.fill(last, rest, STEP, 0);
            SumTree.quarter(last, 0, STEP, trees, OWN_TREE + count);
            count += LANES;
        }
        return SumTree.addUp(trees, OWN_TREE, count);
    }

    /** Whether {@link #numeratorsOfSteps} is for a chunk with this base. */
    static boolean inSteps(int base, SoftmaxScale scale) {
        return scale.threshold(base) < 0;
    }

    /**
     * Numerators in place, of at least one logit, where the array has room for whole steps: what lies there behind the
     * row is computed with it and left out of the sum, for which {@link #sumOfSteps} asks some rows later.
     */
    void numeratorsOfSteps(float[] x, int offset, int length, int base, SoftmaxScale scale, int tree) {
        int padded = (length + STEP - 1) / STEP * STEP;
        aboveNegative(x, offset, x, offset, trees, tree * TREE, padded, scale.threshold(base), base, scale);
    }

    /** The sum of numerators of which {@link #numeratorsOfSteps} left quarters in this tree. */
    double sumOfSteps(float[] e, int offset, int length, int tree) {
        int rest = length % STEP;
        int at = tree * TREE;
        if (rest > 0) {
            SumTree.incompleteQuarter(e, offset + length - rest, rest, trees, at + (length - rest) / 4);
        }
        return SumTree.addUp(trees, at, (length + STEP - 1) / STEP * LANES);
    }

    /** Numerators of whole steps, and the first level of the tree of their sums. */
    private static void steps(
            float[] x,
            int xOffset,
            float[] e,
            int eOffset,
            float[] sums,
            int sumsOffset,
            int length,
            float threshold,
            int base,
            SoftmaxScale scale) {
        if (threshold < 0) {
            aboveNegative(x, xOffset, e, eOffset, sums, sumsOffset, length, threshold, base, scale);
        } else {
            abovePositive(x, xOffset, e, eOffset, length, threshold, base, scale);
            SumTree.quarter(e, eOffset, length, sums, sumsOffset);
        }
    }

    // Four vectors an iteration, and those of the next are read before any of this one is written: where x and e lie a
    // multiple of 4096 bytes and a little apart, the processor takes the next read for one of what was just written.
    private static void aboveNegative(
            float[] x,
            int xOffset,
            float[] e,
            int eOffset,
            float[] sums,
            int sumsOffset,
            int length,
            float threshold,
            int base,
            SoftmaxScale scale) {
        IntVector lowest = IntVector.broadcast(I, Float.floatToRawIntBits(threshold));
        FloatVector high = FloatVector.broadcast(F, scale.high());
        FloatVector low = FloatVector.broadcast(F, scale.low());
        FloatVector round = FloatVector.broadcast(F, ScalarSoftmax.round(base));
        FloatVector half = FloatVector.broadcast(F, 0.5f);
        FloatVector c0 = FloatVector.broadcast(F, C0);
        FloatVector c1 = FloatVector.broadcast(F, C1);
        FloatVector c2 = FloatVector.broadcast(F, C2);
        FloatVector c3 = FloatVector.broadcast(F, C3);
        FloatVector c4 = FloatVector.broadcast(F, C4);
        FloatVector c5 = FloatVector.broadcast(F, C5);
        FloatVector c6 = FloatVector.broadcast(F, C6);
        IntVector b0 = FloatVector.fromArray(F, x, xOffset).reinterpretAsInts();
        IntVector b1 = FloatVector.fromArray(F, x, xOffset + LANES).reinterpretAsInts();
        IntVector b2 = FloatVector.fromArray(F, x, xOffset + 2 * LANES).reinterpretAsInts();
        IntVector b3 = FloatVector.fromArray(F, x, xOffset + 3 * LANES).reinterpretAsInts();
        for (int step = 0; step < length; step += STEP) {
            for (int group = 0; group < LANES; group += COUNT) {
                FloatVector x0 = b0.lanewise(VectorOperators.UMIN, lowest).reinterpretAsFloats();
                FloatVector r0 = x0.lanewise(VectorOperators.FMA, high, round);
                FloatVector f0 =
                        x0.lanewise(VectorOperators.FMA, high, round.sub(r0).add(half));
                f0 = x0.lanewise(VectorOperators.FMA, low, f0);
                FloatVector p0 = f0.lanewise(VectorOperators.FMA, c6, c5);
                p0 = p0.lanewise(VectorOperators.FMA, f0, c4);
                p0 = p0.lanewise(VectorOperators.FMA, f0, c3);
                p0 = p0.lanewise(VectorOperators.FMA, f0, c2);
                p0 = p0.lanewise(VectorOperators.FMA, f0, c1);
                p0 = p0.lanewise(VectorOperators.FMA, f0, c0);
                IntVector n0 = r0.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
                p0 = p0.reinterpretAsInts().add(n0).reinterpretAsFloats();
                FloatVector x1 = b1.lanewise(VectorOperators.UMIN, lowest).reinterpretAsFloats();
                FloatVector r1 = x1.lanewise(VectorOperators.FMA, high, round);
                FloatVector f1 =
                        x1.lanewise(VectorOperators.FMA, high, round.sub(r1).add(half));
                f1 = x1.lanewise(VectorOperators.FMA, low, f1);
                FloatVector p1 = f1.lanewise(VectorOperators.FMA, c6, c5);
                p1 = p1.lanewise(VectorOperators.FMA, f1, c4);
                p1 = p1.lanewise(VectorOperators.FMA, f1, c3);
                p1 = p1.lanewise(VectorOperators.FMA, f1, c2);
                p1 = p1.lanewise(VectorOperators.FMA, f1, c1);
                p1 = p1.lanewise(VectorOperators.FMA, f1, c0);
                IntVector n1 = r1.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
                p1 = p1.reinterpretAsInts().add(n1).reinterpretAsFloats();
                FloatVector x2 = b2.lanewise(VectorOperators.UMIN, lowest).reinterpretAsFloats();
                FloatVector r2 = x2.lanewise(VectorOperators.FMA, high, round);
                FloatVector f2 =
                        x2.lanewise(VectorOperators.FMA, high, round.sub(r2).add(half));
                f2 = x2.lanewise(VectorOperators.FMA, low, f2);
                FloatVector p2 = f2.lanewise(VectorOperators.FMA, c6, c5);
                p2 = p2.lanewise(VectorOperators.FMA, f2, c4);
                p2 = p2.lanewise(VectorOperators.FMA, f2, c3);
                p2 = p2.lanewise(VectorOperators.FMA, f2, c2);
                p2 = p2.lanewise(VectorOperators.FMA, f2, c1);
                p2 = p2.lanewise(VectorOperators.FMA, f2, c0);
                IntVector n2 = r2.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
                p2 = p2.reinterpretAsInts().add(n2).reinterpretAsFloats();
                FloatVector x3 = b3.lanewise(VectorOperators.UMIN, lowest).reinterpretAsFloats();
                FloatVector r3 = x3.lanewise(VectorOperators.FMA, high, round);
                FloatVector f3 =
                        x3.lanewise(VectorOperators.FMA, high, round.sub(r3).add(half));
                f3 = x3.lanewise(VectorOperators.FMA, low, f3);
                FloatVector p3 = f3.lanewise(VectorOperators.FMA, c6, c5);
                p3 = p3.lanewise(VectorOperators.FMA, f3, c4);
                p3 = p3.lanewise(VectorOperators.FMA, f3, c3);
                p3 = p3.lanewise(VectorOperators.FMA, f3, c2);
                p3 = p3.lanewise(VectorOperators.FMA, f3, c1);
                p3 = p3.lanewise(VectorOperators.FMA, f3, c0);
                IntVector n3 = r3.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
                p3 = p3.reinterpretAsInts().add(n3).reinterpretAsFloats();
                int next = group + COUNT < LANES
                        ? xOffset + step + group + COUNT
                        : xOffset + Math.min(step + STEP, length - STEP);
                b0 = FloatVector.fromArray(F, x, next).reinterpretAsInts();
                b1 = FloatVector.fromArray(F, x, next + LANES).reinterpretAsInts();
                b2 = FloatVector.fromArray(F, x, next + 2 * LANES).reinterpretAsInts();
                b3 = FloatVector.fromArray(F, x, next + 3 * LANES).reinterpretAsInts();
                int to = eOffset + step + group;
                p0.intoArray(e, to);
                p1.intoArray(e, to + LANES);
                p2.intoArray(e, to + 2 * LANES);
                p3.intoArray(e, to + 3 * LANES);
                p0.add(p1).add(p2.add(p3)).intoArray(sums, sumsOffset + step / 4 + group);
            }
        }
    }

    private static void abovePositive(
            float[] x, int xOffset, float[] e, int eOffset, int length, float threshold, int base, SoftmaxScale scale) {
        IntVector lowest = IntVector.broadcast(I, Float.floatToRawIntBits(threshold));
        FloatVector high = FloatVector.broadcast(F, scale.high());
        FloatVector low = FloatVector.broadcast(F, scale.low());
        FloatVector round = FloatVector.broadcast(F, ScalarSoftmax.round(base));
        for (int i = 0; i < length; i += COUNT) {
            IntVector bits =
                    FloatVector.fromArray(F, x, xOffset + i).reinterpretAsInts().max(lowest);
            numerator(bits.reinterpretAsFloats(), high, low, round).intoArray(e, eOffset + i);
        }
    }

    private static FloatVector numerator(FloatVector x, FloatVector high, FloatVector low, FloatVector round) {
        FloatVector r = x.lanewise(VectorOperators.FMA, high, round);
        FloatVector f = x.lanewise(VectorOperators.FMA, high, round.sub(r).add(0.5f));
        f = x.lanewise(VectorOperators.FMA, low, f);
        FloatVector p = f.lanewise(VectorOperators.FMA, C6, C5);
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, C4));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, C3));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, C2));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, C1));
        p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(F, C0));
        IntVector exponent = r.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    }

    @Override
    public void probabilities(float[] e, int eOffset, float[] y, int yOffset, int length, double factor) {
        boolean small = Math.abs(factor) < ScalarSoftmax.SMALL_FACTOR;
        double lifted = small ? Math.scalb(factor, ScalarSoftmax.LIFT) : factor;
        float high = (float) lifted;
        float low = (float) (lifted - high);
        int done = small ? 0 : length - length % (4 * COUNT);
        if (done > 0) {
            multiply(e, eOffset, y, yOffset, done, high, low);
        }
        int whole = length - length % COUNT;
        if (done < whole) {
            multiplyTwice(e, eOffset + done, y, yOffset + done, whole - done, high, low, small ? 0x1p-64f : 1);
        }
        scalar.probabilities(e, eOffset + whole, y, yOffset + whole, length - whole, factor);
    }

    private static void multiply(float[] e, int eOffset, float[] y, int yOffset, int length, float high, float low) {
        FloatVector highs = FloatVector.broadcast(F, high);
        FloatVector lows = FloatVector.broadcast(F, low);
        for (int i = 0; i < length; i += 4 * COUNT) {
            FloatVector a = FloatVector.fromArray(F, e, eOffset + i);
            FloatVector b = FloatVector.fromArray(F, e, eOffset + i + COUNT);
            FloatVector c = FloatVector.fromArray(F, e, eOffset + i + 2 * COUNT);
            FloatVector d = FloatVector.fromArray(F, e, eOffset + i + 3 * COUNT);
            a.lanewise(VectorOperators.FMA, highs, a.mul(lows)).intoArray(y, yOffset + i);
            b.lanewise(VectorOperators.FMA, highs, b.mul(lows)).intoArray(y, yOffset + i + COUNT);
            c.lanewise(VectorOperators.FMA, highs, c.mul(lows)).intoArray(y, yOffset + i + 2 * COUNT);
            d.lanewise(VectorOperators.FMA, highs, d.mul(lows)).intoArray(y, yOffset + i + 3 * COUNT);
        }
    }

    private static void multiplyTwice(
            float[] e, int eOffset, float[] y, int yOffset, int length, float high, float low, float factor) {
        FloatVector highs = FloatVector.broadcast(F, high);
        for (int i = 0; i < length; i += COUNT) {
            FloatVector v = FloatVector.fromArray(F, e, eOffset + i);
            v.lanewise(VectorOperators.FMA, highs, v.mul(low)).mul(factor).intoArray(y, yOffset + i);
        }
    }

    @Override
    public void logProbs(
            float[] x,
            int xOffset,
            float[] y,
            int yOffset,
            int length,
            float max,
            float inverseTemperature,
            float logSum) {
        FloatVector inverse = FloatVector.broadcast(F, inverseTemperature);
        FloatVector minusLogSum = FloatVector.broadcast(F, -logSum);
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i)
                    .sub(max)
                    .lanewise(VectorOperators.FMA, inverse, minusLogSum)
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = Math.fma(x[xOffset + i] - max, inverseTemperature, -logSum);
        }
    }

    @Override
    public void softmaxGradient(
            float[] p,
            int pOffset,
            float[] dp,
            int dpOffset,
            float[] dz,
            int dzOffset,
            int length,
            float mean,
            float inverseTemperature) {
        SoftmaxGradientLanes.ofSoftmax(p, pOffset, dp, dpOffset, dz, dzOffset, length, mean, inverseTemperature);
    }

    @Override
    public void logSoftmaxGradient(
            float[] p,
            int pOffset,
            float[] dl,
            int dlOffset,
            float[] dz,
            int dzOffset,
            int length,
            float sum,
            float inverseTemperature) {
        SoftmaxGradientLanes.ofLogSoftmax(p, pOffset, dl, dlOffset, dz, dzOffset, length, sum, inverseTemperature);
    }
}
