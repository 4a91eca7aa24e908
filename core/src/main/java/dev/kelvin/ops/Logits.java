// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.RowKernels;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Tensor;

/**
 * The operations on rows of logits that end in less than a row: a token, a loss, a maximum, a selection. Got from
 * {@link Compute}, whose rules hold here too: results are pure functions of the inputs to the bit, shapes are checked
 * before anything is written, nothing is allocated once scratch has grown, one caller at a time.
 */
public final class Logits {
    /** Elements of a block of {@link #blockMaxima}. */
    public static final int BLOCK = RowKernels.BLOCK;

    private final Team team;
    private final TemperatureSoftmax softmax;
    private final CrossEntropyRows crossEntropy;
    private final TokenPicker picker;
    private final RowMaximum maximum;
    private final RowSelection selection;

    Logits(Team team, TemperatureSoftmax softmax, CrossEntropyRows crossEntropy, RowQuantizer quantizer) {
        this.team = team;
        this.softmax = softmax;
        this.crossEntropy = crossEntropy;
        picker = new TokenPicker(team, quantizer);
        maximum = new RowMaximum(team);
        selection = new RowSelection(team);
    }

    /**
     * log Σ_j exp(z_j/τ) of each row z, in nats, within 2⁻²⁰ + 2⁻²⁴·|result|. A mask of -∞ contributes nothing.
     *
     * <p>At the limits it is the limit of max z/τ + log(ties or candidates): infinite at τ = 0 unless max z is 0.
     *
     * @param logits [.., V]
     * @param temperature τ in [0, +∞]
     * @param out one element a row; must not overlap logits
     * @throws IllegalArgumentException as {@link Compute#softmax}
     */
    public void logSumExp(HeapTensor logits, float temperature, HeapTensor out) {
        try (Team.Call _ = team.begin()) {
            softmax.logSumExp(logits, temperature, out);
        }
    }

    /**
     * The cross-entropy of each row of logits against its label, in nats, not reduced; see {@link CrossEntropyOptions}
     * for the formula. Labels and losses of row r stand at index {@code first + r}.
     *
     * <p>The error is at most 12·2⁻²⁴·(1 + 2λ·|L|), that of the sum of exponentials, and with smoothing ε·38·2⁻²⁴·Σ_j
     * |z_j|/(V·τ) more, as long as Σ_j |z_j| over any 512 logits is within the range of a float.
     *
     * @param logits [N, V], of which -∞ masks a candidate
     * @param temperature τ in [2⁻¹⁰⁰, 2¹⁰⁰]
     * @param labels token ids, or the label that is ignored
     * @param first the index of row 0
     * @param options all but the reduction
     * @param losses receives the losses; 0 for rows that are ignored
     * @throws IllegalArgumentException also if a label is no column, or, once all other rows are done, if a row has NaN
     *     or +∞ or nothing but -∞
     */
    public void crossEntropy(
            HeapTensor logits,
            float temperature,
            int[] labels,
            int first,
            CrossEntropyOptions options,
            double[] losses) {
        try (Team.Call _ = team.begin()) {
            crossEntropy.apply(logits, temperature, labels, first, options, 0, losses, null);
        }
    }

    /**
     * Picks a token for each row of logits from {@link Compute#softmax} at the row's temperature, by inverse transform:
     * the first token, ascending by id, at which the running sum of exponentials exceeds u times their sum. Sums are
     * canonical ones of chunks of 4096, blocks of 512 and single tokens; each token's share of [0, 1) is its
     * probability within a relative 2⁻²⁰.
     *
     * <p>τ = 0 picks the lowest id among the largest logits, at the log-probability -log(ties), τ = +∞ any token whose
     * logit is not -∞. A logit of -∞ is never picked.
     *
     * @param logits [B, V]
     * @param temperatures τ of each row, in [0, +∞]
     * @param draws u of each row, in [0, 1)
     * @param picks receives token, log-probability and the most probable tokens of each row
     * @throws IllegalArgumentException also if a row has NaN or +∞ or no candidate that is not -∞: the message gives
     *     the lowest such row, the first index and the count; nothing is picked then
     */
    public void pick(HeapTensor logits, float[] temperatures, double[] draws, TokenPicks picks) {
        try (Team.Call _ = team.begin()) {
            picker.pick(logits, temperatures, draws, picks);
        }
    }

    /**
     * {@link Compute#matmul} and {@link #pick} in one pass over the weights, without the [B, V] logits: a thread holds
     * those of 4096 tokens at a time. The same tokens, the same bits.
     *
     * @param hidden [B, D]
     * @param weight [V, D], of any type that {@link Compute#matmul} takes
     * @param temperatures τ of each row, in [0, +∞]
     * @param draws u of each row, in [0, 1)
     * @param picks receives token, log-probability and the most probable tokens of each row
     * @throws IllegalArgumentException as {@link #pick}
     */
    public void pickProjected(
            HeapTensor hidden, Tensor weight, float[] temperatures, double[] draws, TokenPicks picks) {
        try (Team.Call _ = team.begin()) {
            picker.pickProjected(hidden, weight, temperatures, draws, picks);
        }
    }

    /**
     * The largest element of a row: NaN if any element is NaN, -∞ if there is no element.
     *
     * @param row [V] or [1, V]
     */
    public float max(HeapTensor row) {
        try (Team.Call _ = team.begin()) {
            return maximum.max("max", row);
        }
    }

    /**
     * The index of the largest logit, the lowest one on a tie.
     *
     * @param row [V] or [1, V]
     * @throws IllegalArgumentException also if the row has NaN or +∞, or nothing but -∞
     */
    public int argmax(HeapTensor row) {
        try (Team.Call _ = team.begin()) {
            return maximum.argmax(row);
        }
    }

    /**
     * The largest element of each block of {@value #BLOCK} elements of a row, NaN where any is NaN; the last block may
     * be shorter. With it, what is large in a row can be found without looking at the rest again.
     *
     * @param row [V] or [1, V]
     * @param maxima receives ⌈V/{@value #BLOCK}⌉ numbers; longer is fine, the row's own array is not
     */
    public void blockMaxima(HeapTensor row, float[] maxima) {
        try (Team.Call _ = team.begin()) {
            selection.blockMaxima(row, maxima);
        }
    }

    /**
     * Collects the elements of a part of a row that are at least a threshold, in ascending order of index.
     *
     * @param row [V] or [1, V]
     * @param begin the first index
     * @param end the index after the last, at most V
     * @param threshold not NaN
     * @param indices receives the indices from place {@code count} on; has room for all of the part
     * @param values receives the elements at the same places; not the row's own array
     * @param count how many stand in both already
     * @return how many stand there then
     */
    public int collectAtLeast(
            HeapTensor row, int begin, int end, float threshold, int[] indices, float[] values, int count) {
        try (Team.Call _ = team.begin()) {
            return selection.collectAtLeast(row, begin, end, threshold, indices, values, count);
        }
    }
}
