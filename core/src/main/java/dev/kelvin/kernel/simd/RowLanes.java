// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.ScalarKernels.SQUARE_LANES;

import dev.kelvin.kernel.RopeTable;
import dev.kelvin.kernel.ScalarKernels;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Loops over single rows: element-wise arithmetic, RMSNorm, rotary embedding. */
final class RowLanes {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final VectorShuffle<Float> NEIGHBOURS = VectorShuffle.fromOp(F, i -> i ^ 1);

    private final float[] lanes = new float[SQUARE_LANES];
    private float[] cosines = new float[0];
    private float[] sines = new float[0];

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

    static int indexOf(float[] x, int offset, int length, float value) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            VectorMask<Float> found = FloatVector.fromArray(F, x, offset + i).compare(VectorOperators.EQ, value);
            if (found.anyTrue()) {
                return i + found.firstTrue();
            }
        }
        for (; i < length; i++) {
            if (x[offset + i] == value) {
                return i;
            }
        }
        return -1;
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

    /**
     * Rotates rows. Cosines and sines of a row are laid out once as its heads need them, each twice and the sine with
     * the sign of its place, so that a head takes one exchange of neighbours: −(x₁·s) and x₁·(−s) are the same number.
     */
    void rope(HeapTensor x, RopeTable table, int position, int rowBegin, int rowEnd) {
        int pairs = table.dims() / 2;
        int whole = pairs - pairs % (COUNT / 2);
        int heads = x.columns() / table.headDim();
        if (cosines.length < 2 * whole) {
            cosines = new float[2 * whole];
            sines = new float[2 * whole];
        }
        for (int row = rowBegin; row < rowEnd; row++) {
            int tableOffset = (position + row) * pairs;
            for (int i = 0; i < whole; i++) {
                cosines[2 * i] = table.cos()[tableOffset + i];
                cosines[2 * i + 1] = table.cos()[tableOffset + i];
                sines[2 * i] = -table.sin()[tableOffset + i];
                sines[2 * i + 1] = table.sin()[tableOffset + i];
            }
            int offset = x.offset() + row * x.columns();
            for (int i = 0; i < 2 * whole; i += COUNT) {
                rotate(x.data(), offset + i, table.headDim(), heads, i);
            }
            for (int head = 0; whole < pairs && head < heads; head++) {
                ScalarKernels.rotate(x.data(), offset + head * table.headDim(), table, tableOffset, whole, pairs);
            }
        }
    }

    /** Rotates the same place of each head. */
    private void rotate(float[] x, int offset, int headDim, int heads, int place) {
        FloatVector cosine = FloatVector.fromArray(F, cosines, place);
        FloatVector sine = FloatVector.fromArray(F, sines, place);
        for (int head = 0, at = offset; head < heads; head++, at += headDim) {
            FloatVector pairs = FloatVector.fromArray(F, x, at);
            FloatVector others = pairs.rearrange(NEIGHBOURS).mul(sine);
            pairs.lanewise(VectorOperators.FMA, cosine, others).intoArray(x, at);
        }
    }
}
