// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * The pick: one candidate, each with its probability at the temperature so far.
 *
 * <p>It is an inverse transform over the candidates in ascending order of id: the first at which the running sum of
 * probabilities exceeds u·Σp, with u the draw of (seed, sequence, position) in [0, 1). Each pick consumes exactly one
 * draw, also from a single candidate, so adding or dropping a sampler never shifts the draws of later tokens.
 *
 * <p>A chain that does not end with it ends with it all the same; nothing may follow it. Known as {@code dist} in
 * llama.cpp.
 */
public record Categorical() implements Sampler {
    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        candidates.pick(sampling.draw());
    }
}
