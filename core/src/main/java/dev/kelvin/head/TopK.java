// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * Keeps the k candidates with the largest logits, of equal ones those with the lowest ids. 0 is off, and so is a k that
 * is not below the number of candidates. The temperature has no influence.
 *
 * <p>Source: Fan, Lewis, Dauphin, "Hierarchical Neural Story Generation", 2018.
 *
 * @param k how many are kept; 0 for all
 */
public record TopK(int k) implements Sampler {
    /** Refuses a negative number. */
    public TopK {
        if (k < 0) {
            throw new IllegalArgumentException("top-k: " + k + " is negative");
        }
    }

    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        if (k > 0) {
            candidates.keepMostLikely(k);
        }
    }
}
