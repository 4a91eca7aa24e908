// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

/**
 * Cosines and sines of the rotary position embedding: at position p, pair i of a head turns by the angle p·frequency_i,
 * and grows by a magnitude where a model gives one.
 *
 * <p>Computed in double with {@link StrictMath}, so that every machine holds the same table. Source: Su et al.,
 * "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021.
 *
 * @param pairing which elements of a head turn together
 * @param headDim elements of a head
 * @param dims how many of them, from the first on, are rotated; even
 * @param positions the number of positions the table covers, from 0 on
 * @param cos cosines times the magnitude [positions, dims/2]
 * @param sin sines times the magnitude [positions, dims/2]
 */
public record RopeTable(Pairing pairing, int headDim, int dims, int positions, float[] cos, float[] sin) {
    /** Which of the rotated elements are the two of pair i. */
    public enum Pairing {
        /** Elements 2i and 2i + 1, as in the paper; llama files are permuted to it. */
        ADJACENT,
        /** Elements i and i + dims/2, as in GPT-NeoX and most models since. */
        HALVES
    }

    /** Checks that the parts fit together. */
    public RopeTable {
        if (headDim < 1 || dims < 0 || dims % 2 != 0 || dims > headDim || positions < 0) {
            throw new IllegalArgumentException("rope: cannot rotate " + dims + " dimensions of heads of " + headDim
                    + " over " + positions + " positions");
        }
        long needed = (long) positions * (dims / 2);
        if (cos.length != needed || sin.length != needed) {
            throw new IllegalArgumentException("rope: tables of " + cos.length + " and " + sin.length
                    + " floats where [positions, dims/2] needs " + needed);
        }
    }

    /**
     * The frequencies of the original: base^(−2i/dims).
     *
     * @param dims elements of a head that are rotated; even
     * @param base 10000 in the paper
     * @return [dims/2], in radians a position
     */
    public static double[] frequencies(int dims, double base) {
        double[] frequencies = new double[dims / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = StrictMath.pow(base, -2.0 * i / dims);
        }
        return frequencies;
    }

    /**
     * The table of a model.
     *
     * @param pairing which elements of a head turn together
     * @param headDim elements of a head
     * @param positions the number of positions
     * @param frequencies [dims/2], in radians a position: one for each pair that is rotated
     * @param magnitude the factor of cosines and sines, usually 1 (YaRN's attention factor, arXiv:2309.00071)
     * @return the table
     * @throws IllegalArgumentException if the numbers do not fit together
     */
    public static RopeTable of(Pairing pairing, int headDim, int positions, double[] frequencies, double magnitude) {
        int pairs = frequencies.length;
        if (positions < 0) {
            throw new IllegalArgumentException("rope: a table of " + positions + " positions");
        }
        float[] cos = new float[Math.multiplyExact(positions, pairs)];
        float[] sin = new float[cos.length];
        for (int i = 0; i < pairs; i++) {
            for (int position = 0; position < positions; position++) {
                cos[position * pairs + i] = (float) (StrictMath.cos(position * frequencies[i]) * magnitude);
                sin[position * pairs + i] = (float) (StrictMath.sin(position * frequencies[i]) * magnitude);
            }
        }
        return new RopeTable(pairing, headDim, 2 * pairs, positions, cos, sin);
    }

    /**
     * The table that turns back, which is the derivative of the rotation.
     *
     * @return a table with the sines negated
     */
    public RopeTable inverse() {
        float[] negated = sin.clone();
        for (int i = 0; i < negated.length; i++) {
            negated[i] = -negated[i];
        }
        return new RopeTable(pairing, headDim, dims, positions, cos, negated);
    }
}
