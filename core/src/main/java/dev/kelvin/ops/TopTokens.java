// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

/**
 * The largest logits of each row that one worker has seen, sorted. The order, descending by logit and then ascending by
 * id, is total; so lists of several workers merge into the same list however the work was shared.
 */
final class TopTokens {
    private int top;
    private int[] counts = new int[0];
    private int[] ids = new int[0];
    private float[] logits = new float[0];

    void reset(int rows, int top) {
        this.top = top;
        if (counts.length < rows || logits.length < rows * top) {
            counts = new int[rows];
            ids = new int[rows * top];
            logits = new float[rows * top];
        }
        for (int row = 0; row < rows; row++) {
            counts[row] = 0;
        }
    }

    /** Takes in a piece of a row whose largest logit is {@code max}; −∞ is no candidate. */
    void offer(int row, float[] x, int offset, int length, float max, int firstId) {
        float threshold = threshold(row);
        if (max < threshold) {
            return;
        }
        for (int i = 0; i < length; i++) {
            float logit = x[offset + i];
            if (logit >= threshold && logit > Float.NEGATIVE_INFINITY) {
                insert(row, logit, firstId + i);
                threshold = threshold(row);
            }
        }
    }

    private float threshold(int row) {
        return counts[row] < top ? Float.NEGATIVE_INFINITY : logits[row * top + top - 1];
    }

    private void insert(int row, float logit, int id) {
        int begin = row * top;
        int at = begin + counts[row];
        while (at > begin && (logits[at - 1] < logit || (logits[at - 1] == logit && ids[at - 1] > id))) {
            at--;
        }
        if (at == begin + top) {
            return;
        }
        int last = begin + Math.min(counts[row], top - 1);
        for (int i = last; i > at; i--) {
            logits[i] = logits[i - 1];
            ids[i] = ids[i - 1];
        }
        logits[at] = logit;
        ids[at] = id;
        counts[row] = Math.min(counts[row] + 1, top);
    }

    /** Takes over what another worker has seen of a row. */
    void merge(int row, TopTokens other) {
        for (int i = row * top; i < row * top + other.counts[row]; i++) {
            insert(row, other.logits[i], other.ids[i]);
        }
    }

    /** Copies the tokens of a row and, in place of log-probabilities, its logits. */
    void copyTo(int row, TokenPicks picks) {
        picks.topCounts[row] = counts[row];
        System.arraycopy(ids, row * top, picks.topTokens, row * top, counts[row]);
        System.arraycopy(logits, row * top, picks.topLogProbs, row * top, counts[row]);
    }
}
