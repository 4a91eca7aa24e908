// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

/**
 * What a query sees of its sequence: at position p, the positions [p − before, p + after] that there are.
 *
 * @param before positions before its own; {@link Integer#MAX_VALUE} for all
 * @param after positions behind its own; {@link Integer#MAX_VALUE} for all
 */
public record AttentionMask(int before, int after) {
    private static final AttentionMask CAUSAL = new AttentionMask(Integer.MAX_VALUE, 0);
    private static final AttentionMask FULL = new AttentionMask(Integer.MAX_VALUE, Integer.MAX_VALUE);

    /** Checks the numbers. */
    public AttentionMask {
        if (before < 0 || after < 0) {
            throw new IllegalArgumentException(
                    "attention: a mask of " + before + " positions before and " + after + " behind a query");
        }
    }

    /** Everything up to the query's own position. */
    public static AttentionMask causal() {
        return CAUSAL;
    }

    /**
     * The last positions, the query's own included. Source: Beltagy et al., arXiv:2004.05150.
     *
     * @param width how many, at least 1
     */
    public static AttentionMask window(int width) {
        return new AttentionMask(width - 1, 0);
    }

    /** The whole sequence, as encoders see it. */
    public static AttentionMask full() {
        return FULL;
    }

    /**
     * As many positions on either side, as encoders with local layers see them.
     *
     * @param each how many on each side
     */
    public static AttentionMask symmetric(int each) {
        return new AttentionMask(each, each);
    }

    /**
     * The first position that a query sees.
     *
     * @param position the query's
     */
    public int begin(int position) {
        return Math.max(0, position - before);
    }

    /**
     * The position after the last that a query sees.
     *
     * @param position the query's
     * @param end the position after the last that the sequence has
     */
    public int end(int position, int end) {
        return after < end - position ? position + after + 1 : end;
    }
}
