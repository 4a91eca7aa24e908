// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

import dev.kelvin.kernel.RowKernels;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.tensor.HeapTensor;

/**
 * The specification of loops over single rows.
 *
 * <p><b>Dot products</b> keep {@value #LANES} lanes: lane l takes the products with k ≡ l (mod 16), ascending, by fma
 * from +0, and the lanes are folded by halves, a[i] + a[i + half], down to one. Error: |ŷ − y| ≤ (⌈K/16⌉ + 4)·u·Σ|aₖbₖ|
 * to first order, u = 2⁻²⁴.
 *
 * <p><b>Sums of squares and of deviations</b> (norms) do the same with {@value #SQUARE_LANES} lanes, since a single row
 * offers no other independent chains.
 *
 * <p>Searches round nothing, so they have no order to fix.
 */
public final class ScalarRows implements RowKernels {
    /** Lanes of a dot product. */
    public static final int LANES = 16;

    /** Lanes of a sum of squares. */
    public static final int SQUARE_LANES = 64;

    private final float[] lanes = new float[SQUARE_LANES];

    /** Kernels of plain loops. */
    public ScalarRows() {}

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        clear(LANES);
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                lanes[l] = Math.fma(a[aOffset + i + l], b[bOffset + i + l], lanes[l]);
            }
        }
        for (int l = 0; i + l < length; l++) {
            lanes[l] = Math.fma(a[aOffset + i + l], b[bOffset + i + l], lanes[l]);
        }
        return fold(LANES);
    }

    private void clear(int count) {
        for (int l = 0; l < count; l++) {
            lanes[l] = 0;
        }
    }

    private float fold(int count) {
        for (int half = count / 2; half > 0; half /= 2) {
            for (int l = 0; l < half; l++) {
                lanes[l] += lanes[l + half];
            }
        }
        return lanes[0];
    }

    @Override
    public float max(float[] x, int offset, int length) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            max = Math.max(max, x[offset + i]);
        }
        return Float.isNaN(max) ? Float.NaN : max;
    }

    @Override
    public int indexOf(float[] x, int offset, int length, float value) {
        for (int i = 0; i < length; i++) {
            if (x[offset + i] == value) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public void blockMaxima(float[] x, int xOffset, int length, float[] y, int yOffset) {
        for (int block = 0; block < RowKernels.blocks(length); block++) {
            int end = Math.min(length, (block + 1) * BLOCK);
            float max = Float.NEGATIVE_INFINITY;
            for (int i = block * BLOCK; i < end; i++) {
                max = Math.max(max, x[xOffset + i]);
            }
            y[yOffset + block] = Float.isNaN(max) ? Float.NaN : max;
        }
    }

    @Override
    public int collectAtLeast(
            float[] x, int xOffset, int begin, int end, float threshold, int[] indices, float[] values, int count) {
        int next = count;
        for (int i = begin; i < end; i++) {
            float value = x[xOffset + i];
            if (value >= threshold) {
                indices[next] = i;
                values[next++] = value;
            }
        }
        return next;
    }

    @Override
    public void rmsNorm(HeapTensor x, HeapTensor weight, float epsilon, HeapTensor y, int rowBegin, int rowEnd) {
        int dim = x.columns();
        for (int row = rowBegin; row < rowEnd; row++) {
            int xOffset = x.offset() + row * dim;
            int yOffset = y.offset() + row * dim;
            clear(SQUARE_LANES);
            for (int i = 0; i < dim; i++) {
                float value = x.data()[xOffset + i];
                lanes[i % SQUARE_LANES] = Math.fma(value, value, lanes[i % SQUARE_LANES]);
            }
            float inverse = inverseRootMeanSquare(fold(SQUARE_LANES), dim, epsilon);
            for (int i = 0; i < dim; i++) {
                y.data()[yOffset + i] = (x.data()[xOffset + i] * inverse) * weight.data()[weight.offset() + i];
            }
        }
    }

    /**
     * 1/√(squares/dim + ε), in double and rounded once.
     *
     * @param squares Σx²
     * @param dim elements summed
     * @param epsilon ε
     * @return the factor of an RMSNorm
     */
    public static float inverseRootMeanSquare(float squares, int dim, float epsilon) {
        return (float) (1 / Math.sqrt((double) squares / dim + epsilon));
    }

    @Override
    public void deviations(float[] x, int offset, int length, float mean, float rest, float[] sums) {
        clear(SQUARE_LANES);
        for (int i = 0; i < length; i++) {
            lanes[i % SQUARE_LANES] += (x[offset + i] - mean) - rest;
        }
        sums[0] = fold(SQUARE_LANES);
        clear(SQUARE_LANES);
        for (int i = 0; i < length; i++) {
            float c = (x[offset + i] - mean) - rest;
            lanes[i % SQUARE_LANES] = Math.fma(c, c, lanes[i % SQUARE_LANES]);
        }
        sums[1] = fold(SQUARE_LANES);
    }

    @Override
    public void normalize(
            float[] x, int xOffset, float mean, float rest, float inverse, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = ((x[xOffset + i] - mean) - rest) * inverse;
        }
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
        for (int i = 0; i < length; i++) {
            float normal = ((x[xOffset + i] - mean) - rest) * inverse;
            y[yOffset + i] = Math.fma(normal, weight[weightOffset + i], bias[biasOffset + i]);
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>(x₀, x₁) becomes (fma(x₀, cos, −(x₁·sin)), fma(x₁, cos, x₀·sin)).
     */
    @Override
    public void rope(HeapTensor x, RopeTable table, int[] positions, int rowBegin, int rowEnd) {
        int pairs = table.dims() / 2;
        int heads = x.columns() / table.headDim();
        for (int row = rowBegin; row < rowEnd; row++) {
            for (int head = 0; head < heads; head++) {
                int offset = x.offset() + row * x.columns() + head * table.headDim();
                rotate(x.data(), offset, table, positions[row] * pairs, 0, pairs);
            }
        }
    }

    /**
     * Rotates some pairs of one head.
     *
     * @param x holds the head
     * @param offset its first element
     * @param table cosines and sines
     * @param tableOffset those of its position
     * @param pairBegin the first pair
     * @param pairEnd the pair after the last
     */
    public static void rotate(float[] x, int offset, RopeTable table, int tableOffset, int pairBegin, int pairEnd) {
        boolean adjacent = table.pairing() == RopeTable.Pairing.ADJACENT;
        int step = adjacent ? 2 : 1;
        int apart = adjacent ? 1 : table.dims() / 2;
        for (int i = pairBegin; i < pairEnd; i++) {
            float cos = table.cos()[tableOffset + i];
            float sin = table.sin()[tableOffset + i];
            int first = offset + step * i;
            float x0 = x[first];
            float x1 = x[first + apart];
            x[first] = Math.fma(x0, cos, -(x1 * sin));
            x[first + apart] = Math.fma(x1, cos, x0 * sin);
        }
    }
}
