// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

/**
 * Which token follows which in a synthetic model whose text repeats itself: n tokens, one after the other, then the
 * first again.
 *
 * <p>Branches of such a model end in weights of zero, so that the last hidden row is the embedding's row of the token
 * itself, and the output's row of the token to follow is the same row: their product is √D standard deviations of all
 * others. Control tokens, bytes and what is left of the vocabulary lead into the first cycle and are never said. A
 * temperature makes the text leave its cycle now and then.
 */
record TokenCycle(int length, int vocabSize) {
    /** Control tokens and bytes are before it. */
    private static final int FIRST = 512;

    /** Checks that there is a cycle. */
    TokenCycle {
        if (length < 1 || length >= vocabSize - FIRST) {
            throw new IllegalArgumentException(
                    "synth: a cycle of " + length + " tokens is not in a vocabulary of " + vocabSize);
        }
    }

    /** Whether it is in a cycle; the last of the vocabulary may be a control token. */
    private boolean isSaid(int token) {
        return token >= FIRST && token < FIRST + (vocabSize - 1 - FIRST) / length * length;
    }

    /** The seed of a token's row of the embedding. */
    long embedding(int token) {
        return isSaid(token) ? token : FIRST + length - 1L;
    }

    /** The seed of a token's row of the output: that of the token before it, or one that is no token's. */
    long output(int token) {
        if (!isSaid(token)) {
            return -1L - token;
        }
        return (token - FIRST) % length == 0 ? token + length - 1L : token - 1L;
    }
}
