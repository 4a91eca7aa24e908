// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.tensor.HeapTensor;
import java.util.Objects;

/**
 * The operations that take each row by itself: sums, extremes, norms, the best few, biases, factors, lookups. What runs
 * along another axis than the last takes {@link #permute} first. Got from {@link Compute}, whose rules hold here too:
 * results are pure functions of the inputs to the bit, shapes are checked before anything is written, nothing is
 * allocated once scratch has grown, one caller at a time.
 */
public final class Rows {
    private final Team team;
    private final RmsNormalization rmsNorm;
    private final RowFactors rowFactors;
    private final Norms norms;
    private final RowTables tables;
    private final Reductions reductions;
    private final Permutation permutation;

    Rows(Team team, Norms norms, RowTables tables) {
        this.team = team;
        this.norms = norms;
        this.tables = tables;
        rmsNorm = new RmsNormalization(team);
        rowFactors = new RowFactors(team);
        reductions = new Reductions(team);
        permutation = new Permutation(team);
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
     * {@link #rmsNorm(HeapTensor, HeapTensor, float, HeapTensor) RMSNorm} without weights.
     *
     * @param x [.., D]
     * @param epsilon ε, finite and at least 0
     * @param y the shape of x; may be x
     */
    public void rmsNorm(HeapTensor x, float epsilon, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            rmsNorm.apply(x, epsilon, y);
        }
    }

    /**
     * LayerNorm of each row: y = (x − mean)/√(variance + ε)·weight + bias. Source: Ba et al., arXiv:1607.06450.
     *
     * <p>The mean is taken twice, so that what all elements have in common does not count: x̂ = (x − mean)/√(variance +
     * ε) is off by about (D/64 + 10)·2⁻²⁴·(1 + |x̂|). Sums are floats: a row of which Σx or Σ(x − mean)² exceeds their
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
            norms.forward(
                    x, Objects.requireNonNull(weight, "weight"), Objects.requireNonNull(bias, "bias"), epsilon, y);
        }
    }

    /**
     * {@link #layerNorm(HeapTensor, HeapTensor, HeapTensor, float, HeapTensor) LayerNorm} without a bias.
     *
     * @param x [.., D]
     * @param weight [D]
     * @param epsilon ε, finite and at least 0
     * @param y the shape of x; may be x
     */
    public void layerNorm(HeapTensor x, HeapTensor weight, float epsilon, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            norms.forward(x, Objects.requireNonNull(weight, "weight"), null, epsilon, y);
        }
    }

    /**
     * {@link #layerNorm(HeapTensor, HeapTensor, HeapTensor, float, HeapTensor) LayerNorm} without weight and bias.
     *
     * @param x [.., D]
     * @param epsilon ε, finite and at least 0
     * @param y the shape of x; may be x
     */
    public void layerNorm(HeapTensor x, float epsilon, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            norms.forward(x, null, null, epsilon, y);
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
     * Σx of each row. The error is at most 24·2⁻²⁴·Σ|x|: blocks of 1024 elements are summed in float, over 64 lanes,
     * and added in double.
     *
     * @param x [.., D]
     * @param out one element a row; must not overlap x
     */
    public void sum(HeapTensor x, HeapTensor out) {
        try (Team.Call _ = team.begin()) {
            reductions.numbers(Reductions.Kind.SUM, x, 0, out);
        }
    }

    /**
     * Σx/D of each row, as {@link #sum}; NaN if D is 0.
     *
     * @param x [.., D]
     * @param out one element a row; must not overlap x
     */
    public void mean(HeapTensor x, HeapTensor out) {
        try (Team.Call _ = team.begin()) {
            reductions.numbers(Reductions.Kind.MEAN, x, 0, out);
        }
    }

    /**
     * Σ(x − mean)²/(D − correction) of each row, within 26·2⁻²⁴ relative: what all elements have in common does not
     * count. NaN if nothing is divided by, or where an element is not finite.
     *
     * @param x [.., D]
     * @param correction what is taken off D: 0, or 1 for a sample of a larger whole
     * @param out one element a row; must not overlap x
     */
    public void variance(HeapTensor x, int correction, HeapTensor out) {
        try (Team.Call _ = team.begin()) {
            reductions.numbers(Reductions.Kind.VARIANCE, x, correction, out);
        }
    }

    /**
     * The largest element of each row: NaN if any is NaN, −∞ if there is none.
     *
     * @param x [.., D]
     * @param out one element a row; must not overlap x
     */
    public void max(HeapTensor x, HeapTensor out) {
        try (Team.Call _ = team.begin()) {
            reductions.numbers(Reductions.Kind.MAX, x, 0, out);
        }
    }

    /**
     * The smallest element of each row: NaN if any is NaN, +∞ if there is none.
     *
     * @param x [.., D]
     * @param out one element a row; must not overlap x
     */
    public void min(HeapTensor x, HeapTensor out) {
        try (Team.Call _ = team.begin()) {
            reductions.numbers(Reductions.Kind.MIN, x, 0, out);
        }
    }

    /**
     * Σ|x| of each row, as {@link #sum}.
     *
     * @param x [.., D]
     * @param out one element a row; must not overlap x
     */
    public void norm1(HeapTensor x, HeapTensor out) {
        try (Team.Call _ = team.begin()) {
            reductions.numbers(Reductions.Kind.NORM_1, x, 0, out);
        }
    }

    /**
     * √Σx² of each row, within 26·2⁻²⁴ relative; no square leaves the range of a float.
     *
     * @param x [.., D]
     * @param out one element a row; must not overlap x
     */
    public void norm2(HeapTensor x, HeapTensor out) {
        try (Team.Call _ = team.begin()) {
            reductions.numbers(Reductions.Kind.NORM_2, x, 0, out);
        }
    }

    /**
     * The largest |x| of each row: NaN if any is NaN, 0 if there is none.
     *
     * @param x [.., D]
     * @param out one element a row; must not overlap x
     */
    public void normInf(HeapTensor x, HeapTensor out) {
        try (Team.Call _ = team.begin()) {
            reductions.numbers(Reductions.Kind.NORM_INF, x, 0, out);
        }
    }

    /**
     * log Σ eˣ of each row, within 2⁻²⁰ + 2⁻²⁴·|result|: the maximum is taken off first. −∞ of nothing and of −∞ alone,
     * +∞ if any is +∞, NaN if any is NaN. {@link Logits#logSumExp} has a temperature, and refuses such rows.
     *
     * @param x [.., D]
     * @param out one element a row; must not overlap x
     */
    public void logSumExp(HeapTensor x, HeapTensor out) {
        try (Team.Call _ = team.begin()) {
            reductions.numbers(Reductions.Kind.LOG_SUM_EXP, x, 0, out);
        }
    }

    /**
     * The index of the largest element of each row; NaN counts as that, and −0 equals +0.
     *
     * @param x [.., D], D at least 1
     * @param last whether the last of equal ones is taken; else the first
     * @param indices receives one a row; longer is fine
     */
    public void argmax(HeapTensor x, boolean last, int[] indices) {
        try (Team.Call _ = team.begin()) {
            reductions.index(Reductions.Kind.ARGMAX, x, last, indices);
        }
    }

    /**
     * The index of the smallest element of each row; NaN counts as that, and −0 equals +0.
     *
     * @param x [.., D], D at least 1
     * @param last whether the last of equal ones is taken; else the first
     * @param indices receives one a row; longer is fine
     */
    public void argmin(HeapTensor x, boolean last, int[] indices) {
        try (Team.Call _ = team.begin()) {
            reductions.index(Reductions.Kind.ARGMIN, x, last, indices);
        }
    }

    /**
     * The k largest or smallest elements of each row, the best first; of equal ones the lower index comes first. NaN
     * counts as larger than +∞, −0 as +0.
     *
     * @param x [.., D]
     * @param k in [1, D]
     * @param largest whether the largest; else the smallest
     * @param values [.., k]; must not overlap x
     * @param indices receives k a row, [rows, k]; longer is fine
     */
    public void topK(HeapTensor x, int k, boolean largest, HeapTensor values, int[] indices) {
        try (Team.Call _ = team.begin()) {
            reductions.topK(x, k, largest, values, indices);
        }
    }

    /**
     * A tensor with its axes in another order: axis i of y is axis {@code axes[i]} of x. With {@code {1, 0}} the
     * transposed matrix.
     *
     * @param x any shape
     * @param axes each axis of x once
     * @param y of that shape; must not overlap x
     */
    public void permute(HeapTensor x, int[] axes, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            permutation.apply(x, axes, y);
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
