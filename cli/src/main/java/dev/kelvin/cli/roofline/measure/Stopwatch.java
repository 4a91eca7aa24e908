// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import com.sun.management.ThreadMXBean;
import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.report.ForkTime;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * Times calls: first until their time has settled, compilers rest and vectors are not boxed, as they are before they
 * are compiled; then some samples.
 *
 * @param leastWarm nanoseconds of calls before the first sample, at least
 * @param mostWarm and at most
 * @param sample nanoseconds of a sample, or one call if that takes longer
 * @param samples how many
 */
record Stopwatch(long leastWarm, long mostWarm, long sample, int samples) {
    /** Two windows whose times differ by less are alike. */
    private static final double SETTLED = 0.03;

    /** Parts of a window that compilers may take at its end. */
    private static final double AT_REST = 0.1;

    /** So many nanoseconds of calls are worth a look at the clock. */
    private static final double GRAIN = 20_000;

    /** The time of a call, with the part of it that compilers took, and its bytes on the heap. */
    private record Window(double nanos, double compiling, double allocated) {}

    ForkTime time(Computation computation) {
        warm(computation);
        double[] times = new double[samples];
        double allocated = 0;
        double compiling = 0;
        for (int i = 0; i < samples; i++) {
            Window window = window(computation, sample);
            times[i] = window.nanos();
            allocated = Math.max(allocated, window.allocated());
            compiling += window.compiling() / samples;
        }
        Arrays.sort(times);
        double bytes = allocated() < 0 ? Double.NaN : allocated;
        return new ForkTime(times[samples / 2], times[0], times[samples - 1], bytes, compiling);
    }

    private void warm(Computation computation) {
        long begin = System.nanoTime();
        double before = Double.MAX_VALUE;
        while (true) {
            Window window = window(computation, Math.min(sample, leastWarm / 4));
            long elapsed = System.nanoTime() - begin;
            boolean boxed = new ForkTime(window.nanos(), 0, 0, window.allocated(), 0).boxed();
            boolean alike = Math.abs(window.nanos() - before) < SETTLED * window.nanos();
            boolean settled = alike && !boxed && window.compiling() < AT_REST;
            if (elapsed >= mostWarm || (elapsed >= leastWarm && settled)) {
                return;
            }
            before = window.nanos();
        }
    }

    /** Calls for so many nanoseconds, at least once. */
    private static Window window(Computation computation, long length) {
        long compiled = compiled();
        long allocated = allocated();
        long begin = System.nanoTime();
        computation.run();
        long elapsed = System.nanoTime() - begin;
        long calls = 1;
        while (elapsed < length) {
            long more = Math.max(1, (long) (GRAIN * calls / elapsed));
            for (long i = 0; i < more; i++) {
                computation.run();
            }
            calls += more;
            elapsed = System.nanoTime() - begin;
        }
        return new Window(
                (double) elapsed / calls,
                (compiled() - compiled) * 1e6 / elapsed,
                (double) (allocated() - allocated) / calls);
    }

    /** Bytes that all threads have put on the heap so far; -1 if this JVM does not know. */
    private static long allocated() {
        return ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
                ? threads.getTotalThreadAllocatedBytes()
                : -1;
    }

    /** Milliseconds that compilers have taken so far. */
    private static long compiled() {
        CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
        return compilers != null && compilers.isCompilationTimeMonitoringSupported()
                ? compilers.getTotalCompilationTime()
                : 0;
    }
}
