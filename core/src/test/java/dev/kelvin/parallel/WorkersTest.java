// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkersTest {
    private static final int[] THREADS = {1, 2, 3, 7};
    private static final int[] LENGTHS = {0, 1, 2, 3, 7, 8, 9, 63, 64, 65, 1009};
    private static final int[] GRAINS = {1, 2, 4, 7, 64, 1009, 4096, Integer.MAX_VALUE};

    @Test
    void rangesCoverTheLengthExactlyOnce() {
        for (int threads : THREADS) {
            try (Workers workers = Workers.start(threads)) {
                assertEquals(threads, workers.threads());
                for (int length : LENGTHS) {
                    for (int grain : GRAINS) {
                        checkCoverage(workers, length, grain);
                    }
                }
            }
        }
    }

    private static void checkCoverage(Workers workers, int length, int grain) {
        String region = "length " + length + ", grain " + grain + ", threads " + workers.threads();
        AtomicIntegerArray visits = new AtomicIntegerArray(length);
        AtomicInteger strayed = new AtomicInteger();
        workers.run(length, grain, (worker, begin, end) -> {
            boolean whole = begin == 0 && end == length;
            boolean oneRange = begin % grain == 0 && (end - begin == grain || (end == length && end - begin < grain));
            if (worker < 0 || worker >= workers.threads() || begin >= end || !(whole || oneRange)) {
                strayed.incrementAndGet();
            }
            for (int i = begin; i < end; i++) {
                visits.incrementAndGet(i);
            }
        });
        assertEquals(0, strayed.get(), region);
        for (int i = 0; i < length; i++) {
            assertEquals(1, visits.get(i), region + ", item " + i);
        }
    }

    @Test
    void lengthsNearTheEndOfIntDoNotOverflow() {
        try (Workers workers = Workers.start(3)) {
            AtomicIntegerArray covered = new AtomicIntegerArray(3);
            int grain = 1 << 30;
            workers.run(
                    Integer.MAX_VALUE,
                    grain,
                    (worker, begin, end) -> covered.addAndGet(begin / grain, (end - begin) >> 20));
            assertEquals(1024, covered.get(0));
            assertEquals(1023, covered.get(1));
        }
    }

    @Test
    void serialRegionsRunInOneCallOnTheCaller() {
        Thread caller = Thread.currentThread();
        try (Workers one = Workers.start(1);
                Workers three = Workers.start(3)) {
            AtomicInteger calls = new AtomicInteger();
            RangeTask task = (worker, begin, end) -> {
                assertSame(caller, Thread.currentThread());
                assertEquals(0, worker);
                assertEquals(0, begin);
                assertEquals(100, end);
                calls.incrementAndGet();
            };
            one.run(100, 1, task);
            three.run(100, 100, task);
            assertEquals(2, calls.get());
        }
    }

    @Test
    void everyThreadKeepsItsNumber() {
        try (Workers workers = Workers.start(4)) {
            Thread[] threadOf = new Thread[4];
            AtomicInteger confused = new AtomicInteger();
            for (int region = 0; region < 500; region++) {
                workers.run(64, 1, (worker, begin, end) -> {
                    if (threadOf[worker] == null) {
                        threadOf[worker] = Thread.currentThread();
                    } else if (!threadOf[worker].equals(Thread.currentThread())) {
                        confused.incrementAndGet();
                    }
                });
            }
            assertEquals(0, confused.get());
            assertSame(Thread.currentThread(), threadOf[0]);
        }
    }

    @Test
    void aSecondThreadTakesPart() {
        try (Workers workers = Workers.start(2)) {
            // Each of the two ranges waits for the other, so one thread alone could not finish the region.
            CountDownLatch both = new CountDownLatch(2);
            workers.run(2, 1, (worker, begin, end) -> {
                both.countDown();
                awaitUninterruptibly(both);
            });
            assertEquals(0, both.getCount());
        }
    }

    @Test
    void parkedWorkersWakeUp() throws InterruptedException {
        try (Workers workers = Workers.start(3)) {
            for (int round = 0; round < 20; round++) {
                Thread.sleep(5);
                CountDownLatch all = new CountDownLatch(3);
                workers.run(3, 1, (worker, begin, end) -> {
                    all.countDown();
                    awaitUninterruptibly(all);
                });
            }
        }
    }

    @Test
    void manyRegionsInSequenceSeeEachOthersResults() {
        for (int threads : THREADS) {
            try (Workers workers = Workers.start(threads)) {
                long[] values = new long[257];
                RangeTask task = (worker, begin, end) -> {
                    for (int i = begin; i < end; i++) {
                        // Reads a neighbour that another thread may have written in the region before.
                        values[i] += values[256] + 1;
                    }
                };
                int regions = 20_000;
                for (int region = 0; region < regions; region++) {
                    workers.run(256, 1 + region % 64, task);
                    values[256] = values[region % 256] % 3;
                }
                long[] expected = new long[257];
                for (int region = 0; region < regions; region++) {
                    for (int i = 0; i < 256; i++) {
                        expected[i] += expected[256] + 1;
                    }
                    expected[256] = expected[region % 256] % 3;
                }
                for (int i = 0; i < 257; i++) {
                    assertEquals(expected[i], values[i], "item " + i + ", threads " + threads);
                }
            }
        }
    }

    @Test
    void exceptionsReachTheCallerAndTheWorkersStayUsable() {
        for (int threads : THREADS) {
            try (Workers workers = Workers.start(threads)) {
                for (int round = 0; round < 200; round++) {
                    int bad = round % 50;
                    ArithmeticException thrown = new ArithmeticException("item " + bad);
                    ArithmeticException caught = assertThrows(
                            ArithmeticException.class,
                            () -> workers.run(50, 1, (worker, begin, end) -> {
                                if (begin <= bad && bad < end) {
                                    throw thrown;
                                }
                            }));
                    assertSame(thrown, caught);
                    checkCoverage(workers, 50, 3);
                }
            }
        }
    }

    @Test
    void exceptionsOfOtherWorkersAreSuppressedOnesAndErrorsComeAsTheyAre() {
        try (Workers workers = Workers.start(2)) {
            CountDownLatch both = new CountDownLatch(2);
            AssertionError caught = assertThrows(
                    AssertionError.class,
                    () -> workers.run(2, 1, (worker, begin, end) -> {
                        both.countDown();
                        awaitUninterruptibly(both);
                        throw new AssertionError("range " + begin);
                    }));
            assertEquals(1, caught.getSuppressed().length);
            List<String> messages =
                    new ArrayList<>(List.of(caught.getMessage(), caught.getSuppressed()[0].getMessage()));
            messages.sort(null);
            assertEquals(List.of("range 0", "range 1"), messages);
        }
    }

    @Test
    void nestedRegionsAreRefused() {
        for (int threads : new int[] {1, 2}) {
            try (Workers workers = Workers.start(threads)) {
                IllegalStateException caught = assertThrows(
                        IllegalStateException.class,
                        () -> workers.run(8, 1, (worker, begin, end) -> workers.run(1, 1, (w, b, e) -> {})));
                assertTrue(caught.getMessage().contains("another region is running"), caught.getMessage());
                AutoCloseable closeable = workers;
                assertThrows(
                        IllegalStateException.class, () -> workers.run(8, 1, (worker, begin, end) -> close(closeable)));
                checkCoverage(workers, 8, 1);
            }
        }
    }

    @Test
    void argumentsAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> Workers.start(0));
        assertThrows(IllegalArgumentException.class, () -> Workers.start(Workers.MAX_THREADS + 1));
        try (Workers workers = Workers.start(1)) {
            IllegalArgumentException caught =
                    assertThrows(IllegalArgumentException.class, () -> workers.run(-1, 1, (worker, begin, end) -> {}));
            assertEquals(
                    "Workers.run: length must be at least 0 and grain at least 1, got -1 and 1", caught.getMessage());
            assertThrows(IllegalArgumentException.class, () -> workers.run(1, 0, (worker, begin, end) -> {}));
            assertThrows(NullPointerException.class, () -> workers.run(0, 1, null));
        }
    }

    @Test
    void closeEndsTheThreadsAndMayBeRepeated() {
        for (boolean parked : new boolean[] {false, true}) {
            Workers workers = Workers.start(3);
            List<Thread> crew = workers.crew();
            assertEquals(2, crew.size());
            for (int i = 0; i < crew.size(); i++) {
                assertTrue(crew.get(i).isDaemon());
                assertEquals("kelvin-worker-" + (i + 1), crew.get(i).getName());
            }
            if (parked) {
                awaitParked(crew);
            }
            workers.close();
            workers.close();
            for (Thread thread : crew) {
                assertFalse(thread.isAlive());
            }
            IllegalStateException caught =
                    assertThrows(IllegalStateException.class, () -> workers.run(4, 1, (worker, begin, end) -> {}));
            assertEquals("Workers.run: the workers are closed", caught.getMessage());
        }
    }

    @Test
    void idleWorkersParkAndBurnNoTime() throws InterruptedException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        try (Workers workers = Workers.start(3)) {
            workers.run(300, 1, (worker, begin, end) -> Thread.onSpinWait());
            awaitParked(workers.crew());
            long before = cpuNanos(threads, workers.crew());
            Thread.sleep(300);
            long burnt = cpuNanos(threads, workers.crew()) - before;
            assertTrue(burnt < 3_000_000, "idle workers used " + burnt + " ns of processor time in 300 ms");
        }
    }

    /** Measured in processor time, of which a crowded machine gives a worker no more than it spins. */
    @Test
    void idleWorkersParkWithinTenMilliseconds() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        try (Workers workers = Workers.start(2)) {
            for (int region = 0; region < 20; region++) {
                checkCoverage(workers, 64, 1);
                long before = cpuNanos(threads, workers.crew());
                awaitParked(workers.crew());
                long spun = cpuNanos(threads, workers.crew()) - before;
                assertTrue(spun < 10_000_000, "a worker spun for " + spun + " ns before it parked");
            }
        }
    }

    @Test
    void anInterruptedWorkerStillParks() throws InterruptedException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        try (Workers workers = Workers.start(2)) {
            awaitParked(workers.crew());
            workers.crew().getFirst().interrupt();
            Thread.sleep(20);
            long before = cpuNanos(threads, workers.crew());
            Thread.sleep(100);
            assertTrue(cpuNanos(threads, workers.crew()) - before < 3_000_000);
            checkCoverage(workers, 64, 1);
        }
    }

    @Test
    void regionsAllocateNothing() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Workers workers = Workers.start(2)) {
            long[] sums = new long[2];
            RangeTask task = (worker, begin, end) -> sums[worker] += end;
            List<Thread> crew = workers.crew();
            long own = Thread.currentThread().threadId();
            long other = crew.getFirst().threadId();
            // The first calls load classes and link call sites.
            for (int i = 0; i < 1000; i++) {
                workers.run(16, 1, task);
            }
            long before = threads.getThreadAllocatedBytes(own) + threads.getThreadAllocatedBytes(other);
            for (int i = 0; i < 10_000; i++) {
                workers.run(16, 1, task);
            }
            long bytes = threads.getThreadAllocatedBytes(own) + threads.getThreadAllocatedBytes(other) - before;
            // Reading the counters allocates a little itself; one object a region would be at least 160,000 bytes.
            assertTrue(bytes < 10_000, bytes + " bytes in 10000 regions");
        }
    }

    @Test
    void aSecondCallerIsRefusedWhileARegionRuns() throws InterruptedException {
        try (Workers workers = Workers.start(2)) {
            CountDownLatch running = new CountDownLatch(1);
            CountDownLatch done = new CountDownLatch(1);
            AtomicReference<Throwable> refusal = new AtomicReference<>();
            Thread second = Thread.ofPlatform().start(() -> {
                awaitUninterruptibly(running);
                try {
                    workers.run(1, 1, (worker, begin, end) -> {});
                } catch (IllegalStateException e) {
                    refusal.set(e);
                } finally {
                    done.countDown();
                }
            });
            workers.run(1, 1, (worker, begin, end) -> {
                running.countDown();
                awaitUninterruptibly(done);
            });
            second.join();
            assertTrue(refusal.get() instanceof IllegalStateException);
        }
    }

    private static long cpuNanos(ThreadMXBean threads, List<Thread> crew) {
        long nanos = 0;
        for (Thread thread : crew) {
            nanos += threads.getThreadCpuTime(thread.threadId());
        }
        return nanos;
    }

    private static void awaitParked(List<Thread> crew) {
        for (Thread thread : crew) {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
    }

    private static void close(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("the test was interrupted", e);
        }
    }
}
