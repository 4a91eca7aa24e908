// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.kernel.Cost;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The program behind {@code ./dev costs}: measures the table of {@link Cost} again, on one thread, with operands in
 * cache and beyond, and prints picoseconds an item and their ratios to the constants. A constant that both ratios leave
 * by more than a factor of two on the processors that matter wants another value.
 *
 * <p>Time is that of the thread on a processor, so work beside it disturbs caches and memory alone; the hand-over,
 * which is a matter of two threads, is measured by the clock. The JVM must compile in the foreground ({@code -Xbatch}),
 * or a busy machine would time the interpreter.
 */
public final class Costs {
    private static final long WARM_UP_NANOS = 200_000_000;
    private static final long SAMPLE_NANOS = 20_000_000;
    private static final int SAMPLES = 5;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Costs() {}

    /**
     * Prints the table.
     *
     * @param names the costs to be measured; all if there are none
     * @throws InterruptedException if the thread is interrupted while a crew falls asleep
     */
    public static void main(String[] names) throws InterruptedException {
        List<Cost> costs = new ArrayList<>();
        for (String name : names) {
            costs.add(Cost.valueOf(name.toUpperCase(Locale.ROOT)));
        }
        System.out.println(line("cost", "constant", "cache", "ratio", "memory", "ratio") + "   ps an item");
        for (Cost cost : costs.isEmpty() ? List.of(Cost.values()) : costs) {
            System.out.println(row(cost, measure(cost, false), measure(cost, true)));
        }
    }

    /** The least of some samples in picoseconds an item: other work on the machine only adds. NaN if not measured. */
    static double measure(Cost cost, boolean large) throws InterruptedException {
        try (CostCases cases = CostCases.of(large)) {
            CostCases.Case work = cases.of(cost);
            if (work == null) {
                return Double.NaN;
            }
            boolean byClock = cost == Cost.SHARED_REGION;
            long once = Long.MAX_VALUE;
            int calls = 0;
            for (long begin = now(byClock); calls++ < 5 || now(byClock) - begin < WARM_UP_NANOS; ) {
                long from = now(byClock);
                work.call().run();
                once = Math.min(once, now(byClock) - from);
            }
            long repeats = byClock && large ? 1 : Math.clamp(SAMPLE_NANOS / Math.max(1, once), 1, 1 << 20);
            long least = Long.MAX_VALUE;
            for (int sample = 0; sample < SAMPLES; sample++) {
                cases.rest(cost);
                long from = now(byClock);
                for (long i = 0; i < repeats; i++) {
                    work.call().run();
                }
                least = Math.min(least, now(byClock) - from);
            }
            return 1000.0 * least / repeats / work.items();
        }
    }

    private static long now(boolean byClock) {
        return byClock ? System.nanoTime() : THREADS.getCurrentThreadCpuTime();
    }

    /** A line of the table. */
    static String row(Cost cost, double cache, double memory) {
        return line(
                cost.name(),
                String.valueOf(cost.picos()),
                number("%.1f", cache),
                number("%.2f", cache / cost.picos()),
                number("%.1f", memory),
                number("%.2f", memory / cost.picos()));
    }

    private static String number(String format, double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
    }

    private static String line(String... cells) {
        return String.format(Locale.ROOT, "%-22s %13s %12s %6s %12s %6s", (Object[]) cells);
    }
}
