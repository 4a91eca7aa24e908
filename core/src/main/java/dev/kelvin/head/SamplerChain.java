// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.List;

/**
 * From logits to a token: samplers in their order, then a pick by one draw.
 *
 * <p>The pick is an inverse transform over the candidates in ascending order of id, summed in double. The token is a
 * pure function of (logits, samplers, seed, sequence, position); threads, lanes and batch have no part in it. Each pick
 * consumes exactly one draw, also from a single candidate. Without samplers it follows the softmax at τ = 1. Greedy is
 * {@code new Temperature(0)}.
 *
 * <p>For one thread at a time.
 */
public final class SamplerChain {
    private final List<Sampler> samplers;
    private final Candidates candidates;
    private int picked = -1;

    /**
     * A chain.
     *
     * @param compute does the softmax
     * @param samplers the stages, first to last
     */
    public SamplerChain(Compute compute, List<Sampler> samplers) {
        this.samplers = List.copyOf(samplers);
        this.candidates = new Candidates(compute);
    }

    /**
     * Picks a token.
     *
     * @param logits [V], unchanged; −∞ masks a token
     * @param seed of the draws
     * @param sequence which of several sequences of the seed
     * @param position the index of the token that is picked
     * @return its id
     * @throws IllegalArgumentException if a logit is NaN or +∞ (naming the first and how many), or if all are masked
     */
    public int pick(HeapTensor logits, long seed, long sequence, long position) {
        candidates.reset(logits);
        for (Sampler sampler : samplers) {
            sampler.apply(candidates);
        }
        picked = candidates.pick(CounterRandom.uniform(seed, sequence, position));
        return candidates.id(picked);
    }

    /** The stages, first to last. */
    public List<Sampler> samplers() {
        return samplers;
    }

    /** What the stages left of the last pick; valid until the next. */
    public Candidates candidates() {
        return candidates;
    }

    /**
     * The probability that the last pick had among the candidates left.
     *
     * @return in (0, 1]
     * @throws IllegalStateException before the first pick
     */
    public float probability() {
        if (picked < 0) {
            throw new IllegalStateException("sampling: nothing was picked yet");
        }
        return candidates.prob(picked);
    }

    /** The stages in brackets, in their order. */
    @Override
    public String toString() {
        return samplers.toString();
    }
}
