// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/**
 * Cosines and sines of the rotary position embedding: at position p, pair i of a head turns by the angle
 * p·base^(−2i/dims), divided by a factor of frequency i where a model gives one.
 *
 * <p>Computed in double with {@link StrictMath}, so that every machine holds the same table. Source: Su et al.,
 * "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021.
 *
 * @param headDim elements of a head
 * @param dims how many of them, from the first on, are rotated; even
 * @param positions the number of positions the table covers, from 0 on
 * @param cos cosines [positions, dims/2]
 * @param sin sines [positions, dims/2]
 */
public record RopeTable(int headDim, int dims, int positions, float[] cos, float[] sin) {
    /** Which elements of a head turn together. */
    public enum Pairing {
        /** (2i, 2i + 1), as in llama. */
        ADJACENT
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
     * The table of a model.
     *
     * @param headDim elements of a head
     * @param dims how many of them are rotated; even
     * @param positions the number of positions
     * @param base the base of the frequencies, 10000 for the original
     * @param frequencyFactors [dims/2], by which frequencies are divided; null for none
     * @return the table
     * @throws IllegalArgumentException if the numbers do not fit together
     */
    public static RopeTable of(int headDim, int dims, int positions, double base, float[] frequencyFactors) {
        int pairs = dims / 2;
        if (frequencyFactors != null && frequencyFactors.length != pairs) {
            throw new IllegalArgumentException(
                    "rope: " + frequencyFactors.length + " frequency factors for " + pairs + " pairs");
        }
        double[] frequencies = frequencies(dims, base);
        for (int i = 0; frequencyFactors != null && i < pairs; i++) {
            frequencies[i] /= frequencyFactors[i];
        }
        return of(headDim, dims, positions, frequencies);
    }

    /**
     * The frequencies of the original: base^(−2i/dims).
     *
     * @param dims how many elements are rotated; even
     * @param base the base, 10000 for the original
     * @return [dims/2], radians a position
     */
    public static double[] frequencies(int dims, double base) {
        double[] frequencies = new double[Math.max(0, dims / 2)];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = StrictMath.pow(base, -2.0 * i / dims);
        }
        return frequencies;
    }

    /**
     * The table of a model.
     *
     * @param headDim elements of a head
     * @param dims how many of them are rotated; even
     * @param positions the number of positions
     * @param frequencies [dims/2], radians a position
     * @return the table
     * @throws IllegalArgumentException if the numbers do not fit together
     */
    public static RopeTable of(int headDim, int dims, int positions, double[] frequencies) {
        int pairs = frequencies.length;
        if (positions < 0 || dims < 0) {
            throw new IllegalArgumentException("rope: " + dims + " dimensions over " + positions + " positions");
        }
        float[] cos = new float[Math.multiplyExact(positions, pairs)];
        float[] sin = new float[cos.length];
        for (int i = 0; i < pairs; i++) {
            double frequency = frequencies[i];
            for (int position = 0; position < positions; position++) {
                cos[position * pairs + i] = (float) StrictMath.cos(position * frequency);
                sin[position * pairs + i] = (float) StrictMath.sin(position * frequency);
            }
        }
        return new RopeTable(headDim, dims, positions, cos, sin);
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
        return new RopeTable(headDim, dims, positions, cos, negated);
    }
}
