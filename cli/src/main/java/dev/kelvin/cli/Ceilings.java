// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What this machine can do at most on a number of threads: reading memory, and f32 fused multiply-adds.
 *
 * <p>Plain loops of a kind that the JVM's compiler turns into full vectors, so that a rate can be read as a fraction of
 * its ceiling without a word about lanes here. Each figure is the best of several rounds: a ceiling that other programs
 * pressed down would flatter.
 *
 * @param readBytesPerSecond of memory that no cache holds
 * @param flops floating-point operations a second, two for each multiply-add
 */
record Ceilings(double readBytesPerSecond, double flops) {
    private static final int ROUNDS = 8;

    /** 256 MiB, eight times the last-level cache of the machines that Kelvin is measured on. */
    private static final int MEMORY_INTS = 1 << 26;

    /** Floats of the multiply-adds: operand and result stay in the first-level cache. */
    private static final int CACHED_FLOATS = 1024;

    private static final int PASSES = 20_000;

    /** Multiply-adds for each element that is loaded and stored. */
    private static final int CHAIN = 16;

    /** Takes the results, so that the loops cannot be left out. */
    private static final AtomicLong SINK = new AtomicLong();

    /** Measures on {@code threads} threads at once; takes about a second. */
    static Ceilings measure(int threads) throws InterruptedException {
        int[] memory = new int[MEMORY_INTS];
        Arrays.fill(memory, 1);
        int share = MEMORY_INTS / threads;
        double seconds = best(threads, worker -> SINK.addAndGet(sum(memory, worker * share, (worker + 1) * share)));
        double bytes = 4.0 * share * threads / seconds;
        seconds = best(threads, worker -> SINK.addAndGet((long) multiplyAdd(new float[CACHED_FLOATS])));
        return new Ceilings(bytes, 2.0 * CHAIN * CACHED_FLOATS * PASSES * threads / seconds);
    }

    /** One thread's part of a round. */
    @FunctionalInterface
    private interface Part {
        void run(int worker);
    }

    /** The time in seconds of the fastest round. */
    private static double best(int threads, Part part) throws InterruptedException {
        long best = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            Thread[] crew = new Thread[threads];
            long start = System.nanoTime();
            for (int worker = 0; worker < threads; worker++) {
                int id = worker;
                crew[worker] = Thread.ofPlatform().start(() -> part.run(id));
            }
            for (Thread thread : crew) {
                thread.join();
            }
            best = Math.min(best, System.nanoTime() - start);
        }
        return best * 1e-9;
    }

    private static int sum(int[] memory, int begin, int end) {
        int sum = 0;
        for (int i = begin; i < end; i++) {
            sum += memory[i];
        }
        return sum;
    }

    private static float multiplyAdd(float[] x) {
        for (int pass = 0; pass < PASSES; pass++) {
            chain(x, 0.999f, 0.001f);
        }
        return x[0];
    }

    private static void chain(float[] x, float a, float b) {
        for (int i = 0; i < CACHED_FLOATS; i++) {
            float y = x[i];
            y = Math.fma(Math.fma(Math.fma(Math.fma(y, a, b), a, b), a, b), a, b);
            y = Math.fma(Math.fma(Math.fma(Math.fma(y, a, b), a, b), a, b), a, b);
            y = Math.fma(Math.fma(Math.fma(Math.fma(y, a, b), a, b), a, b), a, b);
            y = Math.fma(Math.fma(Math.fma(Math.fma(y, a, b), a, b), a, b), a, b);
            x[i] = y;
        }
    }
}
