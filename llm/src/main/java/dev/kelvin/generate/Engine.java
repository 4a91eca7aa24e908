// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.head.SamplerChain;
import dev.kelvin.nn.Batch;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.KvPool;
import dev.kelvin.nn.KvPoolFullException;
import dev.kelvin.nn.RowBuffer;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;

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
    private final Tokenizer tokenizer;
    private final Compute compute;
    private final EngineLimits limits;
    private final KvPool pool;

    /** The most positions of a sequence: the model's, or fewer where memory ends before. */
    private final int contextLength;

    private final PrefixSharing prefixes;
    private final Picker picker;
    private final RowBuffer hidden;
    private final Batch batch = new Batch();
    private final BetweenSteps between = new BetweenSteps();

    /** Requests that no step has looked at. */
    private final LinkedBlockingDeque<ActiveGeneration> waiting;

    /** Those that gave their memory back, youngest last. They go on before others begin. */
    private final Deque<ActiveGeneration> evicted = new ArrayDeque<>();

    /** Oldest first. */
    private final List<ActiveGeneration> active = new ArrayList<>();

    /** Of the batch, those whose last row is wanted. */
    private final List<ActiveGeneration> wanted = new ArrayList<>();

    private final Picker.Picks picks = new Picker.Picks() {
        @Override
        public void picked(ActiveGeneration generation, int id) {
            try {
                StopReason reason = generation.accept(id, contextLength);
                if (reason != null) {
                    end(generation, reason);
                }
            } catch (RuntimeException e) {
                fail(generation, e);
            }
        }

        @Override
        public void failed(ActiveGeneration generation, RuntimeException cause) {
            fail(generation, cause);
        }
    };

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
        this.model = Objects.requireNonNull(model, "model");
        this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
        this.compute = Objects.requireNonNull(compute, "compute");
        this.limits = Objects.requireNonNull(limits, "limits");
        int vocabSize = model.plan().sizes().vocabSize();
        if (tokenizer.vocabSize() != vocabSize) {
            throw new IllegalArgumentException("generate: the tokenizer has " + tokenizer.vocabSize()
                    + " tokens, but the model's vocabSize is " + vocabSize);
        }
        pool = KvPool.open(model.memory(), limits.kvType(), limits.bytes());
        contextLength = pool.positions(model.plan().sizes().contextLength());
        prefixes = new PrefixSharing(pool, limits.prefixCache());
        picker = new Picker(model.head());
        hidden = new RowBuffer(model.plan().sizes().dim());
        waiting = new LinkedBlockingDeque<>(limits.queued());
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
        Objects.requireNonNull(listener, "listener");
        int[] prompt = startingIds(request.prompt());
        checkPrompt(prompt);
        GenerationTask task = new GenerationTask();
        SamplerChain chain =
                Tokenizers.samplerChain(tokenizer, request.options().samplers());
        ActiveGeneration generation = new ActiveGeneration(request, prompt, chain, tokenizer, listener, task);
        if (closed) {
            throw new IllegalStateException("engine: it is closed");
        }
        if (!waiting.offerLast(generation)) {
            throw new RejectedExecutionException("engine: " + limits.queued() + " requests wait already");
        }
        // Whoever closes the engine empties the queue after closed was set: one of the two sees the other.
        if (closed && waiting.remove(generation)) {
            throw new IllegalStateException("engine: it is closed");
        }
        LockSupport.unpark(runner);
        return task;
    }

    /**
     * Does other work with the model on the engine's thread, between two steps, while the answers wait. For any thread.
     *
     * @param work of no more than a step's time, or the answers stand still
     * @return what it gives, or throws
     * @throws IllegalStateException if the engine is closed
     */
    public <T> CompletableFuture<T> call(Callable<T> work) {
        if (closed) {
            throw new IllegalStateException("engine: it is closed");
        }
        CompletableFuture<T> result = between.add(work);
        if (closed) {
            between.refuseAll();
        }
        LockSupport.unpark(runner);
        return result;
    }

    private int[] startingIds(int[] prompt) {
        if (prompt.length > 0) {
            return prompt;
        }
        if (tokenizer.bosId() < 0) {
            throw new IllegalArgumentException(
                    "generate: the prompt is empty, and the vocabulary has no BOS token to start from");
        }
        return new int[] {tokenizer.bosId()};
    }

    private void checkPrompt(int[] ids) {
        int modelsLength = model.plan().sizes().contextLength();
        if (ids.length > modelsLength) {
            throw new IllegalArgumentException("generate: a prompt of " + ids.length
                    + " tokens does not fit the model's context of " + modelsLength);
        }
        if (ids.length > contextLength) {
            throw new IllegalArgumentException("generate: a prompt of " + ids.length
                    + " tokens does not fit the memory for keys and values: its " + pool.limitBytes()
                    + " bytes have room for " + contextLength + " tokens (EngineLimits.kvBytes)");
        }
        int vocabSize = model.plan().sizes().vocabSize();
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabSize) {
                throw new IllegalArgumentException(
                        "generate: prompt[" + i + "] is " + ids[i] + ", outside the vocabulary [0, " + vocabSize + ")");
            }
        }
    }

    /**
     * Answers one request on this thread, which owns the engine, together with whatever else was submitted.
     *
     * @return what was done
     * @throws IllegalArgumentException as {@link #submit}, or if the logits are not finite
     * @throws RuntimeException what the listener threw
     */
    public Generation generate(GenerationRequest request, GenerationListener listener) {
        GenerationTask task = submit(request, listener);
        while (!task.result().isDone()) {
            step();
        }
        try {
            return task.result().join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw e;
            }
        }
    }

    /** Answers requests on this thread, which owns the engine, until it is closed. */
    public void run() {
        runner = Thread.currentThread();
        try {
            while (!closed) {
                if (!step()) {
                    LockSupport.park(this);
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
        boolean worked = between.runNext();
        endCancelled();
        admit();
        if (active.isEmpty()) {
            return worked;
        }
        HeapTensor rows = forward();
        if (rows != null) {
            picker.pick(rows, wanted, picks);
        }
        return true;
    }

    private void endCancelled() {
        int before = active.size();
        for (Iterable<ActiveGeneration> some : List.of(active, evicted, waiting)) {
            for (Iterator<ActiveGeneration> each = some.iterator(); each.hasNext(); ) {
                ActiveGeneration generation = each.next();
                if (generation.task().isCancelled()) {
                    each.remove();
                    prefixes.end(generation);
                    generation.end(StopReason.CANCELLED);
                }
            }
        }
        if (active.size() < before) {
            readmit();
        }
    }

    /** While some wait for memory, no others take it. */
    private void admit() {
        while (active.isEmpty() && !evicted.isEmpty()) {
            active.add(evicted.removeFirst());
        }
        while (evicted.isEmpty() && active.size() < limits.sequences()) {
            ActiveGeneration next = waiting.pollFirst();
            if (next == null) {
                return;
            }
            next.begin(compute);
            active.add(next);
        }
    }

    /** Computes the next rows of all; returns those that are wanted, or null if the pass came to nothing. */
    private HeapTensor forward() {
        int room = limits.rows();
        while (true) {
            fill(room);
            HeapTensor rows = hidden.rows(batch.wantedRows());
            try {
                model.forward(batch, rows);
                active.forEach(prefixes::passed);
                endThoseThatReadOnly();
                return wanted.isEmpty() ? null : rows;
            } catch (KvPoolFullException full) {
                if (prefixes.shrink()) {
                    continue;
                }
                if (active.size() > 1) {
                    ActiveGeneration youngest = active.removeLast();
                    prefixes.end(youngest);
                    evicted.addFirst(youngest);
                } else if (batch.rows() > 1) {
                    room = batch.rows() / 2;
                } else {
                    fail(active.getFirst(), full);
                    return null;
                }
            } catch (RuntimeException | Error broken) {
                List.copyOf(active).forEach(each -> fail(each, broken));
                return null;
            }
        }
    }

    /** Sequences that generate come first: a long prompt delays none of them by more than one pass. */
    private void fill(int most) {
        batch.clear();
        wanted.clear();
        int room = most;
        for (boolean generating : new boolean[] {true, false}) {
            for (int i = 0; i < active.size() && room > 0; i++) {
                ActiveGeneration each = active.get(i);
                if (each.generates() == generating && (each.sequence() != null || prefixes.begin(each, active))) {
                    int rows = each.addTo(batch, Math.min(room, prefixes.mostRows(each)));
                    room -= rows;
                    if (rows == each.pending() && each.picksTokens()) {
                        wanted.add(each);
                    }
                }
            }
        }
    }

    private void endThoseThatReadOnly() {
        for (int i = active.size() - 1; i >= 0; i--) {
            ActiveGeneration each = active.get(i);
            if (!each.picksTokens() && each.pending() == 0) {
                end(each, StopReason.MAX_TOKENS);
            }
        }
    }

    private void end(ActiveGeneration generation, StopReason reason) {
        leave(generation);
        prefixes.end(generation);
        generation.end(reason);
    }

    private void fail(ActiveGeneration generation, Throwable cause) {
        leave(generation);
        if (generation.sequence() != null) {
            generation.sequence().close();
        }
        generation.fail(cause);
    }

    private void leave(ActiveGeneration generation) {
        active.remove(generation);
        readmit();
    }

    /** Memory has become free: one of those who wait for it may go on. */
    private void readmit() {
        if (!evicted.isEmpty()) {
            active.add(evicted.removeFirst());
        }
    }

    private void endAll() {
        between.refuseAll();
        for (Collection<ActiveGeneration> some : List.of(active, evicted, waiting)) {
            List<ActiveGeneration> all = List.copyOf(some);
            some.clear();
            for (ActiveGeneration generation : all) {
                prefixes.end(generation);
                generation.end(StopReason.CANCELLED);
            }
        }
        prefixes.clear();
    }

    /**
     * Bytes of keys and values that are held now: those of texts that were answered are, too, until others need the
     * memory. For the thread that owns the engine.
     */
    public long usedBytes() {
        return pool.usedBytes();
    }

    /** The most bytes of keys and values, see {@link EngineLimits#kvBytes}. */
    public long kvBytes() {
        return pool.limitBytes();
    }

    /** The most tokens of a prompt and its answer: the model's context, or less where the memory has no room for it. */
    public int contextLength() {
        return contextLength;
    }

    /** Forgets all texts that were answered. For the thread that owns the engine. */
    public void forgetPrefixes() {
        prefixes.clear();
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
            LockSupport.unpark(runner);
        }
    }
}
