// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.cli.roofline.measure.CeilingRounds;

/**
 * What this machine can do at most on a number of threads: reading memory, and f32 fused multiply-adds, measured as
 * {@code kelvin roofline} does.
 *
 * @param readBytesPerSecond of memory that no cache holds
 * @param flops floating-point operations a second, two for each multiply-add
 */
record Ceilings(double readBytesPerSecond, double flops) {
    /** Measures on {@code threads} threads at once; takes about a second. */
    static Ceilings measure(int threads) {
        try (CeilingRounds rounds = new CeilingRounds(threads, 0)) {
            return new Ceilings(
                    1e9 * rounds.memoryRead().rate(), 1e9 * rounds.multiplyAdd().rate());
        }
    }
}
