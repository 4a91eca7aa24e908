// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.hub.ModelFiles;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopP;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Pooling;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A model that is ready to answer: the library's front door.
 *
 * <pre>{@code
 * try (Kelvin kelvin = Kelvin.open(Path.of("model.gguf"))) {
 *     kelvin.complete("Once upon a time", System.out::print);
 * }
 * }</pre>
 *
 * <p>It opens the file, starts as many threads as there are processors, runs an {@link Engine} on one of its own, and
 * ends all that when it is closed. For any number of threads at once: their answers are computed together, and none
 * depends on the others. It prints nothing. Rejects null.
 *
 * <p>A text comes piece by piece to a callback ({@link #complete(String, Consumer)}), as a {@link #stream(String)
 * Stream}, as a {@link #publisher Flow.Publisher}, or with all that there is to know of it to a
 * {@link GenerationListener}. The last three may take their time: what is not taken is not made, or no more than 32
 * pieces ahead, and nobody else waits for it.
 */
public final class Kelvin implements AutoCloseable {
    /** What is done where nothing else is asked for: at most 256 tokens, top-k 40, top-p 0.95, min-p 0.05, τ 0.8. */
    public static final GenerateOptions STANDARD =
            new GenerateOptions(256, 0, List.of(new TopK(40), new TopP(0.95f), new MinP(0.05f), new Temperature(0.8f)));

    private final OpenModel open;
    private final Tokenizer tokenizer;

    /** Null for an encoder. */
    private final Engine engine;

    /** What is done on the thread of an encoder; null where there is an engine. */
    private final EngineCalls encoderCalls;

    private final Thread thread;
    private volatile boolean closed;

    /** Made when it is first needed, on the model's thread, and used on that alone. */
    private Embedder embedder;

    private Kelvin(OpenModel open, EngineLimits limits) throws IOException {
        this.open = open;
        tokenizer = open.tokenizer();
        boolean writes = open.model().plan().writes();
        engine = writes ? open.engine(limits) : null;
        encoderCalls = writes ? null : new EngineCalls();
        thread = Thread.ofPlatform().daemon().name("kelvin-engine").start(writes ? engine::run : this::runEncoder);
    }

    /**
     * Opens a model on all processors.
     *
     * @param path of a GGUF file, or a folder of the hub
     * @throws dev.kelvin.format.ModelFormatException if it is not a model that can be computed
     * @throws IOException if reading fails
     */
    public static Kelvin open(Path path) throws IOException {
        return open(path, Compute.start(Runtime.getRuntime().availableProcessors()), EngineLimits.STANDARD);
    }

    /**
     * Opens a model.
     *
     * @param path of a GGUF file, or a folder of the hub
     * @param compute does the work, and is closed with this
     * @param limits how much is done at once
     * @throws dev.kelvin.format.ModelFormatException if it is not a model that can be computed
     * @throws IOException if reading fails
     */
    public static Kelvin open(Path path, Compute compute, EngineLimits limits) throws IOException {
        ModelFile file;
        try {
            file = ModelFiles.open(path);
        } catch (IOException | RuntimeException e) {
            compute.close();
            throw e;
        }
        return of(OpenModel.of(file, compute, LoadOptions.QUIET), limits);
    }

    /**
     * Opens a model that is a resource, such as one in a jar; it is read into memory. A named module must open the
     * resource's package to {@code dev.kelvin.llm}.
     *
     * @param anchor the class beside which a relative name is looked for, as {@link Class#getResourceAsStream} does
     * @param name of the resource, a GGUF file
     * @throws NoSuchFileException if there is none
     * @throws dev.kelvin.format.ModelFormatException if it is not a model that can be computed
     * @throws IOException if reading fails
     */
    public static Kelvin openResource(Class<?> anchor, String name) throws IOException {
        byte[] bytes;
        try (InputStream in = anchor.getResourceAsStream(name)) {
            if (in == null) {
                throw new NoSuchFileException(name, null, "there is no such resource beside " + anchor.getName());
            }
            bytes = in.readAllBytes();
        }
        GgufFile file = GgufFile.of(Path.of(name), bytes);
        Compute compute = Compute.start(Runtime.getRuntime().availableProcessors());
        return of(OpenModel.of(file, compute, LoadOptions.QUIET), EngineLimits.STANDARD);
    }

    /**
     * Runs an engine for a model, with the one that guesses for it if {@link OpenModel#guessWith} has given it one.
     *
     * @param open the model, which is closed with this, or at once if it cannot be run
     * @param limits how much is done at once
     * @throws dev.kelvin.format.ModelFormatException if the file describes no tokenizer that can be used
     */
    public static Kelvin of(OpenModel open, EngineLimits limits) throws IOException {
        try {
            return new Kelvin(open, limits);
        } catch (IOException | RuntimeException e) {
            open.close();
            throw e;
        }
    }

    /**
     * Continues a text, and returns when it is done. An interrupt ends it where it is; the thread stays interrupted.
     *
     * @param prompt the text
     * @param text takes the continuation piece by piece, on the engine's thread
     * @return what was done
     * @throws IllegalArgumentException if the prompt exceeds the model's context
     */
    public Generation complete(String prompt, Consumer<String> text) {
        return complete(prompt, STANDARD, text);
    }

    /** {@link #complete(String, Consumer)} with other options. */
    public Generation complete(String prompt, GenerateOptions options, Consumer<String> text) {
        GenerationTask task = submit(request(prompt, options), GenerationListener.ofText(text));
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.result().get();
                } catch (InterruptedException e) {
                    interrupted = true;
                    task.cancel();
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new CompletionException(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A request to continue a text. */
    public GenerationRequest request(String prompt, GenerateOptions options) {
        return GenerationRequest.of(Tokenizers.promptIds(tokenizer, prompt), options);
    }

    /** {@link #stream(GenerationRequest)} of the text alone, with the {@link #STANDARD} options. */
    public Stream<String> stream(String prompt) {
        return stream(request(prompt, STANDARD)).map(TextPiece::text).filter(text -> !text.isEmpty());
    }

    /**
     * Continues a text while it is read: the stream's thread waits for each piece, and the answer for the stream.
     *
     * <p>Closing the stream ends the answer where it is; who may not come to its end should close it. If the thread is
     * interrupted, or this is closed, the stream ends with a {@link java.util.concurrent.CancellationException}.
     *
     * @throws IllegalArgumentException as {@link Engine#submit}
     */
    public Stream<TextPiece> stream(GenerationRequest request) {
        return PieceStream.of(this::submit, request);
    }

    /**
     * Answers for subscribers: each that subscribes gets one of its own, with the same text. It is told on virtual
     * threads, one at a time, as fast as it requests; cancelling ends its answer. What {@link Engine#submit} throws is
     * told as an error, and so is the closing of this.
     */
    public Flow.Publisher<TextPiece> publisher(GenerationRequest request) {
        return new PiecePublisher(this::submit, request);
    }

    /** Asks for an answer and does not wait for it, see {@link Engine#submit}. */
    public GenerationTask submit(GenerationRequest request, GenerationListener listener) {
        return engine().submit(request, listener);
    }

    /** Asks for several answers, of which all find a place or none, see {@link Engine#submitAll}. */
    public List<GenerationTask> submitAll(List<GenerationRequest> requests, List<GenerationListener> listeners) {
        return engine().submitAll(requests, listeners);
    }

    private Engine engine() {
        if (engine == null) {
            throw new IllegalStateException("generate: the model is an encoder: it makes vectors, and no texts");
        }
        return engine;
    }

    /**
     * Makes vectors of length 1 of texts, as many elements each as {@link #embeddingDim} says. No vector depends on the
     * others, to the bit. Texts of an encoder are computed together, some hundred tokens at once; of a model that also
     * writes one by one, so that answers that are being made wait for one text at most.
     *
     * @param texts none empty
     * @throws IllegalArgumentException if the model's file names no pooling, or a text is empty or longer than the
     *     model's context
     * @throws IllegalStateException if this is closed
     */
    public List<float[]> embed(List<String> texts) {
        if (embeddingDim() == 0) {
            throw new IllegalArgumentException("embed: the model makes no vectors: its file names no pooling");
        }
        List<CompletableFuture<List<float[]>>> vectors = new ArrayList<>();
        List<int[]> together = new ArrayList<>();
        int rows = 0;
        for (String text : texts) {
            int[] ids = tokenizer.surround(tokenizer.encode(text));
            if (!together.isEmpty() && (writes() || rows + ids.length > TextRows.ROWS_AT_ONCE)) {
                callForVectors(together, vectors);
                together = new ArrayList<>();
                rows = 0;
            }
            together.add(ids);
            rows += ids.length;
        }
        if (!together.isEmpty()) {
            callForVectors(together, vectors);
        }
        return vectors.stream().map(EngineCalls::join).flatMap(List::stream).toList();
    }

    /** One call after the other, so that whoever asks for many is not in the way of others. */
    private void callForVectors(List<int[]> texts, List<CompletableFuture<List<float[]>>> vectors) {
        if (!vectors.isEmpty()) {
            var _ = EngineCalls.join(vectors.getLast());
        }
        vectors.add(call(() -> vectors(texts)));
    }

    /** {@link #embed(List)} of one text. */
    public float[] embed(String text) {
        return embed(List.of(text)).getFirst();
    }

    /** Elements of a vector; 0 if the model makes none. */
    public int embeddingDim() {
        Pooling pooling = open.model().plan().pooling();
        boolean none = pooling == Pooling.NONE || pooling == Pooling.RANK;
        return none ? 0 : open.model().plan().vectorDim();
    }

    private List<float[]> vectors(List<int[]> texts) {
        if (embedder == null) {
            embedder = new Embedder(open.model(), open.model().plan().pooling());
        }
        HeapTensor rows = embedder.embed(texts);
        List<float[]> vectors = new ArrayList<>();
        for (int i = 0; i < rows.rows(); i++) {
            int from = rows.offset() + i * rows.columns();
            vectors.add(Arrays.copyOfRange(rows.data(), from, from + rows.columns()));
        }
        return vectors;
    }

    private <T> CompletableFuture<T> call(Callable<T> work) {
        if (engine != null) {
            return engine.call(work);
        }
        CompletableFuture<T> result = encoderCalls.add(work);
        // Whoever closes this refuses what waits after closed was set: one of the two sees the other.
        if (closed) {
            encoderCalls.end();
        }
        LockSupport.unpark(thread);
        return result;
    }

    private void runEncoder() {
        while (!closed) {
            if (!encoderCalls.run()) {
                LockSupport.park(this);
            }
        }
        encoderCalls.end();
    }

    /** Whether the model writes texts; an encoder makes vectors alone. */
    public boolean writes() {
        return engine != null;
    }

    /** Turns texts into ids. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** What the model's file says of itself. */
    public GgufMetadata metadata() {
        return open.metadata();
    }

    /** The most positions of a text. */
    public int contextLength() {
        return engine == null ? open.contextLength() : engine.contextLength();
    }

    /** What the engine has done so far; null for an encoder. */
    public EngineMetrics metrics() {
        return engine == null ? null : engine.metrics();
    }

    /** Ends all answers where they are, then threads and file. */
    @Override
    public void close() {
        closed = true;
        if (engine == null) {
            LockSupport.unpark(thread);
        } else {
            engine.close();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                // The file must not be unmapped under the thread that reads it.
                interrupted = true;
            }
        }
        open.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
