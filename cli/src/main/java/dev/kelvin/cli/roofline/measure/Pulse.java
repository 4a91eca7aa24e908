// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A loop of a fixed number of cycles: one sum and one exclusive or after the other, each of which takes every processor
 * one cycle. On a quiet machine it always takes the same time; its fastest time tells the clock.
 */
final class Pulse {
    /** Steps of two cycles in a block, which is a method so that it is compiled as one. */
    private static final int STEPS = 1 << 14;

    private static final int BLOCKS = 128;

    /** Cycles of a loop: a millisecond at 4 GHz. */
    static final double CYCLES = 2.0 * STEPS * BLOCKS;

    /** So many that a block is compiled. */
    private static final int WARM_UP = 6;

    /** Blocks that end before a processor notices that it could raise its clock again: some 10 µs each. */
    private static final int SHORT = 6;

    /** Takes the results, so that the loop cannot be left out. */
    private static final AtomicLong SINK = new AtomicLong();

    private Pulse() {}

    /** Nanoseconds of so many loops. */
    static double[] take(int count) {
        for (int i = 0; i < WARM_UP; i++) {
            nanos(BLOCKS);
        }
        double[] nanos = new double[count];
        for (int i = 0; i < count; i++) {
            nanos[i] = nanos(BLOCKS);
        }
        return nanos;
    }

    /** The clock of this processor in GHz, in less than 0.1 ms; to be called when {@link #take} has been. */
    static double clock() {
        return 2.0 * STEPS * SHORT / nanos(SHORT);
    }

    private static double nanos(int blocks) {
        long begin = System.nanoTime();
        long x = begin;
        for (int i = 0; i < blocks; i++) {
            x = block(x);
        }
        long nanos = System.nanoTime() - begin;
        SINK.addAndGet(x);
        return nanos;
    }

    private static long block(long seed) {
        long x = seed;
        for (int i = 0; i < STEPS; i++) {
            x = (x ^ i) + 0x9e3779b9;
        }
        return x;
    }
}
