// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import java.util.Arrays;

/**
 * Mirostat 1: holds the surprise of the text, in bits a token, near a target, by how many candidates are kept.
 *
 * <p>It takes the probabilities for those of Zipf's law, pᵢ ∝ i^−s, and finds s by least squares over the logarithms of
 * the {@value #RANKS} largest. Then it keeps the k most probable, at least one, k being what makes the surprise of such
 * a law μ: k = ((s−1)·2^μ / (1 − V^−(s−1)))^(1/s). After the pick, μ moves as {@link Mirostat}'s does.
 *
 * <p>Meant to be the last stage. A rate of 0 holds μ at 2·target.
 *
 * <p>Source: Basu et al., "Mirostat: A Neural Text Decoding Algorithm that Directly Controls Perplexity", 2021,
 * algorithm 1 as in llama.cpp, whose parameters tau, eta and m (100) these are.
 *
 * @param target bits a token, at least 0, finite
 * @param rate how far an error of one bit moves μ, at least 0, finite
 */
public record Mirostat1(float target, float rate) implements Sampler {
    private static final int RANKS = 100;

    /** Refuses NaN, infinities and negative numbers. */
    public Mirostat1 {
        Ranges.atLeast("mirostat", "target", target, 0);
        Ranges.atLeast("mirostat", "rate", rate, 0);
    }

    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        float[] largest = largest(candidates.probs(), candidates.count());
        double kept = ranks(exponent(largest), sampling.state(), candidates.vocabSize());
        // Not so for NaN, which is what a single candidate gives.
        if (kept < candidates.count()) {
            candidates.keepMostLikely(Math.max(1, (int) kept));
        }
    }

    /** The largest numbers, the largest first. */
    private static float[] largest(float[] probs, int count) {
        float[] ascending = Arrays.copyOf(probs, Math.min(RANKS, count));
        Arrays.sort(ascending);
        for (int i = ascending.length; i < count; i++) {
            if (probs[i] > ascending[0]) {
                int at = 1;
                while (at < ascending.length && ascending[at] < probs[i]) {
                    ascending[at - 1] = ascending[at++];
                }
                ascending[at - 1] = probs[i];
            }
        }
        float[] largest = new float[ascending.length];
        for (int i = 0; i < largest.length; i++) {
            largest[i] = ascending[largest.length - 1 - i];
        }
        return largest;
    }

    /** s of the law nearest to these probabilities; those of 0 are left out. */
    private static double exponent(float[] largest) {
        double products = 0;
        double squares = 0;
        for (int i = 0; i + 1 < largest.length && largest[i + 1] > 0; i++) {
            double ranks = StrictMath.log((i + 2.0) / (i + 1.0));
            double fall = StrictMath.log((double) largest[i] / largest[i + 1]);
            products += ranks * fall;
            squares += ranks * ranks;
        }
        return products / squares;
    }

    private static double ranks(double exponent, double bits, int vocabSize) {
        double excess = exponent - 1;
        return StrictMath.pow(
                excess * StrictMath.pow(2, bits) / (1 - StrictMath.pow(vocabSize, -excess)), 1 / exponent);
    }

    @Override
    public float initialState() {
        return 2 * target;
    }

    @Override
    public float nextState(float state, double probability) {
        return new Mirostat(target, rate).nextState(state, probability);
    }
}
