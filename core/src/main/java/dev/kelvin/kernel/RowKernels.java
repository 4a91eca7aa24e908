// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.operand.RopeTable;
import dev.kelvin.tensor.HeapTensor;

/** Loops over single rows: sums and searches, norms, the rotary embedding. Plain loops: {@code ScalarRows}. */
public interface RowKernels {
    /**
     * Elements of a block of {@link #blockMaxima}: few enough that it is soon searched, many enough that a row has few.
     */
    int BLOCK = 256;

    /** The blocks of a row; the last may be shorter. */
    static int blocks(int length) {
        return (length + BLOCK - 1) / BLOCK;
    }

    /** The dot product Σᵢ a[i]·b[i] over {@code length} elements from the offsets on. */
    float dot(float[] a, int aOffset, float[] b, int bOffset, int length);

    /** The largest element; NaN if any is NaN, −∞ if there is none. */
    float max(float[] x, int offset, int length);

    /** The first i with x[offset + i] == value, in [0, length); −1 if there is none. */
    int indexOf(float[] x, int offset, int length, float value);

    /**
     * The largest element of each block of {@value RowKernels#BLOCK} elements, NaN where any is NaN; the last block may
     * be shorter.
     *
     * @param x holds the elements
     * @param xOffset the first element
     * @param length the number of elements
     * @param y receives {@link RowKernels#blocks} maxima; not {@code x}
     * @param yOffset where the first maximum goes
     */
    void blockMaxima(float[] x, int xOffset, int length, float[] y, int yOffset);

    /**
     * Collects the elements x[xOffset + i] ≥ threshold for i in [begin, end), ascending.
     *
     * @param indices receives the i from place {@code count} on; must have room for all of the range
     * @param values receives the elements at the same places; not {@code x}
     * @param count how many stand in both already
     * @return how many stand there then
     */
    int collectAtLeast(
            float[] x, int xOffset, int begin, int end, float threshold, int[] indices, float[] values, int count);

    /**
     * RMSNorm of rows: y = x/√(mean(x²) + ε)·weight.
     *
     * @param x [T, D]
     * @param weight [D]
     * @param epsilon ε
     * @param y [T, D]; may be x
     * @param rowBegin the first row
     * @param rowEnd the row after the last
     */
    void rmsNorm(HeapTensor x, HeapTensor weight, float epsilon, HeapTensor y, int rowBegin, int rowEnd);

    /**
     * Σ c and Σ c² of c = (x[offset + i] − mean) − rest.
     *
     * @param sums receives both
     */
    void deviations(float[] x, int offset, int length, float mean, float rest, float[] sums);

    /** y[i] = ((x[i] − mean) − rest)·inverse; {@code y} may be x. */
    void normalize(float[] x, int xOffset, float mean, float rest, float inverse, float[] y, int yOffset, int length);

    /** y[i] = x̂[i]·weight[i] + bias[i], fused, with x̂ as {@link #normalize} has it; {@code y} may be x. */
    void normalizeAffine(
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
            int length);

    /**
     * Rotates, in place, the pairs among the first {@code table.dims()} elements of each head.
     *
     * @param x [T, H·table.headDim()]
     * @param table covers the positions
     * @param positions of the rows of x
     * @param rowBegin the first row
     * @param rowEnd the row after the last
     */
    void rope(HeapTensor x, RopeTable table, int[] positions, int rowBegin, int rowEnd);
}
