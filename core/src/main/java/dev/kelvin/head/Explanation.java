// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import java.util.List;

/**
 * How a pick comes about: what each stage of a chain leaves, and the token in the end.
 *
 * @param seed of the draws
 * @param sequence which of several sequences of the seed
 * @param position the index of the token in its sequence
 * @param before the candidates before the first stage: all that are not masked
 * @param stages the stages in their order, without the pick
 * @param draw the number in [0, 1) that picks
 * @param id the token that it picks
 * @param probability what that token has among the candidates left
 * @param originalProbability what it has in the softmax of the logits at τ = 1
 */
public record Explanation(
        long seed,
        long sequence,
        long position,
        Left before,
        List<Stage> stages,
        double draw,
        int id,
        double probability,
        double originalProbability) {
    /** Copies the list. */
    public Explanation {
        stages = List.copyOf(stages);
    }

    /**
     * What is left at some place of a chain.
     *
     * @param candidates how many
     * @param mass their share of the softmax of the original logits at τ = 1
     * @param entropy of the distribution over them at the temperature so far, in nats
     */
    public record Left(int candidates, double mass, double entropy) {}

    /**
     * A stage and what it leaves.
     *
     * @param sampler the stage
     * @param left the candidates after it
     */
    public record Stage(Sampler sampler, Left left) {}
}
