// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.generate.EngineCounters.Count;
import dev.kelvin.nn.Decoder;
import java.util.List;

/** How answers leave the engine, for good or for now: what was kept for them goes where it belongs. */
final class Endings implements Picker.Picks {
    private final Decoder model;
    private final Roster roster;
    private final PrefixSharing prefixes;
    private final Proposer proposer;
    private final EngineCounters counters;
    private final int contextLength;

    /**
     * No answers yet.
     *
     * @param model which is to blame for logits that are not finite
     * @param contextLength positions that a sequence may have
     */
    Endings(
            Decoder model,
            Roster roster,
            PrefixSharing prefixes,
            Proposer proposer,
            EngineCounters counters,
            int contextLength) {
        this.model = model;
        this.roster = roster;
        this.prefixes = prefixes;
        this.proposer = proposer;
        this.counters = counters;
        this.contextLength = contextLength;
    }

    @Override
    public void picked(ActiveGeneration generation, int id) {
        try {
            StopReason reason = generation.accept(id, contextLength, counters);
            if (reason != null) {
                end(generation, reason);
            }
        } catch (RuntimeException e) {
            fail(generation, e);
        }
    }

    @Override
    public void failed(ActiveGeneration generation, RuntimeException cause, boolean unsound) {
        fail(generation, unsound ? Picker.explained(cause, model) : cause);
    }

    /** Lets go of what an answer is computed with, which others may use. */
    private void release(ActiveGeneration generation) {
        proposer.end(generation);
        prefixes.end(generation);
    }

    /** Lets those rest whose listeners take no more. */
    void rest() {
        roster.rest().forEach(this::release);
    }

    /** Has the youngest give up its memory; it goes on later. */
    void evict() {
        counters.add(Count.EVICTIONS, 1);
        release(roster.evict());
    }

    /** An answer has come to its end. */
    void end(ActiveGeneration generation, StopReason reason) {
        roster.leave(generation);
        counters.add(Count.FINISHED, 1);
        release(generation);
        generation.end(reason);
    }

    /** Those of which nothing but the pass through the prompt was asked for are done behind it. */
    void endThoseThatReadOnly() {
        for (ActiveGeneration each : List.copyOf(roster.active())) {
            if (!each.picksTokens() && each.pending() == 0) {
                end(each, StopReason.MAX_TOKENS);
            }
        }
    }

    /** An answer that is not on the roster any more was cancelled. */
    void cancel(ActiveGeneration generation) {
        counters.add(Count.CANCELLED, 1);
        release(generation);
        generation.end(StopReason.CANCELLED);
    }

    /** All have failed of one cause. */
    void failAll(Throwable broken) {
        Throwable cause = Picker.explained(broken, model);
        List.copyOf(roster.active()).forEach(each -> fail(each, cause));
    }

    /** An answer has failed; what was computed of it is of no use. */
    void fail(ActiveGeneration generation, Throwable cause) {
        roster.leave(generation);
        counters.add(Count.FAILED, 1);
        proposer.end(generation);
        prefixes.discard(generation);
        generation.fail(cause);
    }
}
