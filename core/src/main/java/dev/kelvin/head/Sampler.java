// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * A stage between logits and the pick: it narrows the candidates, changes their distribution, or picks. An immutable
 * value without memory; what a stage needs to know of the tokens before, it reads from the {@link Sampling} that
 * applies it.
 */
public sealed interface Sampler
        permits Temperature,
                DynamicTemperature,
                TopK,
                TopP,
                MinP,
                Typical,
                TopNSigma,
                Xtc,
                Mirostat,
                Mirostat1,
                Penalties,
                Dry,
                LogitBias,
                CustomSampler,
                TokenMask,
                Greedy,
                Categorical {
    /**
     * Applies this stage. At least one candidate is left, and those that are keep their order.
     *
     * @param candidates what the stages before have left
     * @param sampling the sequence: its history, its draws, and the state of this stage
     */
    void apply(Candidates candidates, Sampling sampling);

    /** Whether this stage looks at the tokens before. */
    default boolean readsHistory() {
        return false;
    }

    /** The state that this stage has before the first pick of a sequence; 0 for stages that have none. */
    default float initialState() {
        return 0;
    }

    /**
     * The state of this stage after a pick.
     *
     * @param state the state before
     * @param probability what the token picked had among the candidates left
     * @return the state for the next pick
     */
    default float nextState(float state, double probability) {
        return state;
    }
}
