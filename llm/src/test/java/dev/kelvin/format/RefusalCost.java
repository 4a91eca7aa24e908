// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;

/**
 * What it takes to refuse a file, against what is promised: time of this thread on a processor, whatever else the
 * machine does, and what it allocates on the heap. Of both the least of several times counts, as the first ones are
 * interpreted.
 */
public final class RefusalCost {
    /** What is promised, in ns. */
    public static final long MOST_NANOS = 100_000_000L;

    /** What is promised beside the vocabulary. */
    public static final long MOST_BYTES = 64L << 20;

    /**
     * What fails a test. A processor that shares its core with another's load runs at half its speed and less, which
     * its clock of threads does not show: so it is three times the promise, unless {@code -Dkelvin.quiet=true} says
     * that the machine does nothing else.
     */
    private static final long FAILING_NANOS = Boolean.getBoolean("kelvin.quiet") ? MOST_NANOS : 3 * MOST_NANOS;

    private static final int MOST_TIMES = 8;

    private static final Object BEAN;
    private static final Method CLOCK;

    static {
        Object bean = null;
        Method clock = null;
        try {
            bean = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            clock = Class.forName("java.lang.management.ThreadMXBean").getMethod("getCurrentThreadCpuTime");
        } catch (ReflectiveOperationException e) {
            System.out.println("no processor time of threads in this run (" + e + "); that of the clock is taken");
        }
        BEAN = bean;
        CLOCK = clock;
    }

    private RefusalCost() {}

    /** What refuses a file. */
    @FunctionalInterface
    public interface Refusal {
        /** Reads the file once more, and looks at the refusal. */
        void again() throws IOException;
    }

    /** What one reading took, or several at least. */
    public record Cost(long nanos, long bytes) {
        private Cost least(Cost other) {
            return new Cost(Math.min(nanos, other.nanos), Math.min(bytes, other.bytes));
        }

        /** Whether it is no more than a refusal may take. */
        public boolean isPromised() {
            return nanos < MOST_NANOS && bytes < MOST_BYTES;
        }

        /** Whether it is no more than a refusal may take here. */
        public boolean passes() {
            return nanos < FAILING_NANOS && bytes < MOST_BYTES;
        }

        @Override
        public String toString() {
            return nanos / 1000 + " us and " + bytes + " bytes of heap";
        }
    }

    /**
     * Fails unless a file is refused as soon and in as little memory as promised. It is read until it is, at most eight
     * times.
     *
     * @return the least that it took
     */
    public static Cost require(String what, Refusal refusal) throws IOException {
        Cost least = leastOf(refusal);
        assertTrue(least.passes(), () -> what + ": " + least);
        return least;
    }

    /**
     * Fails unless a file is refused as soon as promised. For files of many small values: what reading them throws away
     * again and again is counted too, and is no measure of what it holds.
     *
     * @return the least that it took
     */
    public static Cost requireSoon(String what, Refusal refusal) throws IOException {
        Cost least = of(refusal);
        for (int times = 1; times < MOST_TIMES && least.nanos >= MOST_NANOS; times++) {
            least = least.least(of(refusal));
        }
        Cost told = least;
        assertTrue(told.nanos < FAILING_NANOS, () -> what + ": " + told);
        return least;
    }

    /**
     * The least that reading a file takes, which is read until that is what a refusal may take, at most eight times.
     */
    public static Cost leastOf(Refusal refusal) throws IOException {
        Cost least = of(refusal);
        for (int times = 1; times < MOST_TIMES && !least.isPromised(); times++) {
            least = least.least(of(refusal));
        }
        return least;
    }

    /** What one reading takes. */
    public static Cost of(Refusal refusal) throws IOException {
        long bytes = AllocatedBytes.now();
        long begin = now();
        refusal.again();
        long nanos = now() - begin;
        return new Cost(nanos, AllocatedBytes.now() - bytes);
    }

    /** The processor time of this thread, in ns. */
    private static long now() {
        if (CLOCK == null) {
            return System.nanoTime();
        }
        try {
            return (long) CLOCK.invoke(BEAN);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
