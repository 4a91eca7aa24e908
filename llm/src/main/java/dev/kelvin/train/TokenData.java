// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.operand.CounterHash;

/**
 * The tokens of a text: a part to train on and a tail that is held out. Which tokens a batch has is a pure function of
 * seed and batch number.
 */
public final class TokenData {
    private final int[] tokens;
    private final int trained;

    /**
     * Tokens of which the last are held out.
     *
     * @param tokens all tokens, not copied
     * @param heldOut the share of the tail, in [0, 1)
     */
    public TokenData(int[] tokens, double heldOut) {
        if (!(heldOut >= 0 && heldOut < 1)) {
            throw new IllegalArgumentException("data: the held-out share must be in [0, 1), got " + heldOut);
        }
        this.tokens = tokens;
        this.trained = tokens.length - (int) (tokens.length * heldOut);
    }

    /** Tokens to train on. */
    public int trainedTokens() {
        return trained;
    }

    /** Tokens of the tail. */
    public int heldOutTokens() {
        return tokens.length - trained;
    }

    /** All tokens; not to be written to. */
    int[] tokens() {
        return tokens;
    }

    /** Whether the part to train on holds a sequence of this length and the label of its last token. */
    boolean holds(int length) {
        return trained > length;
    }

    /** Sequences of the tail that do not overlap. */
    int heldOutSequences(int length) {
        return Math.max(0, (heldOutTokens() - 1) / length);
    }

    /**
     * A batch of random places.
     *
     * @param key of the run's batches
     * @param number of the batch
     * @param length of a sequence
     * @param inputs [B·length], filled
     * @param labels [B·length], filled with the tokens that follow
     */
    void batch(long key, int number, int length, int[] inputs, int[] labels) {
        int sequences = inputs.length / length;
        long places = (long) trained - length;
        for (int b = 0; b < sequences; b++) {
            long bits = Integer.toUnsignedLong(CounterHash.bits(number * sequences + b, key));
            copy((int) ((bits * places) >>> 32), length, b, inputs, labels);
        }
    }

    /** The held-out sequences of these numbers, one for each sequence of the batch. */
    void heldOutBatch(int[] numbers, int length, int[] inputs, int[] labels) {
        for (int b = 0; b < numbers.length; b++) {
            copy(trained + numbers[b] * length, length, b, inputs, labels);
        }
    }

    private void copy(int from, int length, int b, int[] inputs, int[] labels) {
        System.arraycopy(tokens, from, inputs, b * length, length);
        System.arraycopy(tokens, from + 1, labels, b * length, length);
    }
}
