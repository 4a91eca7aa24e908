// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.operand.AdamWStep;
import dev.kelvin.operand.SequenceAttentionCall;
import dev.kelvin.tensor.HeapTensor;

/**
 * The operations that only training needs: derivatives, attention over whole sequences, the optimizer. Got from
 * {@link Compute#training}, whose rules hold here too: results are pure functions of the inputs to the bit, shapes are
 * checked before anything is written, nothing is allocated once scratch has grown, one caller at a time.
 *
 * <p>For y = f(x), dy stands for the derivative of the loss by y. "Added to" means that the derivative is added to what
 * the tensor holds, which is how branches that read one value join.
 */
public final class Training {
    private final Team team;
    private final NormGradient norm;
    private final ElementGradient elements;
    private final RowGradient rows;
    private final SequenceAttentionTask attention;
    private final SquaredNorm squaredNorm;

    Training(Team team) {
        this.team = team;
        norm = new NormGradient(team);
        elements = new ElementGradient(team);
        rows = new RowGradient(team);
        attention = new SequenceAttentionTask(team);
        squaredNorm = new SquaredNorm(team);
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
            norm.forward(x, weight, bias, epsilon, y);
        }
    }

    /**
     * The derivative of {@link #layerNorm}.
     *
     * @param x [R, D], as in the forward pass
     * @param weight [D]
     * @param epsilon ε
     * @param dy [R, D]
     * @param dx [R, D], added to
     * @param dWeight [D], added to
     * @param dBias [D], added to
     */
    public void layerNormBackward(
            HeapTensor x,
            HeapTensor weight,
            float epsilon,
            HeapTensor dy,
            HeapTensor dx,
            HeapTensor dWeight,
            HeapTensor dBias) {
        try (Team.Call _ = team.begin()) {
            norm.backward("layerNormBackward", x, weight, epsilon, dy, dx, dWeight, dBias);
        }
    }

    /**
     * The derivative of {@link Compute#rmsNorm}.
     *
     * @param x [R, D], as in the forward pass
     * @param weight [D]
     * @param epsilon ε
     * @param dy [R, D]
     * @param dx [R, D], added to
     * @param dWeight [D], added to
     */
    public void rmsNormBackward(
            HeapTensor x, HeapTensor weight, float epsilon, HeapTensor dy, HeapTensor dx, HeapTensor dWeight) {
        try (Team.Call _ = team.begin()) {
            norm.backward("rmsNormBackward", x, weight, epsilon, dy, dx, dWeight, null);
        }
    }

    /**
     * The derivative of {@link Compute#swiGlu}.
     *
     * @param gate any shape, as in the forward pass
     * @param up the shape of gate
     * @param dy the shape of gate
     * @param dGate overwritten; may be gate
     * @param dUp overwritten; may be up
     */
    public void swiGluBackward(HeapTensor gate, HeapTensor up, HeapTensor dy, HeapTensor dGate, HeapTensor dUp) {
        try (Team.Call _ = team.begin()) {
            elements.swiGluBackward(gate, up, dy, dGate, dUp);
        }
    }

    /**
     * y = x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2, element by element. Source: Hendrycks and Gimpel, arXiv:1606.08415.
     *
     * @param x any shape
     * @param y the shape of x; may be x
     */
    public void gelu(HeapTensor x, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            elements.gelu(x, y);
        }
    }

    /**
     * The derivative of {@link #gelu}, finite for every x: 1 and 0 at its ends.
     *
     * @param x any shape, as in the forward pass
     * @param dy the shape of x
     * @param dx overwritten; may be x or dy
     */
    public void geluBackward(HeapTensor x, HeapTensor dy, HeapTensor dx) {
        try (Team.Call _ = team.begin()) {
            elements.geluBackward(x, dy, dx);
        }
    }

    /**
     * Dropout: each element is 0 with probability {@code rate} and x/(1 − rate) otherwise, by a mask that is a pure
     * function of the key and the element's index. Its derivative is the same call on dy. Source: Srivastava et al.,
     * JMLR 15, 2014.
     *
     * @param x any shape
     * @param rate in [0, 1)
     * @param key one for each use; see {@link dev.kelvin.operand.CounterHash#derive}
     * @param y the shape of x; may be x
     */
    public void dropout(HeapTensor x, float rate, long key, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            elements.dropout(x, rate, key, y);
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
            rows.addBias(x, bias);
        }
    }

    /**
     * The derivative by a bias: the sum of the rows, ascending.
     *
     * @param dy [R, N]
     * @param dBias [N], added to
     */
    public void biasBackward(HeapTensor dy, HeapTensor dBias) {
        try (Team.Call _ = team.begin()) {
            rows.biasBackward(dy, dBias);
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
            rows.embedding(table, ids, x);
        }
    }

    /**
     * The derivative of {@link #embedding}: each row of dx is added to the row of its id, ascending in r.
     *
     * @param dx [R, D]
     * @param ids [R], each in [0, V)
     * @param dTable [V, D], added to
     */
    public void embeddingBackward(HeapTensor dx, int[] ids, HeapTensor dTable) {
        try (Team.Call _ = team.begin()) {
            rows.embeddingBackward(dx, ids, dTable);
        }
    }

    /**
     * Causal grouped-query attention over whole sequences.
     *
     * @param call tensors and sizes; {@code out} is overwritten and overlaps nothing else
     */
    public void attention(SequenceAttentionCall call) {
        try (Team.Call _ = team.begin()) {
            attention.forward(call);
        }
    }

    /**
     * The derivative of {@link #attention}. Probabilities are computed again, block by block; no [T, T] matrix is
     * stored.
     *
     * @param call as in the forward pass
     * @param dOut the shape of q
     * @param dQ the shape of q, overwritten
     * @param dK the shape of k, overwritten
     * @param dV the shape of v, overwritten
     */
    public void attentionBackward(
            SequenceAttentionCall call, HeapTensor dOut, HeapTensor dQ, HeapTensor dK, HeapTensor dV) {
        try (Team.Call _ = team.begin()) {
            attention.backward(call, dOut, dQ, dK, dV);
        }
    }

    /**
     * The sum of squares Σx². Chunks of 4096 elements are dot products in float; chunks are added in double, ascending.
     * +∞ or NaN if the squares of a chunk exceed the range of a float.
     *
     * @param x any shape
     */
    public double squaredNorm(HeapTensor x) {
        try (Team.Call _ = team.begin()) {
            return squaredNorm.apply(x);
        }
    }

    /**
     * y = x·factor, element by element.
     *
     * @param x any shape
     * @param factor any number
     * @param y the shape of x; may be x
     */
    public void scale(HeapTensor x, float factor, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            elements.scale(x, factor, y);
        }
    }

    /**
     * Sets every element to +0.
     *
     * @param x any shape
     */
    public void clear(HeapTensor x) {
        try (Team.Call _ = team.begin()) {
            elements.clear(x);
        }
    }

    /**
     * A step of AdamW, element by element. All four tensors begin at the same offset in their arrays.
     *
     * @param parameters any shape, changed
     * @param gradients the shape of parameters
     * @param firstMoments the shape of parameters, changed
     * @param secondMoments the shape of parameters, changed; not negative
     * @param step the numbers of the step, set
     */
    public void adamW(
            HeapTensor parameters,
            HeapTensor gradients,
            HeapTensor firstMoments,
            HeapTensor secondMoments,
            AdamWStep step) {
        try (Team.Call _ = team.begin()) {
            elements.adamW(parameters, gradients, firstMoments, secondMoments, step);
        }
    }
}
