// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

/**
 * What becomes of scores between the product of queries with keys and the softmax.
 *
 * @param softCap c, by which a score s becomes c·tanh(s/c) (Gemma 2, arXiv:2408.00118); +∞ leaves it as it is
 * @param sinks [heads], a logit that takes part in the softmax of each head without having a value (StreamingLLM,
 *     arXiv:2309.17453); null for none
 */
public record AttentionScores(float softCap, float[] sinks) {
    /** Neither. */
    public static final AttentionScores PLAIN = new AttentionScores(Float.POSITIVE_INFINITY, null);

    /** Checks the cap. */
    public AttentionScores {
        if (!(softCap > 0)) {
            throw new IllegalArgumentException("attention: the soft cap must be positive, got " + softCap);
        }
    }

    /**
     * Scores that are capped.
     *
     * @param softCap c, positive
     */
    public static AttentionScores softCapped(float softCap) {
        return new AttentionScores(softCap, null);
    }

    /**
     * Softmaxes with a sink.
     *
     * @param sinks a logit a head, not copied
     */
    public static AttentionScores withSinks(float[] sinks) {
        return new AttentionScores(Float.POSITIVE_INFINITY, sinks);
    }

    /** Whether scores are capped. */
    public boolean isCapped() {
        return softCap < Float.POSITIVE_INFINITY;
    }
}
