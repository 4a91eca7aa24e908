// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.report.Cache;
import dev.kelvin.cli.roofline.report.Ceiling;
import dev.kelvin.cli.roofline.report.Resource;
import dev.kelvin.parallel.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures what this machine can do at most on a number of threads. Each figure is the best of several rounds: a
 * ceiling that other programs pressed down would flatter.
 */
public final class CeilingRounds implements AutoCloseable {
    private static final int ROUNDS = 8;

    /** A loop is compiled while it runs: rounds go on for so long, and until none has been better for so long. */
    private static final long LEAST_NANOS = 50_000_000;

    private static final long MOST_NANOS = 1_000_000_000;
    private static final double BETTER = 0.99;

    /** Passes over what is multiplied in a round: some milliseconds. */
    private static final int PASSES = 4000;

    /** Ints that a thread moves in a round: some milliseconds from memory. */
    private static final int MOVED = 1 << 23;

    /** Eight times the last-level cache of the machines that Kelvin is measured on. */
    private static final long MEMORY_BYTES = 1L << 28;

    /** Takes the results, so that the loops cannot be left out. */
    private static final AtomicLong SINK = new AtomicLong();

    private final int threads;
    private final int bits;
    private final Workers workers;

    /**
     * Starts threads.
     *
     * @param threads how many measure at once
     * @param bits the width of vectors that this JVM was told to use at most
     */
    public CeilingRounds(int threads, int bits) {
        this.threads = threads;
        this.bits = bits;
        workers = Workers.start(threads);
    }

    /** One thread's part of a round. */
    @FunctionalInterface
    private interface Part {
        long run(int thread);
    }

    /** Two operations for each f32 multiply-add in registers. */
    public Ceiling multiplyAdd() {
        float[][] x = new float[threads][CeilingLoops.CACHED];
        return ceiling(
                Resource.FMA, Ceiling.REGISTERS, 2.0 * CeilingLoops.CHAIN * CeilingLoops.CACHED * PASSES, thread ->
                        (long) CeilingLoops.multiplyAdd(x[thread], PASSES));
    }

    /** Multiplications and additions of 16-bit integers in registers. */
    public Ceiling integer() {
        short[][] x = new short[threads][CeilingLoops.CACHED];
        for (short[] each : x) {
            Arrays.fill(each, (short) 3);
        }
        return ceiling(
                Resource.INTEGER,
                Ceiling.REGISTERS,
                2.0 * CeilingLoops.INTEGER_CHAIN * CeilingLoops.CACHED * PASSES,
                thread -> CeilingLoops.multiplyAdd(x[thread], PASSES));
    }

    /** Reading what no cache holds. */
    public Ceiling memoryRead() {
        return moved(Resource.READ, Ceiling.MEMORY, MEMORY_BYTES);
    }

    /** Reading, copying and writing in each cache, and in memory. */
    public List<Ceiling> moved(List<Cache> caches) {
        List<Ceiling> ceilings = new ArrayList<>();
        long largest = 0;
        for (Cache cache : caches) {
            // Half of it: programs and page tables take their part.
            long bytes = cache.capacity(threads) / 2;
            largest = Math.max(largest, cache.bytes());
            for (Resource resource : List.of(Resource.READ, Resource.COPY, Resource.WRITE)) {
                ceilings.add(moved(resource, cache.name(), bytes));
            }
        }
        for (Resource resource : List.of(Resource.READ, Resource.COPY, Resource.WRITE)) {
            ceilings.add(moved(resource, Ceiling.MEMORY, memoryBytes(largest)));
        }
        return ceilings;
    }

    /** Bytes that a cache of so many holds no useful part of, and that a heap has room for. */
    static long memoryBytes(long cacheBytes) {
        long most = Runtime.getRuntime().maxMemory() / 3;
        return Math.min(Math.max(MEMORY_BYTES, 4 * cacheBytes), Math.min(most, 1L << 30));
    }

    private Ceiling moved(Resource resource, String level, long bytes) {
        int share = Math.toIntExact(bytes / 4 / threads) / 64 * 64;
        int[][] x = new int[threads][share];
        for (int[] each : x) {
            Arrays.fill(each, 1);
        }
        int passes = Math.max(1, MOVED / share);
        return ceiling(resource, level, 4.0 * share * passes, thread -> {
            long sum = 0;
            for (int pass = 0; pass < passes; pass++) {
                switch (resource) {
                    case READ -> sum += CeilingLoops.read(x[thread], 0, share);
                    case COPY -> CeilingLoops.copy(x[thread], 0, share);
                    default -> CeilingLoops.write(x[thread], 0, share);
                }
            }
            return sum;
        });
    }

    /** @param work of one thread in a round, in the unit of the resource */
    private Ceiling ceiling(Resource resource, String level, double work, Part part) {
        double rate = work * threads / best(part);
        double clock = resource.isArithmetic() ? clock(part) : Double.NaN;
        return new Ceiling(resource, level, bits, threads, List.of(rate), clock);
    }

    /** The clock of the slowest processor, GHz, just behind a round, while it still runs as it did for the round. */
    private double clock(Part part) {
        double[] best = new double[threads];
        for (int round = 0; round < ROUNDS; round++) {
            workers.run(threads, 1, (_, first, end) -> {
                for (int thread = first; thread < end; thread++) {
                    SINK.addAndGet(part.run(thread));
                    best[thread] = Math.max(best[thread], Pulse.clock());
                }
            });
        }
        return Arrays.stream(best).min().orElse(Double.NaN);
    }

    /** The time in nanoseconds of the fastest round. */
    private double best(Part part) {
        double best = Double.MAX_VALUE;
        long begin = System.nanoTime();
        long now = begin;
        long improved = begin;
        for (int round = 0; round < ROUNDS || now - improved < LEAST_NANOS; round++) {
            long start = now;
            workers.run(threads, 1, (_, first, end) -> {
                long sum = 0;
                for (int thread = first; thread < end; thread++) {
                    sum += part.run(thread);
                }
                SINK.addAndGet(sum);
            });
            now = System.nanoTime();
            if (now - start < BETTER * best) {
                improved = now;
            }
            best = Math.min(best, (double) (now - start));
            if (now - begin > MOST_NANOS && round >= ROUNDS) {
                break;
            }
        }
        return best;
    }

    /** Ends the threads. */
    @Override
    public void close() {
        workers.close();
    }
}
