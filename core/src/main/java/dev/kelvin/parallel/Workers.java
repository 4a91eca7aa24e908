// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.parallel;

import java.lang.reflect.UndeclaredThrowableException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed crew of threads that is started once and takes over index ranges in about a microsecond.
 *
 * <p>A model step has some hundred parallel regions of tens of microseconds each, so the hand-over must cost neither a
 * lock nor a system call nor an allocation. Idle workers therefore spin on one volatile word for about a millisecond
 * before they park; a region that finds them parked pays for waking them (some ten microseconds), and a waiting process
 * burns no CPU. The caller takes part as worker 0 and, when no range is left, waits for the others by spinning and then
 * yielding.
 *
 * <p><b>Protocol.</b> A region is the plain fields {@code task, length, grain, chunks}, published by storing the number
 * of chunks into {@code UNCLAIMED}. A thread claims a chunk by decrementing {@code UNCLAIMED} from a positive value
 * with a compare-and-set, and reads the fields only <em>after</em> that: they cannot change before the claimed chunk
 * has been counted off {@code UNFINISHED}, for which the caller waits. Hence a worker that comes late (not yet woken,
 * or descheduled on a crowded machine) is not waited for, and it cannot harm: whatever region it finds, its claim is a
 * claim on that one.
 *
 * <p><b>Threads.</b> One caller at a time: {@link #run} while another region runs, be it from a second thread or nested
 * in a task, is an {@link IllegalStateException}. All threads are daemons named {@code kelvin-worker-N}. More threads
 * than processors is safe, though of no use; workers then yield instead of spinning.
 *
 * <p>No parameter may be null.
 */
public final class Workers implements AutoCloseable {
    /**
     * Spinning time of an idle worker before it parks; regions of one model step follow one another faster than this.
     */
    private static final long SPIN_NANOS = 1_000_000;

    /** The most threads of a crew: more only wait for each other, for minutes from tens of thousands on. */
    public static final int MAX_THREADS = 1024;

    /** A crowded machine (more threads than processors) needs the time of an idle worker for the busy ones. */
    private static final long CROWDED_SPIN_NANOS = 50_000;

    /**
     * After so much spinning a worker offers its processor at each look at the clock. It costs nothing where nobody
     * else wants it; where the system has put worker and caller on one processor, the caller would otherwise stand
     * still until the worker parks.
     */
    private static final long SELFISH_NANOS = 10_000;

    /** The clock is read once in so many spins; a spin is some 10 to 50 ns. */
    private static final int SPINS_A_CLOCK = 32;

    /** The caller spins so often for the last ranges before it yields the processor to whoever holds them up. */
    private static final int CALLER_SPINS = 2_000;

    /** Two cache lines (of 64 bytes, as adjacent lines are fetched in pairs) between contended words, in ints. */
    private static final int PAD = 32;

    /** Chunks of the current region that nobody has claimed. */
    private static final int UNCLAIMED = PAD;

    /** Chunks of the current region that are not finished, claimed or not. */
    private static final int UNFINISHED = 2 * PAD;

    /** IDLE, RUNNING or CLOSED. */
    private static final int STATE = 3 * PAD;

    /** Word {@code PARKED + worker * PAD} is 1 from before a worker parks until somebody takes over to wake it. */
    private static final int PARKED = 3 * PAD;

    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int CLOSED = 2;

    private final int threads;
    private final boolean crowded;
    private final AtomicIntegerArray words;
    private final Thread[] crew;
    private final Object failureLock = new Object();

    private RangeTask task;
    private int length;
    private int grain;
    private int chunks;
    private Throwable failure;

    private Workers(int threads) {
        this.threads = threads;
        this.crowded = threads > Runtime.getRuntime().availableProcessors();
        this.words = new AtomicIntegerArray(PARKED + threads * PAD + PAD);
        this.crew = new Thread[threads - 1];
    }

    /**
     * Starts {@code threads - 1} worker threads; the caller of {@link #run} is the one that is missing.
     *
     * @param threads the number of threads that work in a region, in [1, {@value #MAX_THREADS}]
     * @return the running crew; close it to end its threads
     * @throws IllegalArgumentException if there are more or fewer
     */
    public static Workers start(int threads) {
        if (threads < 1 || threads > MAX_THREADS) {
            throw new IllegalArgumentException(
                    "Workers.start: threads must be in [1, " + MAX_THREADS + "], got " + threads);
        }
        Workers workers = new Workers(threads);
        workers.startCrew();
        return workers;
    }

    private void startCrew() {
        try {
            for (int i = 0; i < crew.length; i++) {
                int worker = i + 1;
                crew[i] = Thread.ofPlatform()
                        .daemon()
                        .name("kelvin-worker-" + worker)
                        .start(() -> serve(worker));
            }
        } catch (OutOfMemoryError noThread) {
            words.set(STATE, CLOSED);
            throw noThread;
        }
    }

    /** The number of threads that work in a region, the caller included. */
    public int threads() {
        return threads;
    }

    /** Whether a thread is one of those that were started. */
    public boolean isMember(Thread thread) {
        return Arrays.asList(crew).contains(thread);
    }

    /** The threads that were started, for tests that look at their CPU time and their end. */
    List<Thread> crew() {
        return List.of(crew);
    }

    /**
     * Runs one region: calls {@code task} with disjoint ranges that cover {@code [0, length)}, and returns when all are
     * done.
     *
     * <p>Ranges are {@code grain} items long (the last one may be shorter) and are handed out in ascending order to
     * whoever is free. With one thread, or a single range of at most {@code grain} items, everything runs on the
     * caller, in one call for the whole of {@code [0, length)}. An empty region calls nothing. Allocates nothing.
     *
     * @param length the number of items, at least 0
     * @param grain the items of one range, at least 1
     * @param task called from several threads at once
     * @throws IllegalArgumentException if {@code length < 0} or {@code grain < 1}
     * @throws IllegalStateException after {@link #close}; within a task; or while another thread's region runs
     * @throws RuntimeException the first exception or error of the task, as it was thrown, with those of other workers
     *     as suppressed ones; ranges that had not begun by then are skipped, and the workers stay usable
     */
    public void run(int length, int grain, RangeTask task) {
        if (length < 0 || grain < 1) {
            throw new IllegalArgumentException(
                    "Workers.run: length must be at least 0 and grain at least 1, got " + length + " and " + grain);
        }
        Objects.requireNonNull(task, "task");
        if (!words.compareAndSet(STATE, IDLE, RUNNING)) {
            throw new IllegalStateException(
                    words.get(STATE) == CLOSED
                            ? "Workers.run: the workers are closed"
                            : "Workers.run: another region is running (regions do not nest, nor have two callers)");
        }
        try {
            if (threads == 1 || length <= grain) {
                if (length > 0) {
                    task.run(0, 0, length);
                }
            } else {
                runShared(length, grain, task);
            }
        } finally {
            words.set(STATE, IDLE);
        }
    }

    // Yielding decides only how long the wait is; the region ends by the count.
    @SuppressWarnings("ThreadPriorityCheck")
    private void runShared(int length, int grain, RangeTask task) {
        this.task = task;
        this.length = length;
        this.grain = grain;
        int count = (int) (((long) length + grain - 1) / grain);
        this.chunks = count;
        words.set(UNFINISHED, count);
        words.set(UNCLAIMED, count);
        wake(Math.min(count, threads) - 1);

        work(0);
        int spins = 0;
        while (words.get(UNFINISHED) != 0) {
            if (spins < CALLER_SPINS) {
                spins++;
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
        this.task = null;
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            rethrow(thrown);
        }
    }

    /**
     * Wakes parked workers until {@code wanted} workers are awake. The volatile store of {@code UNCLAIMED} before and
     * the worker's store of its flag before its last look at {@code UNCLAIMED} are sequentially consistent: one of the
     * two sees the other, so no wake-up is lost.
     */
    private void wake(int wanted) {
        int awake = 0;
        for (int worker = 1; worker < threads; worker++) {
            if (words.get(PARKED + worker * PAD) == 0) {
                awake++;
            }
        }
        for (int worker = 1; worker < threads && awake < wanted; worker++) {
            int flag = PARKED + worker * PAD;
            if (words.get(flag) == 1 && words.compareAndSet(flag, 1, 0)) {
                LockSupport.unpark(crew[worker - 1]);
                awake++;
            }
        }
    }

    /** Claims and runs ranges until none is left. */
    private void work(int worker) {
        int left;
        while ((left = words.get(UNCLAIMED)) > 0) {
            if (words.compareAndSet(UNCLAIMED, left, left - 1)) {
                int begin = (chunks - left) * grain;
                int end = length - begin > grain ? begin + grain : length;
                try {
                    task.run(worker, begin, end);
                } catch (Throwable thrown) {
                    fail(thrown);
                } finally {
                    words.getAndDecrement(UNFINISHED);
                }
            }
        }
    }

    /** Keeps what a task threw for the caller, and drops the ranges that nobody has begun. */
    @SuppressWarnings("ReferenceEquality") // The same object thrown twice cannot be suppressed by itself.
    private void fail(Throwable thrown) {
        synchronized (failureLock) {
            if (failure == null) {
                failure = thrown;
            } else if (failure != thrown) {
                failure.addSuppressed(thrown);
            }
        }
        int dropped = words.getAndSet(UNCLAIMED, 0);
        words.getAndAdd(UNFINISHED, -dropped);
    }

    private static void rethrow(Throwable thrown) {
        switch (thrown) {
            case RuntimeException exception -> throw exception;
            case Error error -> throw error;
            default -> throw new UndeclaredThrowableException(thrown);
        }
    }

    private void serve(int worker) {
        while (words.get(STATE) != CLOSED) {
            if (awaitRegion()) {
                work(worker);
            } else {
                park(worker);
            }
        }
    }

    /** Spins until there is something to claim (true), or until the time to spin is over or the crew closed (false). */
    @SuppressWarnings("ThreadPriorityCheck") // As in runShared: who yields here has nothing to do.
    private boolean awaitRegion() {
        long budget = crowded ? CROWDED_SPIN_NANOS : SPIN_NANOS;
        long start = System.nanoTime();
        long spun = 0;
        do {
            for (int i = 0; i < SPINS_A_CLOCK; i++) {
                if (words.get(UNCLAIMED) > 0) {
                    return true;
                }
                Thread.onSpinWait();
            }
            if (crowded || spun > SELFISH_NANOS) {
                Thread.yield();
            }
            spun = System.nanoTime() - start;
        } while (words.get(STATE) != CLOSED && spun < budget);
        return false;
    }

    private void park(int worker) {
        int flag = PARKED + worker * PAD;
        words.set(flag, 1);
        if (words.get(UNCLAIMED) > 0 || words.get(STATE) == CLOSED) {
            words.set(flag, 0);
            return;
        }
        while (words.get(flag) == 1) {
            LockSupport.park(this);
            // A pending interrupt would turn park into a busy loop; nobody has a reason to interrupt a worker.
            Thread.interrupted();
        }
    }

    /**
     * Ends the threads and waits until they have ended. A second call does nothing.
     *
     * @throws IllegalStateException while a region runs: within a task, or in another thread
     */
    @Override
    public void close() {
        if (!words.compareAndSet(STATE, IDLE, CLOSED)) {
            if (words.get(STATE) == CLOSED) {
                return;
            }
            throw new IllegalStateException("Workers.close: a region is running");
        }
        wake(threads - 1);
        boolean interrupted = false;
        for (Thread thread : crew) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
