// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.operand.RopeTable;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.Objects;

/**
 * Rotary position encoding: at position p, pair i of each head turns by the angle p·frequency_i.
 *
 * <p>The table of sines and cosines grows by doubling to the positions that were asked for, so that a model that
 * announces a long context pays only for what is used. An entry does not depend on the size of the table.
 *
 * <p>Source: Su et al., RoFormer: Enhanced Transformer with Rotary Position Embedding, 2021.
 */
public final class Rope {
    private static final int FIRST_POSITIONS = 64;

    private final Compute compute;
    private final RopeTable.Pairing pairing;
    private final int headDim;
    private final double[] frequencies;
    private final double magnitude;
    private RopeTable table;

    /**
     * Sets the frequencies.
     *
     * @param pairing which elements of a head turn together
     * @param headDim elements of a head
     * @param frequencies {@code [dims/2]} in radians a position, for the first dims elements of each head; copied
     * @param magnitude the factor of what is turned, usually 1
     * @throws IllegalArgumentException if one of them is out of range
     */
    public Rope(Compute compute, RopeTable.Pairing pairing, int headDim, double[] frequencies, double magnitude) {
        this.compute = Objects.requireNonNull(compute, "compute");
        this.pairing = Objects.requireNonNull(pairing, "pairing");
        if (frequencies.length < 1 || 2L * frequencies.length > headDim) {
            throw new IllegalArgumentException(
                    "rope: dims must be even and in [2, headDim = " + headDim + "], but is " + 2L * frequencies.length);
        }
        for (int i = 0; i < frequencies.length; i++) {
            if (!(frequencies[i] >= 0) || frequencies[i] == Double.POSITIVE_INFINITY) {
                throw new IllegalArgumentException(
                        "rope: frequencies[" + i + "] must be finite and not negative, but is " + frequencies[i]);
            }
        }
        if (!(magnitude > 0) || magnitude == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("rope: magnitude must be positive and finite, but is " + magnitude);
        }
        this.headDim = headDim;
        this.frequencies = frequencies.clone();
        this.magnitude = magnitude;
    }

    /**
     * Turns every head of x in place.
     *
     * @param x {@code [T, heads * headDim]} for any number of heads
     * @param positions one a row, at least 0; longer is fine
     * @throws IllegalArgumentException if the columns are not whole heads or a position is out of range
     */
    public void forward(HeapTensor x, int[] positions) {
        int last = -1;
        for (int row = 0; row < Math.min(x.rows(), positions.length); row++) {
            last = Math.max(last, positions[row]);
        }
        if (last == Integer.MAX_VALUE) {
            throw new IllegalArgumentException("rope: position " + last + " is out of range");
        }
        compute.attention().rope(x, table(last + 1), positions);
    }

    /** A table of at least this many positions. */
    RopeTable table(int positions) {
        if (table == null || table.positions() < positions) {
            int doubled = table == null ? FIRST_POSITIONS : (int) Math.min(2L * table.positions(), Integer.MAX_VALUE);
            // The array of [positions, dims/2] must stay within an int's range even where doubling would leave it.
            int most = (Integer.MAX_VALUE - 8) / frequencies.length;
            int covered = Math.max(positions, Math.min(doubled, most));
            table = RopeTable.of(pairing, headDim, covered, frequencies, magnitude);
        }
        return table;
    }
}
