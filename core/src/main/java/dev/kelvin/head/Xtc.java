// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * Exclude top choices: with a chance, removes all candidates of at least a threshold's probability except the least
 * probable of them. So the text leaves the beaten track only where a second track is viable.
 *
 * <p>If fewer than two candidates reach the threshold, all stay. Of equal ones at the lower end that with the highest
 * id stays. A probability of 0 is off, 1 always acts; more than one candidate can only reach a threshold of at most
 * 0.5, so a greater one is off.
 *
 * <p>The chance is a draw of its own, from another stream of the same (seed, sequence, position): the pick consumes its
 * one draw as ever. Several of a chain draw from different streams.
 *
 * <p>Source: p-e-w, "Exclude Top Choices (XTC)", text-generation-webui pull request 6335, 2024; as in llama.cpp.
 *
 * @param probability the chance to act, in [0, 1]; 0 for off
 * @param threshold the probability from which a candidate is a top choice, in [0, 1]; above 0.5 for off
 */
public record Xtc(float probability, float threshold) implements Sampler {
    /** Refuses what is no probability. */
    public Xtc {
        Ranges.share("xtc", "probability", probability);
        Ranges.share("xtc", "threshold", threshold);
    }

    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        double chance = sampling.chance();
        if (threshold <= 0.5f && chance < probability) {
            candidates.narrow();
            dropTopChoices(candidates);
        }
    }

    private void dropTopChoices(Candidates candidates) {
        int count = candidates.count();
        float[] probs = candidates.probs();
        float[] logits = candidates.logits();
        int spared = -1;
        for (int i = 0; i < count; i++) {
            if (probs[i] >= threshold && (spared < 0 || logits[i] <= logits[spared])) {
                spared = i;
            }
        }
        boolean[] stays = candidates.marks();
        for (int i = 0; i < count; i++) {
            stays[i] = i == spared || probs[i] < threshold;
        }
        candidates.keepMarked();
    }
}
