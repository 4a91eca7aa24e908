// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * Keeps the candidate with the largest logit, of equal ones that with the lowest id; its probability is then 1. The
 * same as {@link Temperature} 0. A chain may go on after it, but finds one candidate only.
 *
 * <p>Source: llama.cpp's {@code greedy}.
 */
public record Greedy() implements Sampler {
    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        candidates.keepLargest();
    }
}
