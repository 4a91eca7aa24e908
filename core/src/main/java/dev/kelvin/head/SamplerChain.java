// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.ops.Compute;
import java.util.List;

/**
 * Samplers in their order: an immutable value, and the order is part of it. {@link #start} makes the {@link Sampling}
 * that applies it to one sequence.
 *
 * <p>Whatever the samplers leave, one is picked from by one draw; {@link Categorical} says how. A chain without
 * samplers follows the softmax at τ = 1.
 *
 * @param samplers the stages, first to last; the list is copied
 */
public record SamplerChain(List<Sampler> samplers) {
    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if {@link Categorical} is not the last
     */
    public SamplerChain {
        samplers = List.copyOf(samplers);
        for (int i = 0; i < samplers.size() - 1; i++) {
            if (samplers.get(i) instanceof Categorical) {
                throw new IllegalArgumentException(
                        "sampler chain: " + samplers.get(i + 1) + " comes after the pick by Categorical");
            }
        }
    }

    /** A chain of these stages, first to last. */
    public static SamplerChain of(Sampler... samplers) {
        return new SamplerChain(List.of(samplers));
    }

    /**
     * Whether the chain is no more than a pick from the softmax at one temperature, the limits included: then
     * {@link Sampling#sample} goes from hidden state to token without logits.
     */
    public boolean isTemperatureOnly() {
        return temperature() >= 0;
    }

    /** The temperature if there is nothing else; NaN otherwise. */
    public float temperature() {
        boolean categorical = !samplers.isEmpty() && samplers.getLast() instanceof Categorical;
        int stages = categorical ? samplers.size() - 1 : samplers.size();
        if (stages == 0) {
            return 1;
        }
        if (stages == 1 && samplers.getFirst() instanceof Temperature temperature) {
            return temperature.value();
        }
        return stages == 1 && samplers.getFirst() instanceof Greedy ? 0 : Float.NaN;
    }

    /**
     * Begins a sequence.
     *
     * @param compute does the softmax; used by one thread at a time
     * @param seed of the draws
     * @param sequence which of several sequences of the seed
     * @return the sequence, at position 0
     */
    public Sampling start(Compute compute, long seed, long sequence) {
        return new Sampling(compute, this, seed, sequence);
    }

    /** The stages in brackets, in their order. */
    @Override
    public String toString() {
        return samplers.toString();
    }
}
