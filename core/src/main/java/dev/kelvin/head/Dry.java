// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * "Don't repeat yourself": penalises a token that would lengthen a repetition, the more the longer it is already.
 *
 * <p>If the last m tokens of the sequence (prompt included) also stand earlier within the last n, each candidate that
 * followed them there gets z ← z − multiplier·base^(m − allowedLength), for the largest such m of the candidate, where
 * m ≥ allowedLength. The exponent is held where the power would leave the range of a float. After a temperature, z is
 * the logit divided by it.
 *
 * <p>A repetition never reaches across a breaker (a line end, a quotation mark), and a candidate that is a breaker by
 * itself is never penalised. The suffixes are found by the Z-algorithm, O(n).
 *
 * <p>Off: multiplier 0, base below 1, or lastN 0.
 *
 * <p>Source: p-e-w, "DRY: A modern repetition penalty that reliably prevents looping", text-generation-webui pull
 * request 5677, 2024; as in llama.cpp. Z-algorithm: Gusfield, "Algorithms on Strings, Trees, and Sequences", 1997.
 *
 * @param multiplier at least 0, finite; 0 for off
 * @param base at least 0, finite; below 1 for off
 * @param allowedLength repetitions of fewer tokens are free; at least 0
 * @param lastN how many tokens count; −1 for all, 0 for off
 * @param breakers what ends a repetition
 */
public record Dry(float multiplier, float base, int allowedLength, int lastN, SequenceBreakers breakers)
        implements Sampler {
    /** ln of the largest float, as llama.cpp has it. */
    private static final float LOG_MAX = 88.72284f;

    /** Refuses what is outside the ranges. */
    public Dry {
        Ranges.atLeast("dry", "multiplier", multiplier, 0);
        Ranges.atLeast("dry", "base", base, 0);
        if (allowedLength < 0) {
            throw new IllegalArgumentException("dry: allowedLength " + allowedLength + " is negative");
        }
        Ranges.window("dry", lastN);
        if (breakers == null) {
            throw new NullPointerException("breakers");
        }
    }

    @Override
    public boolean readsHistory() {
        return true;
    }

    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        int window = sampling.window(lastN);
        if (multiplier == 0 || base < 1 || window <= allowedLength) {
            return;
        }
        int limit = breakers.repetitionLimit(sampling, window);
        if (limit < allowedLength) {
            return;
        }
        int[] lengths = sampling.repetitions(window);
        int[] longest = sampling.marks();
        // One more than the length, so that 0 says that the token ends no repetition.
        for (int back = 1; back < window; back++) {
            int length = Math.min(lengths[back], limit);
            if (length >= allowedLength) {
                int follower = sampling.tokenBefore(back - 1);
                longest[follower] = Math.max(longest[follower], length + 1);
            }
        }
        for (int back = 1; back < window; back++) {
            int follower = sampling.tokenBefore(back - 1);
            int length = longest[follower] - 1;
            int index = length < 0 || breakers.isSingle(follower) ? -1 : candidates.indexOf(follower);
            if (index >= 0) {
                candidates.setScaledLogit(index, candidates.scaledLogit(index) - penalty(length));
            }
            longest[follower] = 0;
        }
    }

    private float penalty(int length) {
        int exponent = length - allowedLength;
        if (base > 1.000001f) {
            exponent = Math.min(exponent, (int) (LOG_MAX / (float) StrictMath.log(base)));
        }
        // Not StrictMath.pow, which allocates until it is compiled.
        return (float) (multiplier * StrictMath.exp(exponent * StrictMath.log(base)));
    }
}
