// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train.stories;

/**
 * The draws of one story: SplitMix64, started from (seed, story), so that a story depends on no other. Source: Steele
 * et al., "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
 */
final class Dice {
    private static final long STEP = 0x9E3779B97F4A7C15L;

    private long state;

    Dice(long seed, long story) {
        state = mix(mix(seed) + story * STEP);
    }

    private static long mix(long value) {
        long z = value + STEP;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** A number in [0, bound). */
    int roll(int bound) {
        state += STEP;
        return (int) Math.floorMod(mix(state) >>> 16, (long) bound);
    }
}
