// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.generate.EngineCounters.Count;
import dev.kelvin.generate.PrefixCache.Match;
import dev.kelvin.nn.KvPool;
import dev.kelvin.nn.Sequence;
import dev.kelvin.tensor.KvPage;
import java.util.List;

/**
 * Gives answers what others have computed of their texts: those that have ended, by the {@link PrefixCache}, and those
 * that are still being made. Whoever would compute the same as an older one does at that time waits for it.
 */
final class PrefixSharing {
    /** From how many positions on it is worth to wait for another's: about as many rows as a step costs at least. */
    private static final int WORTH_WAITING = 16;

    private final KvPool pool;
    private final PrefixCache cache;
    private final boolean shares;
    private final EngineCounters counters;

    /**
     * Nothing to share yet.
     *
     * @param shares whether anything will be
     * @param counters hear of what was found
     */
    PrefixSharing(KvPool pool, boolean shares, EngineCounters counters) {
        this.pool = pool;
        this.shares = shares;
        this.counters = counters;
        cache = new PrefixCache(pool);
    }

    /**
     * Gives a generation its sequence, with what is there of its text. At least the last token is left to be computed.
     *
     * @param active all that are being computed, oldest first, this one among them
     * @return false if it should wait, as an older one is about to compute the same
     */
    boolean begin(ActiveGeneration next, List<ActiveGeneration> active) {
        if (!shares) {
            next.hold(pool.newSequence());
            return true;
        }
        int most = next.count() - 1;
        Match best = cache.find(next.tokens(), most);
        int promised = 0;
        boolean older = true;
        for (ActiveGeneration other : active) {
            if (other == next) {
                older = false;
            } else if (other.sequence() != null) {
                int common = next.common(other, most);
                int length = Math.min(common, other.sequence().length());
                if (length > length(best) && other.sequence().canTruncate(length)) {
                    best = new Match(other.sequence(), length);
                }
                promised = Math.max(promised, older ? promised(other, common) : 0);
            }
        }
        if (promised >= length(best) + WORTH_WAITING) {
            return false;
        }
        counters.add(Count.LOOKUPS, 1);
        counters.add(Count.HITS, best == null ? 0 : 1);
        next.hold(best == null ? pool.newSequence() : fork(best));
        return true;
    }

    private static int length(Match match) {
        return match == null ? 0 : match.length();
    }

    private static Sequence fork(Match match) {
        Sequence fork = match.sequence().fork();
        fork.truncate(match.length());
        return fork;
    }

    /** How much of what both have in common a generation will have computed when it comes to the end of its prompt. */
    private int promised(ActiveGeneration other, int common) {
        if (pool.cutsAnywhere()) {
            return Math.min(common, other.promptTokens());
        }
        int mark = mark(other);
        return common >= mark ? mark : 0;
    }

    /**
     * Where in its prompt a generation that cannot be cut back later is remembered: behind the last whole page that
     * leaves something to compute.
     */
    private static int mark(ActiveGeneration generation) {
        return (generation.promptTokens() - 1) / KvPage.POSITIONS * KvPage.POSITIONS;
    }

    /** How many rows a generation may have in one pass, so that it can be remembered where it should. */
    int mostRows(ActiveGeneration generation) {
        int left = mark(generation) - generation.sequence().length();
        return shares && !pool.cutsAnywhere() && left > 0 ? left : Integer.MAX_VALUE;
    }

    /** Remembers a generation that has come to where it should be. */
    void passed(ActiveGeneration generation) {
        if (shares && !pool.cutsAnywhere() && generation.sequence() != null) {
            int length = generation.sequence().length();
            if (length > 0 && length == mark(generation)) {
                cache.add(generation.tokens(), generation.sequence().fork());
            }
        }
    }

    /** Takes the sequence of a generation that needs it no more. */
    void end(ActiveGeneration generation) {
        Sequence sequence = generation.sequence();
        generation.hold(null);
        if (sequence == null) {
            return;
        }
        if (shares) {
            cache.add(generation.tokens(), sequence);
        } else {
            sequence.close();
        }
    }

    /** Forgets the sequence of a generation that has failed. */
    void discard(ActiveGeneration generation) {
        if (generation.sequence() != null) {
            generation.sequence().close();
            generation.hold(null);
        }
    }

    /** Makes room where there is some to be made; see {@link PrefixCache#shrink}. */
    boolean shrink() {
        return cache.shrink();
    }

    /** How many texts that have ended are there. */
    int size() {
        return cache.size();
    }

    /** The texts that have ended. */
    PrefixCache cache() {
        return cache;
    }

    /** Forgets all texts that have ended. */
    void clear() {
        cache.clear();
    }
}
