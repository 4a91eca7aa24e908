// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.KvPool;
import dev.kelvin.ops.Compute;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Guesses what texts go on with. The pass that makes the next token of a text checks the guess beside it, since rows of
 * one pass have the bits of rows of several: a guess that is wrong costs its row and changes nothing. For the engine's
 * thread.
 */
interface Proposer {
    /**
     * What guesses for an engine.
     *
     * @param draft the model that does; null for what texts have said themselves
     * @param pool of the draft model
     * @throws IllegalArgumentException if a draft model is to guess nothing
     */
    static Proposer of(Decoder draft, Compute compute, KvPool pool, EngineLimits limits) {
        if (draft == null) {
            return new PromptLookup();
        }
        if (limits.draft() == 0) {
            throw new IllegalArgumentException("engine: a draft model is to guess 0 tokens (EngineLimits.draft)");
        }
        return new DraftModel(draft, compute, pool, limits.prefixCache());
    }

    /**
     * Guesses into the {@link Draft} of each text as many tokens as it wants, or fewer.
     *
     * @param texts that are about to get their next token, and whose drafts have begun
     * @param calledOff is asked now and then
     * @throws CancellationException if it says so
     */
    void propose(List<ActiveGeneration> texts, BooleanSupplier calledOff);

    /** Lets go of a text that is computed no more, for now or for good. */
    default void end(ActiveGeneration text) {}

    /** Forgets the texts that have ended. */
    default void clear() {}
}
