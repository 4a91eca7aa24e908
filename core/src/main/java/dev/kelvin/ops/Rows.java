// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.tensor.HeapTensor;

/**
 * The operations that take each row by itself: norms, biases, factors, lookups. Got from {@link Compute}, whose rules
 * hold here too: results are pure functions of the inputs to the bit, shapes are checked before anything is written,
 * nothing is allocated once scratch has grown, one caller at a time.
 */
public final class Rows {
    private final Team team;
    private final RmsNormalization rmsNorm;
    private final RowFactors rowFactors;
    private final Norms norms;
    private final RowTables tables;

    Rows(Team team, Norms norms, RowTables tables) {
        this.team = team;
        this.norms = norms;
        this.tables = tables;
        rmsNorm = new RmsNormalization(team);
        rowFactors = new RowFactors(team);
    }

    /**
     * RMSNorm of each row: y_i = x_i · w_i / √(Σx²/D + ε). Source: Zhang and Sennrich, arXiv:1910.07467.
     *
     * <p>Σx² is a float: a row in which it overflows becomes zeros, and at ε = 0 one in which it underflows becomes
     * infinities, and NaN where x is 0.
     *
     * @param x [.., D]
     * @param weight [D]
     * @param epsilon ε, finite and at least 0
     * @param y the shape of x; may be x, must not overlap weight
     */
    public void rmsNorm(HeapTensor x, HeapTensor weight, float epsilon, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            rmsNorm.apply(x, weight, epsilon, y);
        }
    }

    /**
     * LayerNorm of each row: y = (x − mean)/√(variance + ε)·weight + bias. Source: Ba et al., arXiv:1607.06450.
     *
     * <p>The mean is taken twice, so that what all elements have in common does not count: x̂ = (x − mean)/√(variance +
     * ε) is off by about (D/16 + 8)·2⁻²⁴·(1 + |x̂|). Sums are floats: a row of which Σx or Σ(x − mean)² exceeds their
     * range, as it may from |x| = 2⁶³/√D on, becomes NaN, or its bias.
     *
     * @param x [.., D]
     * @param weight [D]
     * @param bias [D]
     * @param epsilon ε, finite and at least 0
     * @param y the shape of x; may be x
     */
    public void layerNorm(HeapTensor x, HeapTensor weight, HeapTensor bias, float epsilon, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            norms.forward(x, weight, bias, epsilon, y);
        }
    }

    /**
     * Divides each row by its length: y = x/max(√Σx², ε).
     *
     * <p>Σx² has the order of a dot product, and overflows where that does; the factor is rounded once.
     *
     * @param x [.., D]
     * @param epsilon ε, positive and finite
     * @param y the shape of x; may be x
     */
    public void l2Norm(HeapTensor x, float epsilon, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            rowFactors.l2Norm(x, epsilon, y);
        }
    }

    /**
     * Adds a bias to each row, in place.
     *
     * @param x [R, N]
     * @param bias [N]
     */
    public void addBias(HeapTensor x, HeapTensor bias) {
        try (Team.Call _ = team.begin()) {
            tables.addBias(x, bias);
        }
    }

    /**
     * Multiplies each row by a factor of its own.
     *
     * @param x [R, N]
     * @param factors one a row; longer is fine
     * @param y the shape of x; may be x
     */
    public void scaleRows(HeapTensor x, float[] factors, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            rowFactors.scaleRows(x, factors, y);
        }
    }

    /**
     * Multiplies each row by the same vector, element by element.
     *
     * @param x [R, N]
     * @param weight [N]
     * @param y the shape of x; may be x
     */
    public void scaleColumns(HeapTensor x, HeapTensor weight, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            rowFactors.scaleColumns(x, weight, y);
        }
    }

    /**
     * Rows of a table: x[r] = table[ids[r]].
     *
     * @param table [V, D]
     * @param ids [R], each in [0, V)
     * @param x [R, D]
     */
    public void embedding(HeapTensor table, int[] ids, HeapTensor x) {
        try (Team.Call _ = team.begin()) {
            tables.embedding(table, ids, x);
        }
    }
}
