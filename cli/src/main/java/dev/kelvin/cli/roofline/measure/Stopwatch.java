// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.report.ForkTime;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Times calls in windows. A window counts if the compilers rested in it and no vectors were boxed, as they are before
 * they are compiled; one that is clearly faster than all before begins anew. So the first windows warm the code up
 * until it has settled, and no longer: what is slow because something else runs makes no window faster. The last
 * windows of the settled code are the samples.
 *
 * @param window nanoseconds of calls, or one call if that takes longer
 * @param samples how many windows are wanted; of calls that take longer than a window, fewer
 * @param warm nanoseconds of calls before the last sample, at least
 * @param patience nanoseconds of processors during which vectors may be boxed while the compilers rest, before that is
 *     taken for their last form
 * @param most nanoseconds of processors that code may take to settle; processors', so that a busy machine has as many
 *     calls as a quiet one
 */
record Stopwatch(long window, int samples, long warm, long patience, long most) {
    /** A window that is faster than all before by more shows code that has not settled. */
    private static final double SETTLED = 0.03;

    /** The part of a window that compilers may take. */
    private static final double AT_REST = 0.1;

    /** Calls that take so many windows are an average by themselves: one sample. */
    private static final int LONG = 20;

    /** So many nanoseconds of calls are worth a look at the clock. */
    private static final double GRAIN = 20_000;

    /** The same with times in milliseconds. */
    static Stopwatch ofMillis(long window, int samples, long warm, long patience, long most) {
        long milli = 1_000_000;
        return new Stopwatch(window * milli, samples, warm * milli, patience * milli, most * milli);
    }

    /** The time of a call, with the part of it that compilers took, and its bytes on the heap. */
    private record Window(double nanos, double compiling, double allocated) {
        boolean resting() {
            return compiling < AT_REST;
        }

        boolean boxed() {
            return new ForkTime(nanos, nanos, nanos, allocated, 0).boxed();
        }
    }

    /** What a window is measured with; this JVM's own counters but for tests. */
    interface Meter {
        /** Nanoseconds since whenever. */
        long nanos();

        /** Nanoseconds of processors that this process has taken so far. */
        long processors();

        /** Milliseconds that compilers have taken so far. */
        long compiling();

        /** Bytes that all threads have put on the heap so far; -1 if this JVM does not know. */
        long allocated();
    }

    ForkTime time(Computation computation) {
        return time(computation, new JvmMeter());
    }

    ForkTime time(Computation computation, Meter meter) {
        List<Window> settled = new ArrayList<>();
        long begin = meter.nanos();
        long first = meter.processors();
        long busy = first; // when compilers were last at work
        double best = Double.MAX_VALUE;
        while (true) {
            Window found = measure(computation, meter);
            long spent = meter.processors();
            if (!found.resting()) {
                busy = spent;
            }
            if (!found.resting() || found.boxed() || found.nanos() < (1 - SETTLED) * best) {
                settled.clear();
            }
            if (found.resting() && !found.boxed()) {
                settled.add(found);
            }
            best = Math.min(best, found.nanos());
            int least = found.nanos() < LONG * window ? 2 : 1;
            int wanted = (int) Math.clamp(window * samples / found.nanos(), least, samples);
            if (settled.size() >= wanted && meter.nanos() - begin >= warm) {
                return together(settled.subList(settled.size() - wanted, settled.size()));
            }
            boolean stays = found.boxed() && spent - busy >= patience;
            if (stays || spent - first >= most) {
                return together(Stream.generate(() -> measure(computation, meter))
                        .limit(wanted)
                        .toList()); // marked for what they are
            }
        }
    }

    private static ForkTime together(List<Window> windows) {
        double[] times = windows.stream().mapToDouble(Window::nanos).sorted().toArray();
        double median = (times[(times.length - 1) / 2] + times[times.length / 2]) / 2;
        double allocated = windows.stream().mapToDouble(Window::allocated).max().orElse(Double.NaN);
        double compiling =
                windows.stream().mapToDouble(Window::compiling).average().orElse(0);
        return new ForkTime(median, times[0], times[times.length - 1], allocated, compiling);
    }

    /** Calls for the length of a window, at least once. */
    private Window measure(Computation computation, Meter meter) {
        long compiling = meter.compiling();
        long allocated = meter.allocated();
        long begin = meter.nanos();
        computation.run();
        long elapsed = meter.nanos() - begin;
        long calls = 1;
        while (elapsed < window) {
            long more = Math.max(1, (long) (GRAIN * calls / elapsed));
            for (long i = 0; i < more; i++) {
                computation.run();
            }
            calls += more;
            elapsed = meter.nanos() - begin;
        }
        long bytes = meter.allocated() - allocated;
        return new Window(
                (double) elapsed / calls,
                (meter.compiling() - compiling) * 1e6 / elapsed,
                allocated < 0 ? Double.NaN : (double) bytes / calls);
    }

    /** The counters of this JVM. */
    private static final class JvmMeter implements Meter {
        private final CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
        private final OperatingSystemMXBean system =
                ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean found ? found : null;
        private final boolean compilersTell = compilers != null && compilers.isCompilationTimeMonitoringSupported();

        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public long processors() {
            long nanos = system == null ? -1 : system.getProcessCpuTime();
            return nanos < 0 ? nanos() : nanos;
        }

        @Override
        public long compiling() {
            return compilersTell ? compilers.getTotalCompilationTime() : 0;
        }

        @Override
        public long allocated() {
            return ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
                    ? threads.getTotalThreadAllocatedBytes()
                    : -1;
        }
    }
}
