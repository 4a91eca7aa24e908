// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.ops.Compute;
import dev.kelvin.ops.Logits;
import dev.kelvin.ops.TokenPicks;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Tensor;

/**
 * The linear projection to the vocabulary (lm_head): logits = hidden·Wᵀ, or, in the same pass over W, straight to a
 * token. It owns no threads; used by one thread at a time, as its {@link Compute}.
 */
public final class LogitProjection {
    private final Compute compute;
    private final Tensor weight;
    private final HeapTensor bias;
    private final float softCap;
    private HeapTensor changed;
    private final float[] oneTemperature = new float[1];
    private final double[] oneDraw = new double[1];
    private final TokenPicks onePick = TokenPicks.of(1);

    /**
     * A projection.
     *
     * @param compute does the work
     * @param weight [V, D], of any type that {@link Compute#matmul} takes
     * @throws IllegalArgumentException if the weight is not a matrix
     */
    public LogitProjection(Compute compute, Tensor weight) {
        this(compute, weight, null, Float.POSITIVE_INFINITY);
    }

    /**
     * A projection whose logits z + b become c·tanh((z + b)/c). Source of the cap: Gemma 2, arXiv:2408.00118.
     *
     * @param compute does the work
     * @param weight [V, D], of any type that {@link Compute#matmul} takes
     * @param bias b [V]; null for none
     * @param softCap c, positive; +∞ for none
     * @throws IllegalArgumentException if the weight is not a matrix, the bias of another length, or the cap not
     *     positive
     */
    public LogitProjection(Compute compute, Tensor weight, HeapTensor bias, float softCap) {
        if (!(softCap > 0)) {
            throw new IllegalArgumentException("LogitProjection: the soft cap must be positive, got " + softCap);
        }
        if (weight.shape().rank() != 2) {
            throw new IllegalArgumentException(
                    "LogitProjection: weight has shape " + weight.shape() + ", must be [V, D]");
        }
        if (bias != null && (bias.shape().rank() != 1 || bias.columns() != weight.rows())) {
            throw new IllegalArgumentException(
                    "LogitProjection: bias has shape " + bias.shape() + ", must be [" + weight.rows() + "]");
        }
        this.compute = compute;
        this.weight = weight;
        this.bias = bias;
        this.softCap = softCap;
    }

    /**
     * Projects hidden states.
     *
     * @param hidden [B, D]
     * @param logits [B, V], overwritten; may not overlap {@code hidden}
     * @throws IllegalArgumentException if a shape does not fit
     */
    public void forward(HeapTensor hidden, HeapTensor logits) {
        compute.matmul(hidden, weight, logits);
        if (bias != null) {
            compute.rows().addBias(logits, bias);
        }
        if (isCapped()) {
            compute.elements().softCap(logits, softCap, logits);
        }
    }

    private boolean isCapped() {
        return softCap < Float.POSITIVE_INFINITY;
    }

    /** Whether logits are the products and nothing else. */
    private boolean isPlain() {
        return bias == null && !isCapped();
    }

    /**
     * Projects hidden states and picks a token for each from the softmax at its temperature, in one pass over the
     * weights and without storing the [B, V] logits, unless they are capped or have a bias. Token and log-probability
     * are, to the bit, those of {@link #forward} and {@link Logits#pick} for the same draws.
     *
     * @param hidden [B, D]
     * @param temperatures [B], τ in [0, +∞]; 0 picks the lowest id among the largest logits
     * @param draws [B], each in [0, 1), as of {@link CounterRandom#uniform}
     * @param picks of batch B; receives tokens, their log-probabilities and, if it has room, the most probable tokens
     * @throws IllegalArgumentException if a shape does not fit, or a row's logits have NaN or +∞ (naming the row, the
     *     first index and the count) or are all −∞
     */
    public void sample(HeapTensor hidden, float[] temperatures, double[] draws, TokenPicks picks) {
        if (isPlain()) {
            compute.logits().pickProjected(hidden, weight, temperatures, draws, picks);
            return;
        }
        int rows = hidden.rows();
        if (changed == null || changed.rows() < rows) {
            changed = HeapTensor.zeros(rows, vocabSize());
        }
        HeapTensor logits = changed.rowRange(0, rows);
        forward(hidden, logits);
        compute.logits().pick(logits, temperatures, draws, picks);
    }

    /**
     * {@link #sample(HeapTensor, float[], double[], TokenPicks)} for one hidden state.
     *
     * @param hidden [1, D] or [D]
     * @param temperature τ in [0, +∞]
     * @param draw in [0, 1)
     * @return the token
     * @throws IllegalArgumentException as for several
     */
    public int sample(HeapTensor hidden, float temperature, double draw) {
        oneTemperature[0] = temperature;
        oneDraw[0] = draw;
        sample(hidden, oneTemperature, oneDraw, onePick);
        return onePick.token(0);
    }

    /** V. */
    public int vocabSize() {
        return weight.shape().dim(0);
    }

    /** D. */
    public int dim() {
        return weight.shape().dim(1);
    }
}
