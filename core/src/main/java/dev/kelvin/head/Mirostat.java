// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * Mirostat 2: holds the surprise of the text, in bits a token, near a target.
 *
 * <p>It keeps the candidates whose surprise −log₂ pᵢ is at most μ, at the temperature so far, and at least the most
 * probable one. After the pick, μ moves against the error: μ ← μ − rate·(s − target), s = −log₂ p being the surprise of
 * the token picked among those left. A sequence begins with μ = 2·target, which its {@link Sampling} keeps; the same
 * logits, seed and picks before give the same μ.
 *
 * <p>Meant to be the last stage. A rate of 0 holds μ at 2·target.
 *
 * <p>Source: Basu et al., "Mirostat: A Neural Text Decoding Algorithm that Directly Controls Perplexity", 2021; version
 * 2 as in llama.cpp, whose parameters tau and eta these are.
 *
 * @param target bits a token, at least 0, finite
 * @param rate how far an error of one bit moves μ, at least 0, finite
 */
public record Mirostat(float target, float rate) implements Sampler {
    private static final double LN_2 = 0.6931471805599453;

    /** Refuses NaN, infinities and negative numbers. */
    public Mirostat {
        Ranges.atLeast("mirostat", "target", target, 0);
        Ranges.atLeast("mirostat", "rate", rate, 0);
    }

    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        candidates.keepProbable(StrictMath.exp(-sampling.state() * LN_2));
    }

    @Override
    public float initialState() {
        return 2 * target;
    }

    @Override
    public float nextState(float state, double probability) {
        double surprise = -StrictMath.log(probability) / LN_2;
        return (float) (state - rate * (surprise - target));
    }
}
