// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import java.util.Arrays;

/**
 * What was picked for each row of a batch: a token, its log-probability and, if asked for, the most probable tokens
 * with theirs. Filled anew by each pick, so that a loop makes none; for one thread.
 */
public final class TokenPicks {
    private final int batch;
    private final int top;
    final int[] tokens;
    final float[] logProbs;
    final int[] topCounts;
    final int[] topTokens;

    /** While a pick goes on, logits. */
    final float[] topLogProbs;

    private TokenPicks(int batch, int top) {
        if (batch < 0 || top < 0) {
            throw new IllegalArgumentException(
                    "TokenPicks: batch and top must not be negative, got " + batch + " and " + top);
        }
        this.batch = batch;
        this.top = top;
        this.tokens = new int[batch];
        this.logProbs = new float[batch];
        this.topCounts = new int[batch];
        this.topTokens = new int[Math.multiplyExact(batch, top)];
        this.topLogProbs = new float[batch * top];
        Arrays.fill(tokens, -1);
    }

    /**
     * Room for one token a row.
     *
     * @param batch the number of rows
     */
    public static TokenPicks of(int batch) {
        return new TokenPicks(batch, 0);
    }

    /**
     * Room for one token a row, and the most probable ones.
     *
     * @param batch the number of rows
     * @param top how many of the most probable tokens are wanted of each row
     */
    public static TokenPicks withTop(int batch, int top) {
        return new TokenPicks(batch, top);
    }

    /** The number of rows. */
    public int batch() {
        return batch;
    }

    /** How many of the most probable tokens are kept of each row. */
    public int top() {
        return top;
    }

    /** The token picked for a row; −1 before the first pick. */
    public int token(int row) {
        return tokens[row];
    }

    /** Its log-probability, in nats: the bits of {@link Compute#logSoftmax} at its place. */
    public float logProb(int row) {
        return logProbs[row];
    }

    /** How many tokens {@link #topToken} knows of a row: {@link #top}, or less if not so many are candidates. */
    public int topCount(int row) {
        return topCounts[row];
    }

    /**
     * A token by its rank: descending by logit, then ascending by id.
     *
     * @param row the row
     * @param rank from 0 to {@code topCount(row) − 1}
     */
    public int topToken(int row, int rank) {
        return topTokens[at(row, rank)];
    }

    /**
     * Its log-probability, in nats.
     *
     * @param row the row
     * @param rank from 0 to {@code topCount(row) − 1}
     */
    public float topLogProb(int row, int rank) {
        return topLogProbs[at(row, rank)];
    }

    private int at(int row, int rank) {
        if (rank < 0 || rank >= topCounts[row]) {
            throw new IndexOutOfBoundsException("rank " + rank + " of " + topCounts[row]);
        }
        return row * top + rank;
    }
}
