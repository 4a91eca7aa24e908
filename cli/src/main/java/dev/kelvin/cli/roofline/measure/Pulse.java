// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A loop of a fixed number of cycles: one sum and one exclusive or after the other, each of which takes every processor
 * one cycle. On a quiet machine it always takes the same time; its fastest time tells the clock.
 */
final class Pulse {
    /** Cycles of a loop: a millisecond at 3 GHz. */
    static final double CYCLES = 2.0 * (1 << 21);

    private static final int STEPS = 1 << 21;
    private static final int WARM_UP = 3;

    /** Takes the results, so that the loop cannot be left out. */
    private static final AtomicLong SINK = new AtomicLong();

    private Pulse() {}

    /** Nanoseconds of so many loops. */
    static double[] take(int count) {
        for (int i = 0; i < WARM_UP; i++) {
            SINK.addAndGet(loop(i));
        }
        double[] nanos = new double[count];
        for (int i = 0; i < count; i++) {
            long begin = System.nanoTime();
            SINK.addAndGet(loop(i));
            nanos[i] = System.nanoTime() - begin;
        }
        return nanos;
    }

    private static long loop(long seed) {
        long x = seed;
        for (int i = 0; i < STEPS; i++) {
            x = (x ^ i) + 0x9e3779b9;
        }
        return x;
    }
}
