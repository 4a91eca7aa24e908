// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.ScalarKernels.SQUARE_LANES;

import dev.kelvin.kernel.RopeTable;
import dev.kelvin.kernel.ScalarKernels;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Loops over single rows: element-wise arithmetic, RMSNorm, rotary embedding. */
final class RowLanes {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final VectorShuffle<Float> FIRSTS = VectorShuffle.makeUnzip(F, 0);
    private static final VectorShuffle<Float> SECONDS = VectorShuffle.makeUnzip(F, 1);
    private static final VectorShuffle<Float> ZIP_LOW = VectorShuffle.makeZip(F, 0);
    private static final VectorShuffle<Float> ZIP_HIGH = VectorShuffle.makeZip(F, 1);

    private final float[] lanes = new float[SQUARE_LANES];

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

    static void scale(float[] x, int xOffset, float[] y, int yOffset, int length, float factor) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i).mul(factor).intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = x[xOffset + i] * factor;
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

    void rmsNorm(HeapTensor x, HeapTensor weight, float epsilon, HeapTensor y, int rowBegin, int rowEnd) {
        int dim = x.columns();
        for (int row = rowBegin; row < rowEnd; row++) {
            int xOffset = x.offset() + row * dim;
            float inverse = ScalarKernels.inverseRootMeanSquare(sumOfSquares(x.data(), xOffset, dim), dim, epsilon);
            normalize(
                    x.data(), xOffset, weight.data(), weight.offset(), y.data(), y.offset() + row * dim, dim, inverse);
        }
    }

    private float sumOfSquares(float[] x, int offset, int length) {
        int end = length - length % SQUARE_LANES;
        if (end == 0) {
            // A loop that never runs would be compiled with its vectors boxed.
            Arrays.fill(lanes, 0);
        } else {
            squares(x, offset, end);
        }
        for (int l = 0; end + l < length; l++) {
            float value = x[offset + end + l];
            lanes[l] = Math.fma(value, value, lanes[l]);
        }
        for (int half = SQUARE_LANES / 2; half >= 16; half /= 2) {
            for (int l = 0; l < half; l++) {
                lanes[l] += lanes[l + half];
            }
        }
        return Gemm.fold(lanes, 0);
    }

    /** Leaves the 64 lanes over whole steps in {@link #lanes}. */
    private void squares(float[] x, int offset, int end) {
        // Four chains at a time, whatever the width: 64 lanes are one such group at 512 bits, four at 128.
        for (int group = 0; group < SQUARE_LANES; group += 4 * COUNT) {
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            for (int i = group; i < end; i += SQUARE_LANES) {
                FloatVector x0 = FloatVector.fromArray(F, x, offset + i);
                FloatVector x1 = FloatVector.fromArray(F, x, offset + i + COUNT);
                FloatVector x2 = FloatVector.fromArray(F, x, offset + i + 2 * COUNT);
                FloatVector x3 = FloatVector.fromArray(F, x, offset + i + 3 * COUNT);
                a = x0.fma(x0, a);
                b = x1.fma(x1, b);
                c = x2.fma(x2, c);
                d = x3.fma(x3, d);
            }
            a.intoArray(lanes, group);
            b.intoArray(lanes, group + COUNT);
            c.intoArray(lanes, group + 2 * COUNT);
            d.intoArray(lanes, group + 3 * COUNT);
        }
    }

    private static void normalize(
            float[] x,
            int xOffset,
            float[] weight,
            int weightOffset,
            float[] y,
            int yOffset,
            int length,
            float inverse) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i)
                    .mul(inverse)
                    .mul(FloatVector.fromArray(F, weight, weightOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) {
            y[yOffset + i] = (x[xOffset + i] * inverse) * weight[weightOffset + i];
        }
    }

    static void rope(HeapTensor x, RopeTable table, int position, int rowBegin, int rowEnd) {
        int pairs = table.dims() / 2;
        int heads = x.columns() / table.headDim();
        for (int row = rowBegin; row < rowEnd; row++) {
            int tableOffset = (position + row) * pairs;
            for (int head = 0; head < heads; head++) {
                int offset = x.offset() + row * x.columns() + head * table.headDim();
                int whole = rotate(x.data(), offset, table.cos(), table.sin(), tableOffset, pairs);
                ScalarKernels.rotate(x.data(), offset, table, tableOffset, whole, pairs);
            }
        }
    }

    /** Rotates as many pairs as fill vectors; returns their number. */
    private static int rotate(float[] x, int offset, float[] cos, float[] sin, int tableOffset, int pairs) {
        int i = 0;
        for (; i <= pairs - COUNT; i += COUNT) {
            int at = offset + 2 * i;
            FloatVector left = FloatVector.fromArray(F, x, at);
            FloatVector right = FloatVector.fromArray(F, x, at + COUNT);
            FloatVector x0 = left.rearrange(FIRSTS, right);
            FloatVector x1 = left.rearrange(SECONDS, right);
            FloatVector c = FloatVector.fromArray(F, cos, tableOffset + i);
            FloatVector s = FloatVector.fromArray(F, sin, tableOffset + i);
            FloatVector y0 = x0.lanewise(VectorOperators.FMA, c, x1.mul(s).neg());
            FloatVector y1 = x1.lanewise(VectorOperators.FMA, c, x0.mul(s));
            y0.rearrange(ZIP_LOW, y1).intoArray(x, at);
            y0.rearrange(ZIP_HIGH, y1).intoArray(x, at + COUNT);
        }
        return i;
    }
}
