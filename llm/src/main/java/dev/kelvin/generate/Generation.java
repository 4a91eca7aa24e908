// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

/**
 * What a generation did, and how long it took.
 *
 * @param promptTokens ids of the prompt, an added BOS included
 * @param cachedTokens how many of them did not go through the model, as others had begun alike
 * @param generatedTokens ids that were made; the one that ended the text is not among them
 * @param decodeSteps single-token passes through the model after the prompt
 * @param promptNanos ns from the start to the first pick, or to the end of the prompt's pass if no token was picked
 * @param generationNanos ns from there to the end: every later pick, every decode step and the listener
 * @param firstTokenNanos ns from the start to the first pick; 0 if no token was picked
 * @param stopReason why it ended
 */
public record Generation(
        int promptTokens,
        int cachedTokens,
        int generatedTokens,
        int decodeSteps,
        long promptNanos,
        long generationNanos,
        long firstTokenNanos,
        StopReason stopReason) {

    /** Tokens of the prompt that were computed a second; 0 if no time passed. */
    public double promptTokensPerSecond() {
        return perSecond(promptTokens - cachedTokens, promptNanos);
    }

    /** Decode steps a second (the first token comes from the prompt's pass, not from a step); 0 if no time passed. */
    public double generatedTokensPerSecond() {
        return perSecond(decodeSteps, generationNanos);
    }

    private static double perSecond(int count, long nanos) {
        return nanos <= 0 ? 0 : count * 1e9 / nanos;
    }
}
