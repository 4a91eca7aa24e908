// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.RowKernels;
import dev.kelvin.kernel.scalar.ScalarRows;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.tensor.HeapTensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Loops over single rows: searches, norms, rotary embedding. */
final class RowLanes implements RowKernels {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final VectorShuffle<Float> NEIGHBOURS = VectorShuffle.fromOp(F, i -> i ^ 1);
    private static final VectorShuffle<Float> LOWER_TWICE = VectorShuffle.fromOp(F, i -> i / 2);
    private static final VectorShuffle<Float> UPPER_TWICE = VectorShuffle.fromOp(F, i -> (COUNT + i) / 2);

    /** −1, 1, −1, 1, ... */
    private static final float[] SIGNS = new float[COUNT];

    static {
        for (int i = 0; i < COUNT; i++) {
            SIGNS[i] = i % 2 == 0 ? -1 : 1;
        }
    }

    private final HeapGemv narrowDot = new HeapGemv();
    private final VectorLanes vectors = new VectorLanes();
    private final DeviationSums deviations = new DeviationSums();
    private final BlockSearchLanes search = new BlockSearchLanes();
    private final ScalarRows scalar = new ScalarRows();
    private float[] cosines = new float[0];
    private float[] sines = new float[0];

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        return COUNT >= 8 ? RowDot.dot(a, aOffset, b, bOffset, length) : narrowDot.dot(a, aOffset, b, bOffset, length);
    }

    @Override
    public float max(float[] x, int offset, int length) {
        return MaximumLanes.max(x, offset, length);
    }

    @Override
    public void blockMaxima(float[] x, int xOffset, int length, float[] y, int yOffset) {
        search.maxima(x, xOffset, length, y, yOffset);
    }

    @Override
    public int collectAtLeast(
            float[] x, int xOffset, int begin, int end, float threshold, int[] indices, float[] values, int count) {
        return search.collect(x, xOffset, begin, end, threshold, indices, values, count);
    }

    @Override
    public int indexOf(float[] x, int offset, int length, float value) {
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

    @Override
    public void rmsNorm(HeapTensor x, HeapTensor weight, float epsilon, HeapTensor y, int rowBegin, int rowEnd) {
        int dim = x.columns();
        for (int row = rowBegin; row < rowEnd; row++) {
            int xOffset = x.offset() + row * dim;
            float squares = vectors.dot(x.data(), xOffset, x.data(), xOffset, dim);
            float inverse = ScalarRows.inverseRootMeanSquare(squares, dim, epsilon);
            multiplyBoth(
                    x.data(), xOffset, weight.data(), weight.offset(), y.data(), y.offset() + row * dim, dim, inverse);
        }
    }

    private static void multiplyBoth(
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

    @Override
    public void deviations(float[] x, int offset, int length, float mean, float rest, float[] sums) {
        deviations.run(x, offset, length, mean, rest, sums);
    }

    @Override
    public void normalize(
            float[] x, int xOffset, float mean, float rest, float inverse, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector.fromArray(F, x, xOffset + i)
                    .sub(mean)
                    .sub(rest)
                    .mul(inverse)
                    .intoArray(y, yOffset + i);
        }
        scalar.normalize(x, xOffset + i, mean, rest, inverse, y, yOffset + i, length - i);
    }

    @Override
    public void normalizeAffine(
            float[] x,
            int xOffset,
            float mean,
            float rest,
            float inverse,
            float[] weight,
            int weightOffset,
            float[] bias,
            int biasOffset,
            float[] y,
            int yOffset,
            int length) {
        int i = 0;
        for (; i <= length - COUNT; i += COUNT) {
            FloatVector normal =
                    FloatVector.fromArray(F, x, xOffset + i).sub(mean).sub(rest).mul(inverse);
            FloatVector w = FloatVector.fromArray(F, weight, weightOffset + i);
            normal.fma(w, FloatVector.fromArray(F, bias, biasOffset + i)).intoArray(y, yOffset + i);
        }
        int left = length - i;
        scalar.normalizeAffine(
                x,
                xOffset + i,
                mean,
                rest,
                inverse,
                weight,
                weightOffset + i,
                bias,
                biasOffset + i,
                y,
                yOffset + i,
                left);
    }

    /**
     * Rotates rows. Cosines and sines of a row are laid out once as its heads need them, each twice and the sine with
     * the sign of its place, so that a head takes one exchange of neighbours: −(x₁·s) and x₁·(−s) are the same number.
     */
    @Override
    public void rope(HeapTensor x, RopeTable table, int[] positions, int rowBegin, int rowEnd) {
        if (table.pairing() == RopeTable.Pairing.ADJACENT) {
            ropeOfNeighbours(x, table, positions, rowBegin, rowEnd);
        } else {
            ropeOfHalves(x, table, positions, rowBegin, rowEnd);
        }
    }

    private static void ropeOfHalves(HeapTensor x, RopeTable table, int[] positions, int rowBegin, int rowEnd) {
        int pairs = table.dims() / 2;
        int whole = pairs - pairs % COUNT;
        int heads = x.columns() / table.headDim();
        for (int row = rowBegin; row < rowEnd; row++) {
            int tableOffset = positions[row] * pairs;
            for (int head = 0; head < heads; head++) {
                int offset = x.offset() + row * x.columns() + head * table.headDim();
                if (whole > 0) {
                    rotateHalves(x.data(), offset, table.cos(), table.sin(), tableOffset, pairs);
                }
                ScalarRows.rotate(x.data(), offset, table, tableOffset, whole, pairs);
            }
        }
    }

    /** The pairs of one head that fill vectors. */
    private static void rotateHalves(float[] x, int offset, float[] cos, float[] sin, int tableOffset, int pairs) {
        for (int i = 0; i <= pairs - COUNT; i += COUNT) {
            FloatVector c = FloatVector.fromArray(F, cos, tableOffset + i);
            FloatVector s = FloatVector.fromArray(F, sin, tableOffset + i);
            FloatVector x0 = FloatVector.fromArray(F, x, offset + i);
            FloatVector x1 = FloatVector.fromArray(F, x, offset + pairs + i);
            x0.fma(c, x1.mul(s).neg()).intoArray(x, offset + i);
            x1.fma(c, x0.mul(s)).intoArray(x, offset + pairs + i);
        }
    }

    private void ropeOfNeighbours(HeapTensor x, RopeTable table, int[] positions, int rowBegin, int rowEnd) {
        int pairs = table.dims() / 2;
        int whole = pairs - pairs % (COUNT / 2);
        int heads = x.columns() / table.headDim();
        if (cosines.length < 2 * whole) {
            cosines = new float[2 * whole];
            sines = new float[2 * whole];
        }
        for (int row = rowBegin; row < rowEnd; row++) {
            int tableOffset = positions[row] * pairs;
            layOut(table.cos(), table.sin(), tableOffset, whole);
            int offset = x.offset() + row * x.columns();
            int place = 0;
            for (; place <= 2 * whole - 4 * COUNT; place += 4 * COUNT) {
                rotateFour(x.data(), offset + place, table.headDim(), heads, place);
            }
            for (; place < 2 * whole; place += COUNT) {
                rotate(x.data(), offset + place, table.headDim(), heads, place);
            }
            for (int head = 0; whole < pairs && head < heads; head++) {
                ScalarRows.rotate(x.data(), offset + head * table.headDim(), table, tableOffset, whole, pairs);
            }
        }
    }

    private void layOut(float[] cos, float[] sin, int offset, int pairs) {
        FloatVector signs = FloatVector.fromArray(F, SIGNS, 0);
        int i = 0;
        for (; i <= pairs - COUNT; i += COUNT) {
            FloatVector c = FloatVector.fromArray(F, cos, offset + i);
            FloatVector s = FloatVector.fromArray(F, sin, offset + i);
            c.rearrange(LOWER_TWICE).intoArray(cosines, 2 * i);
            c.rearrange(UPPER_TWICE).intoArray(cosines, 2 * i + COUNT);
            s.rearrange(LOWER_TWICE).mul(signs).intoArray(sines, 2 * i);
            s.rearrange(UPPER_TWICE).mul(signs).intoArray(sines, 2 * i + COUNT);
        }
        for (; i < pairs; i++) {
            cosines[2 * i] = cos[offset + i];
            cosines[2 * i + 1] = cos[offset + i];
            sines[2 * i] = -sin[offset + i];
            sines[2 * i + 1] = sin[offset + i];
        }
    }

    /** Rotates four neighbouring places of each head: the row is read in order where a head has no more. */
    private void rotateFour(float[] x, int offset, int headDim, int heads, int place) {
        FloatVector c0 = FloatVector.fromArray(F, cosines, place);
        FloatVector c1 = FloatVector.fromArray(F, cosines, place + COUNT);
        FloatVector c2 = FloatVector.fromArray(F, cosines, place + 2 * COUNT);
        FloatVector c3 = FloatVector.fromArray(F, cosines, place + 3 * COUNT);
        FloatVector s0 = FloatVector.fromArray(F, sines, place);
        FloatVector s1 = FloatVector.fromArray(F, sines, place + COUNT);
        FloatVector s2 = FloatVector.fromArray(F, sines, place + 2 * COUNT);
        FloatVector s3 = FloatVector.fromArray(F, sines, place + 3 * COUNT);
        for (int head = 0, at = offset; head < heads; head++, at += headDim) {
            FloatVector p0 = FloatVector.fromArray(F, x, at);
            FloatVector p1 = FloatVector.fromArray(F, x, at + COUNT);
            FloatVector p2 = FloatVector.fromArray(F, x, at + 2 * COUNT);
            FloatVector p3 = FloatVector.fromArray(F, x, at + 3 * COUNT);
            FloatVector o0 = p0.rearrange(NEIGHBOURS).mul(s0);
            FloatVector o1 = p1.rearrange(NEIGHBOURS).mul(s1);
            FloatVector o2 = p2.rearrange(NEIGHBOURS).mul(s2);
            FloatVector o3 = p3.rearrange(NEIGHBOURS).mul(s3);
            p0.lanewise(VectorOperators.FMA, c0, o0).intoArray(x, at);
            p1.lanewise(VectorOperators.FMA, c1, o1).intoArray(x, at + COUNT);
            p2.lanewise(VectorOperators.FMA, c2, o2).intoArray(x, at + 2 * COUNT);
            p3.lanewise(VectorOperators.FMA, c3, o3).intoArray(x, at + 3 * COUNT);
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
