// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.operand.Matrix;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.parallel.Workers;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * The workers with one set of kernels each (kernels own scratch memory), the rule by which work is cut into ranges, and
 * the word that lets one call in at a time.
 */
final class Team {
    /**
     * A call of an operation. It begins before anything of it is checked or stored and ends when nothing of it is left,
     * so the fields in which a task keeps its operands belong to one call, however that ends.
     */
    interface Call extends AutoCloseable {
        @Override
        void close();
    }

    /** Whether a call runs, or none will any more. */
    private enum State {
        IDLE,
        RUNNING,
        /** A call runs, the last one. */
        CLOSING,
        CLOSED
    }

    static final long WORTH_SHARING_PICOS = Cost.SHARED_REGION.picos();

    /** A range is at least this part of the least region, so that claiming it and starting its loops does not show. */
    private static final int SHORTEST_RANGE_PART = 4;

    /** Ranges per thread: enough that the last one to finish is soon followed by the others. */
    private static final int RANGES_PER_THREAD = 8;

    /** Not the caller, and so for a memory segment any other thread there is. */
    private static final Thread OTHER_THREAD = Thread.ofPlatform().unstarted(() -> {});

    /** Between two looks whether a call has ended, ns. */
    private static final long LOOK_NANOS = 50_000;

    private final Workers workers;
    private final Kernels[] kernels;
    private final long worthSharingPicos;
    private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);
    private final Call call = this::end;

    /** Who called last. */
    private volatile Thread caller;

    Team(Workers workers, Supplier<Kernels> kernels, long worthSharingPicos) {
        this.workers = workers;
        this.worthSharingPicos = worthSharingPicos;
        this.kernels = new Kernels[workers.threads()];
        try {
            for (int i = 0; i < this.kernels.length; i++) {
                this.kernels[i] = kernels.get();
            }
        } catch (Throwable e) { // nobody else could end the threads
            workers.close();
            throw e;
        }
    }

    /**
     * Begins a call; all calls share one object, so none is made.
     *
     * @throws IllegalStateException if another one runs, or after {@link #close}
     */
    Call begin() {
        State found = state.compareAndExchange(State.IDLE, State.RUNNING);
        if (found != State.IDLE) {
            throw refusal(found);
        }
        caller = Thread.currentThread();
        return call;
    }

    private void end() {
        if (!state.compareAndSet(State.RUNNING, State.IDLE)) {
            state.set(State.CLOSED);
        }
    }

    private static IllegalStateException refusal(State found) {
        return new IllegalStateException(
                found == State.RUNNING
                        ? "Compute: another call is running; calls do not nest, nor have two callers"
                        : "Compute: it is closed");
    }

    int threads() {
        return kernels.length;
    }

    /**
     * Demands memory that every thread of the crew may read and write. That of a confined arena belongs to one thread;
     * which calls would fail on it is a matter of who is free.
     */
    void requireAccess(String operation, String name, Tensor tensor) {
        MemorySegment segment =
                switch (tensor) {
                    case HeapTensor _ -> null;
                    case MappedTensor mapped -> mapped.segment();
                    case PackedTensor packed -> packed.segment();
                };
        if (segment != null && !accessible(segment)) {
            throw confined(operation, name + " " + tensor.shape());
        }
    }

    /** Demands the same of a view. */
    void requireAccess(String operation, String name, Matrix matrix) {
        if (matrix.segment() != null && !accessible(matrix.segment())) {
            throw confined(operation, name + " [" + matrix.rows() + ", " + matrix.columns() + "]");
        }
    }

    /** Demands the same of a segment. */
    void requireAccess(String operation, String name, MemorySegment segment) {
        if (!accessible(segment)) {
            throw confined(operation, name + " [" + segment.byteSize() + "]");
        }
    }

    private boolean accessible(MemorySegment segment) {
        return segment.isAccessibleBy(Thread.currentThread())
                && (threads() == 1 || segment.isAccessibleBy(OTHER_THREAD));
    }

    private static IllegalArgumentException confined(String operation, String what) {
        return new IllegalArgumentException(operation + ": " + what
                + " lies in a confined arena, of which one thread alone may read; allocate or map it in a shared or"
                + " automatic one");
    }

    /** The kernels of one worker; worker 0 is the caller. */
    Kernels kernels(int worker) {
        return kernels[worker];
    }

    /** Whether so much work, in picoseconds of one thread, is worth handing over. */
    boolean worthSharing(long picos) {
        return kernels.length > 1 && picos >= worthSharingPicos;
    }

    /**
     * Runs {@code task} over {@code [0, items)}, shared if that is worth it.
     *
     * @param picosPerItem a rough estimate of one item's time on one thread; it decides the cut, never a result
     * @param multiple each range but the last is a multiple of so many items
     */
    void run(int items, long picosPerItem, int multiple, RangeTask task) {
        long each = Math.max(1, picosPerItem);
        long total = saturatedProduct(each, items);
        if (items <= multiple || !worthSharing(total)) {
            workers.run(items, Math.max(1, items), task);
            return;
        }
        long range =
                Math.max(worthSharingPicos / SHORTEST_RANGE_PART, total / ((long) kernels.length * RANGES_PER_THREAD));
        long grain = Math.max(1, Math.ceilDiv(Math.ceilDiv(range, each), multiple)) * multiple;
        workers.run(items, (int) Math.min(grain, items), task);
    }

    /** The product of two non-negative numbers, at most {@code Long.MAX_VALUE}. */
    static long saturatedProduct(long a, long b) {
        return Math.multiplyHigh(a, b) == 0 && a * b >= 0 ? a * b : Long.MAX_VALUE;
    }

    /**
     * Lets no further call begin, waits for the one that another thread has begun, and ends the threads.
     *
     * @throws IllegalStateException within a call
     */
    void close() {
        while (!state.compareAndSet(State.IDLE, State.CLOSED) && state.get() != State.CLOSED) {
            Thread current = Thread.currentThread();
            if (state.get() == State.RUNNING && (current.equals(caller) || workers.isMember(current))) {
                throw refusal(State.RUNNING);
            }
            state.compareAndSet(State.RUNNING, State.CLOSING);
            LockSupport.parkNanos(LOOK_NANOS);
        }
        workers.close();
    }
}
