// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

/**
 * Grouped-query attention over keys and values that lie in tensors: out = softmax(cap(scale·q·k) + bias)·v for each
 * query. Query head h reads key/value head h/(heads/kvHeads). Made by {@link #of}; each {@code withX} gives a new
 * value.
 *
 * @param q queries [B, T, heads, keyDim], in whatever layout
 * @param k keys [B, S, kvHeads, keyDim], of a tensor of any type that can be decoded, as {@code v}
 * @param v values [B, S, kvHeads, valueDim]
 * @param out [B, T, heads, valueDim], on the heap, overwritten; its tensor overlaps no other
 * @param scale the factor of the scores
 * @param mask what a query sees by its position
 * @param scores soft cap and sinks
 * @param bias what is added to scores, or hides keys; null for none
 * @param keyLengths how many of its S keys each sequence has, [B]; null for all
 * @param positions the position of each sequence's first query among its keys, [B]; null for 0; below 0, a query may
 *     see nothing
 */
public record DenseAttentionCall(
        Heads q,
        Heads k,
        Heads v,
        Heads out,
        float scale,
        AttentionMask mask,
        AttentionScores scores,
        AttentionBias bias,
        int[] keyLengths,
        int[] positions) {
    /**
     * Attention of every query to every key, with scores by 1/√keyDim.
     *
     * @param q queries
     * @param k keys
     * @param v values
     * @param out the result
     */
    public static DenseAttentionCall of(Heads q, Heads k, Heads v, Heads out) {
        float scale = (float) (1 / Math.sqrt(q.dim()));
        return new DenseAttentionCall(
                q, k, v, out, scale, AttentionMask.full(), AttentionScores.PLAIN, null, null, null);
    }

    /** With another factor of the scores. */
    public DenseAttentionCall withScale(float scale) {
        return new DenseAttentionCall(q, k, v, out, scale, mask, scores, bias, keyLengths, positions);
    }

    /** With another mask: causal, a window, both sides. */
    public DenseAttentionCall withMask(AttentionMask mask) {
        return new DenseAttentionCall(q, k, v, out, scale, mask, scores, bias, keyLengths, positions);
    }

    /** With a soft cap or sinks. */
    public DenseAttentionCall withScores(AttentionScores scores) {
        return new DenseAttentionCall(q, k, v, out, scale, mask, scores, bias, keyLengths, positions);
    }

    /** With a bias or a mask of keys. */
    public DenseAttentionCall withBias(AttentionBias bias) {
        return new DenseAttentionCall(q, k, v, out, scale, mask, scores, bias, keyLengths, positions);
    }

    /** With sequences of different lengths. */
    public DenseAttentionCall withKeyLengths(int... keyLengths) {
        return new DenseAttentionCall(q, k, v, out, scale, mask, scores, bias, keyLengths, positions);
    }

    /** With queries that begin elsewhere than at key 0. */
    public DenseAttentionCall withPositions(int... positions) {
        return new DenseAttentionCall(q, k, v, out, scale, mask, scores, bias, keyLengths, positions);
    }

    /**
     * The keys of a sequence.
     *
     * @param sequence b
     */
    public int keyLength(int sequence) {
        return keyLengths == null ? k.rows() : keyLengths[sequence];
    }

    /**
     * The first key that a query sees.
     *
     * @param sequence b
     * @param row t
     */
    public int begin(int sequence, int row) {
        long position = position(sequence, row);
        return (int) Math.clamp(position - mask.before(), 0, (long) keyLength(sequence));
    }

    /**
     * The key after the last that a query sees; not above {@link #begin} if it sees none.
     *
     * @param sequence b
     * @param row t
     */
    public int end(int sequence, int row) {
        long position = position(sequence, row);
        return (int) Math.clamp(position + mask.after() + 1, 0, (long) keyLength(sequence));
    }

    private long position(int sequence, int row) {
        return (positions == null ? 0L : positions[sequence]) + row;
    }
}
