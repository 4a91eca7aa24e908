// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * Makes tokens less likely that stand among the last n of the sequence, prompt included. A candidate that occurs there
 * count > 0 times gets
 *
 * <p>z ← (z > 0 ? z/repetition : z·repetition) − count·frequency − presence.
 *
 * <p>The sign matters, since dividing a negative logit would make its token more likely. After a temperature, z is the
 * logit divided by it. What leaves the range of a float is held at its end.
 *
 * <p>Off: repetition 1 with frequency and presence 0, or lastN 0.
 *
 * <p>Source: Keskar et al., "CTRL", 2019, for the repetition penalty; the other two are those of OpenAI's API; formula
 * and order as in llama.cpp.
 *
 * @param lastN how many tokens count; −1 for all, 0 for off
 * @param repetition above 0, finite; 1 for off, below 1 it encourages
 * @param frequency finite; 0 for off, negative encourages
 * @param presence finite; 0 for off, negative encourages
 */
public record Penalties(int lastN, float repetition, float frequency, float presence) implements Sampler {
    /** Refuses what is outside the ranges. */
    public Penalties {
        Ranges.window("penalties", lastN);
        if (!(repetition > 0 && repetition <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("penalties: repetition " + repetition + " is not in (0, +inf)");
        }
        Ranges.finite("penalties", "frequency", frequency);
        Ranges.finite("penalties", "presence", presence);
    }

    @Override
    public boolean readsHistory() {
        return true;
    }

    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        if (repetition == 1 && frequency == 0 && presence == 0) {
            return;
        }
        int window = sampling.window(lastN);
        int[] counts = sampling.marks();
        for (int back = 0; back < window; back++) {
            counts[sampling.tokenBefore(back)]++;
        }
        for (int back = 0; back < window; back++) {
            int id = sampling.tokenBefore(back);
            int count = counts[id];
            int index = count == 0 ? -1 : candidates.indexOf(id);
            if (index >= 0) {
                float z = candidates.scaledLogit(index);
                // Held before the subtraction too: of two infinities there is no difference.
                float repeated = Candidates.held(z > 0 ? z / repetition : z * repetition);
                candidates.setScaledLogit(index, repeated - (count * frequency + presence));
            }
            counts[id] = 0;
        }
    }
}
