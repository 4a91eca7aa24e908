// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import java.util.BitSet;

/**
 * Keeps the candidates that are allowed: for output that must follow a grammar. Probabilities are those among the
 * candidates left.
 *
 * <p>If none of them is allowed, the pick is refused with a {@link NoCandidateException}.
 *
 * @param allowed the ids that may stay; copied on the way in and out
 */
public record TokenMask(BitSet allowed) implements Sampler {
    /** Copies the set. */
    public TokenMask {
        allowed = (BitSet) allowed.clone();
    }

    /** Allows these ids. */
    public static TokenMask of(int... ids) {
        BitSet allowed = new BitSet();
        for (int id : ids) {
            allowed.set(id);
        }
        return new TokenMask(allowed);
    }

    /** A copy of the ids that may stay. */
    @Override
    public BitSet allowed() {
        return (BitSet) allowed.clone();
    }

    /** Whether an id may stay. */
    public boolean allows(int id) {
        return allowed.get(id);
    }

    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        if (!candidates.keepOnly(allowed)) {
            throw new NoCandidateException("sampling: the token mask allows none of the candidates left");
        }
    }
}
