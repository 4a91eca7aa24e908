// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.operand.LossOptions;
import dev.kelvin.tensor.HeapTensor;
import java.util.Objects;

/**
 * Losses of classified rows, and their gradients beside them. Got from {@link Compute}, whose rules hold here too:
 * results are pure functions of the inputs to the bit, shapes are checked before anything is written, nothing is
 * allocated once scratch has grown, one caller at a time.
 *
 * <p>With a row's logits z over C classes and L = ln Σ_j exp(z_j), its loss is Σ_j q_j·(L − z_j), in nats. Of a label
 * y, q_j = ((1 − ε)·[j = y] + ε/C)·w_j, with the weights w and the smoothing ε of {@link LossOptions}; of a target t,
 * q_j = ((1 − ε)·t_j + ε/C)·w_j. The error of L is at most 15·2⁻²⁴ + 2⁻²⁴·|L|; all that follows is in double. A row
 * with NaN or +∞, or with nothing but −∞, has the loss NaN. The losses of a model over its whole vocabulary, fused with
 * its projection, are {@link dev.kelvin.head.CrossEntropy}.
 */
public final class Losses {
    private final Team team;
    private final LossRows rows;

    Losses(Team team) {
        this.team = team;
        rows = new LossRows(team);
    }

    /**
     * The cross-entropy of rows of logits with labels.
     *
     * @param logits [N, C]; −∞ is a class of probability 0
     * @param labels [N], each in [0, C) or ignored; longer is fine
     * @param options weights, ignored label, smoothing, reduction
     * @param losses receives the loss of each row, 0 for ignored ones, [N]; null if nobody wants them
     * @return the sum or the mean; NaN without a reduction, and as the mean of nothing
     */
    public double crossEntropy(HeapTensor logits, int[] labels, LossOptions options, HeapTensor losses) {
        try (Team.Call _ = team.begin()) {
            Objects.requireNonNull(labels, "labels");
            return rows.forward("crossEntropy", logits, labels, null, options, losses);
        }
    }

    /**
     * The cross-entropy of rows of logits with a distribution as the target of each.
     *
     * @param logits [N, C]; −∞ is a class of probability 0
     * @param targets [N, C], usually with a sum of 1 a row
     * @param options weights, smoothing, reduction; a mean is over all rows
     * @param losses receives the loss of each row [N]; null if nobody wants them
     * @return the sum or the mean; NaN without a reduction
     */
    public double crossEntropy(HeapTensor logits, HeapTensor targets, LossOptions options, HeapTensor losses) {
        try (Team.Call _ = team.begin()) {
            Objects.requireNonNull(targets, "targets");
            return rows.forward("crossEntropy", logits, null, targets, options, losses);
        }
    }

    /**
     * The loss of rows of log-probabilities that are given, not computed from logits: L is 0.
     *
     * @param logProbs [N, C]
     * @param labels [N], each in [0, C) or ignored; longer is fine
     * @param options weights, ignored label, smoothing, reduction
     * @param losses receives the loss of each row, 0 for ignored ones, [N]; null if nobody wants them
     * @return the sum or the mean; NaN without a reduction, and as the mean of nothing
     */
    public double negativeLogLikelihood(HeapTensor logProbs, int[] labels, LossOptions options, HeapTensor losses) {
        try (Team.Call _ = team.begin()) {
            Objects.requireNonNull(labels, "labels");
            return rows.forward("negativeLogLikelihood", logProbs, labels, null, options, losses);
        }
    }

    /**
     * The gradient of {@link #crossEntropy(HeapTensor, int[], LossOptions, HeapTensor)} by its logits: dz_i =
     * g·(p_i·Σ_j q_j − q_i), over what a mean divides by; 0 for ignored rows.
     *
     * @param logits [N, C]
     * @param labels [N]
     * @param options as in the forward pass; without a reduction, of the sum
     * @param lossGradient g, the gradient by the loss; a magnitude up to 2⁶⁴
     * @param dLogits the shape of logits, overwritten; may be logits
     */
    public void crossEntropyBackward(
            HeapTensor logits, int[] labels, LossOptions options, double lossGradient, HeapTensor dLogits) {
        try (Team.Call _ = team.begin()) {
            Objects.requireNonNull(labels, "labels");
            rows.backward("crossEntropyBackward", logits, labels, null, options, lossGradient, dLogits);
        }
    }

    /**
     * The gradient of {@link #crossEntropy(HeapTensor, HeapTensor, LossOptions, HeapTensor)} by its logits, as that
     * with labels.
     *
     * @param logits [N, C]
     * @param targets [N, C]
     * @param options as in the forward pass; without a reduction, of the sum
     * @param lossGradient g, the gradient by the loss; a magnitude up to 2⁶⁴
     * @param dLogits the shape of logits, overwritten; may be logits
     */
    public void crossEntropyBackward(
            HeapTensor logits, HeapTensor targets, LossOptions options, double lossGradient, HeapTensor dLogits) {
        try (Team.Call _ = team.begin()) {
            Objects.requireNonNull(targets, "targets");
            rows.backward("crossEntropyBackward", logits, null, targets, options, lossGradient, dLogits);
        }
    }

    /**
     * The gradient of {@link #negativeLogLikelihood} by its log-probabilities: −g·q_i, over what a mean divides by.
     *
     * @param logProbs [N, C]
     * @param labels [N]
     * @param options as in the forward pass; without a reduction, of the sum
     * @param lossGradient g, the gradient by the loss
     * @param dLogProbs the shape of logProbs, overwritten; may be logProbs
     */
    public void negativeLogLikelihoodBackward(
            HeapTensor logProbs, int[] labels, LossOptions options, double lossGradient, HeapTensor dLogProbs) {
        try (Team.Call _ = team.begin()) {
            Objects.requireNonNull(labels, "labels");
            rows.backward("negativeLogLikelihoodBackward", logProbs, labels, null, options, lossGradient, dLogProbs);
        }
    }
}
