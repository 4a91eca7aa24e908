// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.kernel.RopeTable;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.Objects;

/**
 * Rotary position encoding over adjacent pairs: at position p, elements (2i, 2i+1) of each head turn by the angle p ·
 * base^(−2i/dims) / factor_i.
 *
 * <p>The table of sines and cosines grows by doubling to the positions that were asked for, so that a model that
 * announces a long context pays only for what is used. An entry does not depend on the size of the table.
 *
 * <p>Source: Su et al., RoFormer: Enhanced Transformer with Rotary Position Embedding, 2021; the pairing is that of
 * ggml's normal mode, into which GGUF files of the llama architecture are permuted.
 */
public final class Rope {
    private static final int FIRST_POSITIONS = 64;

    private final Compute compute;
    private final int headDim;
    private final int dims;
    private final double[] frequencies;
    private RopeTable table;

    /**
     * Sets the frequencies.
     *
     * @param headDim elements of a head
     * @param dims elements of each head that turn, the first ones; even, at most headDim
     * @param base the base of the frequencies, positive and finite
     * @param frequencyFactors {@code [dims/2]} positive divisors of the frequencies, copied; null for none
     * @throws IllegalArgumentException if one of them is out of range
     */
    public Rope(Compute compute, int headDim, int dims, double base, float[] frequencyFactors) {
        this(compute, headDim, dims, frequencies(headDim, dims, base, frequencyFactors));
    }

    /**
     * Sets the frequencies.
     *
     * @param headDim elements of a head
     * @param dims elements of each head that turn, the first ones; even, at most headDim
     * @param frequencies {@code [dims/2]}, radians a position
     */
    public Rope(Compute compute, int headDim, int dims, double[] frequencies) {
        this.compute = Objects.requireNonNull(compute, "compute");
        this.headDim = headDim;
        this.dims = dims;
        this.frequencies = frequencies.clone();
    }

    private static double[] frequencies(int headDim, int dims, double base, float[] factors) {
        if (dims < 2 || dims % 2 != 0 || dims > headDim) {
            throw new IllegalArgumentException(
                    "rope: dims must be even and in [2, headDim = " + headDim + "], but is " + dims);
        }
        if (!(base > 0) || base == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("rope: base must be positive and finite, but is " + base);
        }
        double[] frequencies = RopeTable.frequencies(dims, base);
        if (factors != null) {
            if (factors.length != dims / 2) {
                throw new IllegalArgumentException(
                        "rope: frequencyFactors must be [" + dims / 2 + "], but is [" + factors.length + "]");
            }
            for (int i = 0; i < factors.length; i++) {
                if (!(factors[i] > 0) || factors[i] == Float.POSITIVE_INFINITY) {
                    throw new IllegalArgumentException(
                            "rope: frequencyFactors[" + i + "] must be positive and finite, but is " + factors[i]);
                }
                frequencies[i] /= factors[i];
            }
        }
        return frequencies;
    }

    /**
     * Turns every head of x in place; row t is at {@code position + t}.
     *
     * @param x {@code [T, heads * headDim]} for any number of heads
     * @param position of the first row, at least 0
     * @throws IllegalArgumentException if the columns are not whole heads or the position is negative
     */
    public void forward(HeapTensor x, int position) {
        if (position < 0 || position > Integer.MAX_VALUE - x.rows()) {
            throw new IllegalArgumentException(
                    "rope: position " + position + " with " + x.rows() + " rows is out of range");
        }
        compute.rope(x, table(position + x.rows()), position);
    }

    /** A table of at least this many positions. */
    RopeTable table(int positions) {
        if (table == null || table.positions() < positions) {
            int doubled = table == null ? FIRST_POSITIONS : (int) Math.min(2L * table.positions(), Integer.MAX_VALUE);
            // The array of [positions, dims/2] must stay within an int's range even where doubling would leave it.
            int most = (Integer.MAX_VALUE - 8) / (dims / 2);
            table = RopeTable.of(headDim, dims, Math.max(positions, Math.min(doubled, most)), frequencies);
        }
        return table;
    }
}
