// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AdamWStep;
import dev.kelvin.operand.SequenceAttentionCall;
import dev.kelvin.tensor.HeapTensor;
import java.util.Objects;

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
    private final MatmulBackward matmulBackward;
    private final SoftmaxBackward softmaxBackward;
    private final CrossEntropyRows crossEntropy;
    private final Norms norms;
    private final ElementGradient elements;
    private final RowTables tables;
    private final SequenceAttentionTask attention;
    private final SquaredNorm squaredNorm;

    Training(Team team, CrossEntropyRows crossEntropy, Norms norms, RowTables tables) {
        this.team = team;
        this.crossEntropy = crossEntropy;
        this.norms = norms;
        this.tables = tables;
        matmulBackward = new MatmulBackward(team);
        softmaxBackward = new SoftmaxBackward(team);
        elements = new ElementGradient(team);
        attention = new SequenceAttentionTask(team);
        squaredNorm = new SquaredNorm(team);
    }

    /**
     * The gradient of {@link Compute#matmul} by its input: dX = dY·W, or dX += dY·W.
     *
     * <p>Each sum is one chain of fused multiply-adds, ascending in n, from +0 or from the value that is there: summing
     * N in consecutive pieces, one accumulating call each, gives the same bits as one call. The error is at most
     * N·2⁻²⁴·Σₙ |dy[m, n]·w[n, k]|, up to terms of second order.
     *
     * @param dy the gradient of the output [M, N]
     * @param w [N, K]
     * @param dx [M, K]; must overlap neither dy nor w
     * @param accumulate whether to add to dx; else it is overwritten
     */
    public void matmulBackwardInput(HeapTensor dy, HeapTensor w, HeapTensor dx, boolean accumulate) {
        try (Team.Call _ = team.begin()) {
            matmulBackward.input(dy, w, dx, accumulate);
        }
    }

    /**
     * The gradient of {@link Compute#matmul} by its weights: dW = dYᵀ·X, or dW += dYᵀ·X.
     *
     * <p>Each sum is one chain of fused multiply-adds, ascending in m, from +0 or from the value that is there: summing
     * M in consecutive pieces, one accumulating call each, gives the same bits as one call. The error is at most
     * M·2⁻²⁴·Σₘ |dy[m, n]·x[m, k]|, up to terms of second order.
     *
     * @param dy the gradient of the output [M, N]
     * @param x [M, K]
     * @param dw [N, K]; must overlap neither dy nor x
     * @param accumulate whether to add to dw; else it is overwritten
     */
    public void matmulBackwardWeight(HeapTensor dy, HeapTensor x, HeapTensor dw, boolean accumulate) {
        try (Team.Call _ = team.begin()) {
            matmulBackward.weight(dy, x, dw, accumulate);
        }
    }

    /**
     * The gradient of {@link Compute#softmax} by its logits: dz_i = p_i·(dp_i - Σ_j p_j·dp_j)/τ.
     *
     * <p>τ = +∞ gives 0. τ = 0 is refused: where logits tie, the gradient has no limit. The error is at most
     * 45·2⁻²⁴·p_i (|dp_i| + Σ_j p_j·|dp_j|)/τ, beside that of the probabilities, and 2⁻¹⁴⁹·(1 + 1/τ) where products are
     * subnormal.
     *
     * @param probs the result of {@link Compute#softmax} [.., V]
     * @param dProbs the gradient by the probabilities, of the shape of probs
     * @param temperature τ in (0, +∞], that of the softmax
     * @param dLogits the shape of probs; may be probs or dProbs
     */
    public void softmaxBackward(HeapTensor probs, HeapTensor dProbs, float temperature, HeapTensor dLogits) {
        try (Team.Call _ = team.begin()) {
            softmaxBackward.softmax(probs, dProbs, temperature, dLogits);
        }
    }

    /**
     * The gradient of {@link Compute#logSoftmax} by its logits: dz_i = (dl_i - p_i·Σ_j dl_j)/τ with p_i =
     * exp(logProbs_i).
     *
     * <p>τ = +∞ gives 0, τ = 0 is refused, as by {@link #softmaxBackward}. The error is at most 45·2⁻²⁴·(|dl_i| +
     * p_i·Σ_j |dl_j|)/τ, beside that of the log-probabilities, and 2⁻¹⁴⁹·(1 + 1/τ) where products are subnormal.
     *
     * @param logProbs the result of {@link Compute#logSoftmax} [.., V]
     * @param dLogProbs the gradient by the log-probabilities, of the shape of logProbs
     * @param temperature τ in (0, +∞], that of the log-softmax
     * @param dLogits the shape of logProbs; may be logProbs or dLogProbs
     */
    public void logSoftmaxBackward(HeapTensor logProbs, HeapTensor dLogProbs, float temperature, HeapTensor dLogits) {
        try (Team.Call _ = team.begin()) {
            softmaxBackward.logSoftmax(logProbs, dLogProbs, temperature, dLogits);
        }
    }

    /**
     * The gradient by the temperature of what depends on the logits z through softmax or log-softmax alone: ∂/∂τ = -Σ_i
     * (z_i - max z)·dz_i/τ, over all rows, in double. The shift changes nothing, since there the gradient of a row sums
     * to 0, and spares digits.
     *
     * @param logits z [.., V]; -∞ does not count
     * @param dLogits the gradient by the logits, of the shape of logits
     * @param temperature τ in (0, +∞]
     * @return ∂/∂τ, summed over the rows
     */
    public double temperatureGradient(HeapTensor logits, HeapTensor dLogits, float temperature) {
        try (Team.Call _ = team.begin()) {
            return softmaxBackward.temperatureGradient(logits, dLogits, temperature);
        }
    }

    /**
     * {@link Logits#crossEntropy} with its gradient by the logits: dz_i = g/τ·(p_i·(1 + 2λ·L) - (1 - ε)·[i = y] - ε/V).
     * Rows that are ignored get zeros.
     *
     * <p>p_i is 0 for a mask of -∞, whatever g, τ and λ, and for a logit of which p_i is below some 2⁻¹⁵⁵. What exceeds
     * the range of a float becomes infinite; g/τ beyond 2⁶⁰⁰ counts as that.
     *
     * @param logits [N, V]
     * @param temperature τ in [2⁻¹⁰⁰, 2¹⁰⁰]
     * @param labels token ids, or the label that is ignored
     * @param first the index of row 0
     * @param options all but the reduction
     * @param lossGradient g, the gradient by the loss of each row; not NaN
     * @param losses receives the losses
     * @param dLogits the shape of logits; may be logits
     * @throws IllegalArgumentException as {@link Logits#crossEntropy}; faulty rows of {@code dLogits} are not written
     */
    public void crossEntropyBackward(
            HeapTensor logits,
            float temperature,
            int[] labels,
            int first,
            CrossEntropyOptions options,
            double lossGradient,
            double[] losses,
            HeapTensor dLogits) {
        try (Team.Call _ = team.begin()) {
            crossEntropy.apply(
                    logits,
                    temperature,
                    labels,
                    first,
                    options,
                    lossGradient,
                    losses,
                    Objects.requireNonNull(dLogits, "dLogits"));
        }
    }

    /**
     * The derivative of {@link Rows#layerNorm}.
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
            norms.backward("layerNormBackward", x, weight, epsilon, dy, dx, dWeight, dBias);
        }
    }

    /**
     * The derivative of {@link Rows#rmsNorm}.
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
            norms.backward("rmsNormBackward", x, weight, epsilon, dy, dx, dWeight, null);
        }
    }

    /**
     * The derivative of SwiGLU, {@link Elements#gated} with SiLU.
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
     * The derivative of GELU in the form with tanh, finite for every x: 1 and 0 at its ends.
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
     * The derivative of {@link Elements#activate}: dx = dy·f′(x). Slopes are within 2⁻²⁰ of the exact ones, relative to
     * the larger of 1 and theirs. At a kink it is that of the left side: 0 for RELU and, as a compromise, for ABS at 0.
     *
     * @param f the function
     * @param x any shape, as in the forward pass
     * @param dy the shape of x
     * @param dx overwritten; may be x or dy
     */
    public void activateBackward(Activation f, HeapTensor x, HeapTensor dy, HeapTensor dx) {
        try (Team.Call _ = team.begin()) {
            elements.activateBackward(Objects.requireNonNull(f, "f"), x, dy, dx);
        }
    }

    /**
     * The derivative of {@link Elements#leakyRelu}: dy where x is above 0, else dy·slope.
     *
     * @param x any shape, as in the forward pass
     * @param slope as in the forward pass
     * @param dy the shape of x
     * @param dx overwritten; may be x or dy
     */
    public void leakyReluBackward(HeapTensor x, float slope, HeapTensor dy, HeapTensor dx) {
        try (Team.Call _ = team.begin()) {
            elements.leakyReluBackward(x, slope, dy, dx);
        }
    }

    /**
     * The derivative of {@link Elements#clip}: dy where lower ≤ x ≤ upper, else dy·0.
     *
     * @param x any shape, as in the forward pass
     * @param lower as in the forward pass
     * @param upper as in the forward pass
     * @param dy the shape of x
     * @param dx overwritten; may be x or dy
     */
    public void clipBackward(HeapTensor x, float lower, float upper, HeapTensor dy, HeapTensor dx) {
        try (Team.Call _ = team.begin()) {
            elements.clipBackward(x, lower, upper, dy, dx);
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
     * The derivative by a bias: the sum of the rows, ascending.
     *
     * @param dy [R, N]
     * @param dBias [N], added to
     */
    public void biasBackward(HeapTensor dy, HeapTensor dBias) {
        try (Team.Call _ = team.begin()) {
            tables.biasBackward(dy, dBias);
        }
    }

    /**
     * The derivative of {@link Rows#embedding}: each row of dx is added to the row of its id, ascending in r.
     *
     * @param dx [R, D]
     * @param ids [R], each in [0, V)
     * @param dTable [V, D], added to
     */
    public void embeddingBackward(HeapTensor dx, int[] ids, HeapTensor dTable) {
        try (Team.Call _ = team.begin()) {
            tables.embeddingBackward(dx, ids, dTable);
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
