// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.generate.EngineCounters.Count;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.KvPool;
import dev.kelvin.nn.KvPoolFullException;
import dev.kelvin.nn.RowBuffer;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Answers requests: prompts in, tokens out, many at a time.
 *
 * <p>One thread owns the engine and with it model, {@link Compute} and the memory of sequences: the one that calls
 * {@link #step}, {@link #generate} or {@link #run}. {@link #submit} and cancelling are for any thread. A step is one
 * pass through the model: a row for each sequence that generates, and pieces of prompts in the rows that are left.
 *
 * <p>An answer is a pure function of the model and its request: to the bit the same alone or in company, whatever the
 * limits, the threads, the order of arrival and what others have begun alike. The token with index n in the sequence
 * (prompt included) is drawn with position n, so that continuing from a longer prefix of the same text gives the same
 * rest.
 *
 * <p>What was computed stays for texts that begin alike. Where the memory of keys and values ends, the texts that were
 * not used for the longest time go first; then the youngest sequence gives its pages back and is computed again later,
 * which changes no bit of it. Rejects null.
 */
public final class Engine implements AutoCloseable {
    private final Decoder model;
    private final Compute compute;
    private final EngineLimits limits;
    private final EngineMemory memory;
    private final KvPool pool;

    /** The most positions of a sequence: the model's, or fewer where memory ends before. */
    private final int contextLength;

    private final RequestGate gate;
    private final PrefixSharing prefixes;
    private final StepPlan plan;
    private final Picker picker;
    private final RowBuffer hidden;
    private final LongSupplier clock;
    private final EngineCounters counters = new EngineCounters();
    private final EngineCalls calls = new EngineCalls();

    /** Requests that no step has looked at. */
    private final RequestQueue waiting;

    private final Roster roster = new Roster();
    private final Proposer proposer;
    private final Endings endings;

    private volatile Thread runner;
    private volatile boolean closed;

    /**
     * An engine that nobody runs yet.
     *
     * @param tokenizer says which ids end a text and which one starts an empty prompt
     * @param compute the one that the model was loaded with
     * @throws IllegalArgumentException if tokenizer and model have vocabularies of different sizes
     */
    public Engine(Decoder model, Tokenizer tokenizer, Compute compute, EngineLimits limits) {
        this(model, null, tokenizer, compute, limits, System::nanoTime);
    }

    /**
     * An engine whose answers are guessed by a smaller model, see {@link OpenModel#engine}.
     *
     * @param draft of the same compute and the same vocabulary; null for none
     * @param clock nanoseconds, by which steps learn what rows cost
     */
    Engine(
            Decoder model,
            Decoder draft,
            Tokenizer tokenizer,
            Compute compute,
            EngineLimits limits,
            LongSupplier clock) {
        this.model = Objects.requireNonNull(model, "model");
        this.compute = Objects.requireNonNull(compute, "compute");
        this.limits = Objects.requireNonNull(limits, "limits");
        this.clock = clock;
        memory = EngineMemory.of(model, draft, limits.kvType(), limits.bytes());
        pool = memory.model();
        contextLength = pool.positions(model.plan().sizes().contextLength());
        gate = new RequestGate(tokenizer, model.plan().sizes(), contextLength, pool.limitBytes(), this::wake);
        prefixes = new PrefixSharing(pool, limits.prefixCache(), counters);
        plan = new StepPlan(limits, contextLength, prefixes);
        picker = new Picker(model.head());
        hidden = new RowBuffer(model.plan().sizes().dim());
        proposer = Proposer.of(draft, compute, memory.draft(), limits);
        endings = new Endings(model, roster, prefixes, proposer, counters, contextLength);
        waiting = new RequestQueue(limits.queued());
    }

    /**
     * Asks for an answer. For any thread.
     *
     * @param listener hears of it on the engine's thread
     * @return the answer on its way
     * @throws IllegalArgumentException before any work, if an id is outside the vocabulary (it names index and id), the
     *     prompt is longer than {@link #contextLength}, it is empty and the vocabulary has no BOS, or the samplers are
     *     no chain
     * @throws RejectedExecutionException if as many requests wait as may
     * @throws IllegalStateException if the engine is closed
     */
    public GenerationTask submit(GenerationRequest request, GenerationListener listener) {
        return submitAll(List.of(request), List.of(listener)).getFirst();
    }

    /**
     * Asks for several answers, of which all find a place or none. For any thread. Answers of one prompt, made
     * different by {@link GenerationRequest#withSequence}, compute it once.
     *
     * @param requests oldest first
     * @param listeners one each
     * @return the answers on their way
     * @throws IllegalArgumentException as {@link #submit}, or if there are not as many listeners as requests
     * @throws RejectedExecutionException if there are fewer places to wait than requests
     * @throws IllegalStateException if the engine is closed
     */
    public List<GenerationTask> submitAll(List<GenerationRequest> requests, List<GenerationListener> listeners) {
        List<ActiveGeneration> all = gate.check(requests, listeners);
        requireOpen();
        if (!waiting.offer(all)) {
            counters.refuse(all.size());
            throw new RejectedExecutionException(
                    "engine: " + waiting.size() + " requests of at most " + limits.queued() + " wait already");
        }
        // Whoever closes the engine empties the queue after closed was set: one of the two sees the other.
        if (closed && all.stream().filter(waiting::remove).count() > 0) {
            throw new IllegalStateException("engine: it is closed");
        }
        wake();
        return all.stream().map(ActiveGeneration::task).toList();
    }

    /** Has the thread that waits in {@link #run} look for something to do. */
    private void wake() {
        LockSupport.unpark(runner);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("engine: it is closed");
        }
    }

    /**
     * Has work done on the engine's thread between two steps, where it may use model, {@link Compute} and sequences of
     * its own. For any thread.
     *
     * @param work should be short, as all answers wait for it
     * @return what it returns, or throws
     * @throws RejectedExecutionException if 64 others wait already
     * @throws IllegalStateException if the engine is closed
     */
    public <T> CompletableFuture<T> call(Callable<T> work) {
        requireOpen();
        CompletableFuture<T> result = calls.add(Objects.requireNonNull(work, "work"));
        if (closed) {
            calls.end();
        }
        wake();
        return result;
    }

    /**
     * Answers one request on this thread, which owns the engine, together with whatever else was submitted. An
     * interrupt ends the answer where it is; the thread stays interrupted.
     *
     * @return what was done
     * @throws IllegalArgumentException as {@link #submit}, or if the logits are not finite
     * @throws RuntimeException what the listener threw
     */
    public Generation generate(GenerationRequest request, GenerationListener listener) {
        GenerationTask task = submit(request, listener);
        while (!task.result().isDone()) {
            if (Thread.currentThread().isInterrupted()) {
                task.cancel();
            }
            if (!step()) {
                LockSupport.parkNanos(this, 1_000_000); // its listener takes no more for now
            }
        }
        return EngineCalls.join(task.result());
    }

    /** Answers requests on this thread, which owns the engine, until it is closed; an interrupt closes it too. */
    public void run() {
        runner = Thread.currentThread();
        try {
            while (!closed) {
                if (!step()) {
                    LockSupport.park(this);
                }
                if (runner.isInterrupted()) {
                    closed = true;
                }
            }
        } finally {
            endAll();
        }
    }

    /**
     * One pass through the model for all sequences that have something to compute. For the thread that owns the engine.
     *
     * @return whether there was anything to do
     */
    public boolean step() {
        endCancelled();
        boolean called = calls.run();
        endings.rest();
        admit();
        if (roster.active().isEmpty()) {
            tellNow();
            return called;
        }
        long start = clock.getAsLong();
        HeapTensor rows;
        try {
            rows = forward();
        } catch (CancellationException calledOff) {
            return true; // the pass has not happened
        }
        counters.step(plan.batch());
        if (rows != null) {
            picker.pick(rows, plan.wanted(), endings);
        }
        long nanos = clock.getAsLong() - start;
        plan.took(plan.generating(), plan.batch().rows() - plan.generating(), nanos);
        counters.add(Count.STEP_NANOS, nanos);
        tellNow();
        return true;
    }

    private void tellNow() {
        counters.now(roster.size(), memory.usedPages(), memory.usedBytes(), prefixes.size());
    }

    private void endCancelled() {
        roster.removeCancelled().forEach(endings::cancel);
        waiting.removeCancelled().forEach(endings::cancel);
    }

    private void admit() {
        while (roster.hasRoom(limits.sequences())) {
            ActiveGeneration resumed = roster.resumed();
            ActiveGeneration next = resumed == null ? waiting.poll() : resumed;
            if (next == null) {
                return;
            }
            next.begin(compute, plan.newDraft());
            roster.add(next);
        }
    }

    /** Computes the next rows of all; returns those that are wanted, or null if the pass came to nothing. */
    private HeapTensor forward() {
        int room = limits.rows();
        plan.guess(roster.active(), proposer, this::isCalledOff);
        while (true) {
            plan.fill(roster.active(), room);
            HeapTensor rows = hidden.rows(plan.batch().wantedRows());
            try {
                model.forward(plan.batch(), rows, this::isCalledOff);
                roster.active().forEach(prefixes::passed);
                endings.endThoseThatReadOnly();
                return plan.wanted().isEmpty() ? null : rows;
            } catch (KvPoolFullException full) {
                if (prefixes.shrink()) {
                    continue;
                }
                if (plan.guessed() > 0) {
                    plan.dropGuesses();
                    continue;
                }
                if (roster.active().size() > 1) {
                    endings.evict();
                } else if (plan.batch().rows() > 1) {
                    room = plan.batch().rows() / 2;
                } else {
                    endings.fail(roster.active().getFirst(), full);
                    return null;
                }
            } catch (CancellationException off) {
                throw off;
            } catch (RuntimeException | Error broken) {
                endings.failAll(broken);
                return null;
            }
        }
    }

    /** Whether nobody waits for the pass that runs. */
    private boolean isCalledOff() {
        return (closed && runner != null) || roster.allCancelled();
    }

    private void endAll() {
        List<ActiveGeneration> all = roster.removeAll();
        for (ActiveGeneration next = waiting.poll(); next != null; next = waiting.poll()) {
            all.add(next);
        }
        all.forEach(endings::cancel);
        calls.end();
        forgetPrefixes();
        tellNow();
    }

    /** What was done so far. For any thread. */
    public EngineMetrics metrics() {
        return counters.metrics(waiting.size(), memory.limitBytes());
    }

    /**
     * Bytes of keys and values that are held now: those of texts that were answered are, too, until others need the
     * memory, and those of a draft model. For the thread that owns the engine.
     */
    public long usedBytes() {
        return memory.usedBytes();
    }

    /** The most bytes of keys and values, see {@link EngineLimits#kvBytes}. */
    public long kvBytes() {
        return memory.limitBytes();
    }

    /** The most tokens of a prompt and its answer: the model's context, or less where the memory has no room for it. */
    public int contextLength() {
        return contextLength;
    }

    /**
     * Writes the texts that were answered to a file, for an engine that goes on later. For any thread; answers wait
     * meanwhile.
     *
     * @param path the name that the file takes when it is complete
     * @param fingerprint of this engine
     * @return how many texts they are
     * @throws IOException if writing fails; what was there before stays
     */
    public int saveCache(Path path, EngineFingerprint fingerprint) throws IOException {
        return calls.onThread(runner, () -> {
            PrefixCacheFile.save(path, fingerprint.toString(), pool, prefixes.cache());
            return prefixes.size();
        });
    }

    /**
     * Takes the texts of a file that {@link #saveCache} has written, as many as there is memory for. For any thread;
     * answers wait meanwhile, and no bit of them changes.
     *
     * @param fingerprint of this engine
     * @return how many texts were taken
     * @throws dev.kelvin.format.ModelFormatException if the file is damaged, or that of another fingerprint; nothing is
     *     taken then
     * @throws IOException if reading fails
     */
    public int loadCache(Path path, EngineFingerprint fingerprint) throws IOException {
        return calls.onThread(
                runner,
                () -> PrefixCacheFile.load(path, fingerprint.toString(), pool, prefixes.cache(), contextLength));
    }

    /** Forgets all texts that were answered. For the thread that owns the engine. */
    public void forgetPrefixes() {
        prefixes.clear();
        proposer.clear();
    }

    /**
     * Takes no more requests and ends those that are there where they are. For any thread while another is in
     * {@link #run}, else for the one that owns the engine.
     */
    @Override
    public void close() {
        closed = true;
        if (runner == null) {
            endAll();
        } else {
            wake();
        }
    }
}
