// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.head.Temperature;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.model.ModelConfig;
import dev.kelvin.model.TinyLlama;
import dev.kelvin.nn.Batch;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.Sequence;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Closing, cancelling and interrupting in the midst of the work: an exception or an end, and soon. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LifetimeTest {
    private static final int LAYERS = 24;
    private static final int CALLERS = 16;

    @TempDir
    Path folder;

    private Path path;

    /** Deep, so that a pass of many rows takes much longer than a layer of it. */
    @BeforeEach
    void write() throws IOException {
        ModelConfig config = new ModelConfig(64, 128, 4, 2, 16, LAYERS, 29, 4000, 1e-5f, 10000f, 16);
        path = TinyLlama.withLetters(config, false, 7).write(folder.resolve("deep.gguf"));
    }

    private OpenModel open(int threads) throws IOException {
        return OpenModel.of(GgufFile.open(path), Compute.start(threads), LoadOptions.QUIET);
    }

    private static int[] prompt(int length) {
        int[] ids = new int[length];
        for (int i = 0; i < length; i++) {
            ids[i] = 3 + i * i % 20;
        }
        return ids;
    }

    private static GenerationRequest request(int prompt, int tokens) {
        return GenerationRequest.of(prompt(prompt), GenerateOptions.greedy(tokens));
    }

    /** Weights lie in the file's mapping, which is gone after close: whoever still reads it gets an exception. */
    @Test
    void closingAModelEndsWhatItComputesWithAnException() throws Exception {
        SplittableRandom random = new SplittableRandom(5);
        int failed = 0;
        for (int round = 0; round < 25; round++) {
            OpenModel open = open(1 + round % 2);
            Engine engine = new Engine(open.model(), open.tokenizer(), open.compute(), EngineLimits.STANDARD);
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread generating = Thread.ofPlatform().start(() -> {
                try {
                    engine.generate(request(40, 3900), GenerationListener.NONE);
                } catch (Throwable e) {
                    end.set(e);
                }
            });
            Thread.sleep(random.nextInt(1, 40));
            open.close();
            generating.join();
            if (end.get() != null) {
                assertInstanceOf(IllegalStateException.class, end.get());
                failed++;
            }
        }
        assertTrue(failed > 20, failed + " of 25");
    }

    @Test
    void theFrontDoorEndsAnswersWhereTheyAre() throws Exception {
        Kelvin kelvin = Kelvin.open(path, Compute.start(2), EngineLimits.STANDARD);
        List<GenerationTask> tasks = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            tasks.add(kelvin.submit(request(10 + i, 3900), GenerationListener.NONE));
        }
        Thread.sleep(30);
        kelvin.close();
        for (GenerationTask task : tasks) {
            assertEquals(StopReason.CANCELLED, task.result().join().stopReason());
        }
    }

    /** A prompt of hundreds of rows is one pass; cancelling it takes the time of a layer, not that of the pass. */
    @Test
    void cancellingTakesALayersTime() throws Exception {
        EngineLimits limits = EngineLimits.STANDARD.with(1200, 4);
        try (OpenModel open = open(1)) {
            Engine engine = new Engine(open.model(), open.tokenizer(), open.compute(), limits);
            engine.generate(request(1200, 1), GenerationListener.NONE);
            engine.forgetPrefixes();
            long start = System.nanoTime();
            engine.generate(request(1200, 1), GenerationListener.NONE);
            long whole = System.nanoTime() - start;
            engine.forgetPrefixes();
            GenerationTask task = engine.submit(request(1200, 1), GenerationListener.NONE);
            Thread other = Thread.ofPlatform().start(() -> {
                sleep(whole / 5);
                task.cancel();
            });
            start = System.nanoTime();
            while (!task.result().isDone()) {
                engine.step();
            }
            long took = System.nanoTime() - start;
            other.join();
            assertEquals(StopReason.CANCELLED, task.result().join().stopReason());
            System.out.printf("a pass of %d ms, cancelled after %d ms%n", whole / 1_000_000, took / 1_000_000);
            assertTrue(took < whole * 3 / 4, took + " ns of " + whole);
            // What was called off has not happened.
            Generation again = engine.generate(request(1200, 2), GenerationListener.NONE);
            assertEquals(2, again.generatedTokens());
        }
    }

    /** The same by count, which no clock of a shared machine blurs: a layer has two halves, and each is asked for. */
    @Test
    void aPassThatIsCalledOffEndsBeforeItsNextHalfOfALayer() throws IOException {
        try (OpenModel open = open(1)) {
            Decoder model = open.model();
            HeapTensor hidden = HeapTensor.zeros(1, model.plan().sizes().dim());
            Batch batch = new Batch();
            try (Sequence sequence = model.newPool().newSequence()) {
                for (int last : new int[] {0, 1, LAYERS, 2 * LAYERS - 1, Integer.MAX_VALUE}) {
                    int[] asked = {0};
                    batch.clear();
                    batch.add(sequence, prompt(90), 0, 90, Batch.Wanted.LAST);
                    if (last < Integer.MAX_VALUE) {
                        assertThrows(
                                CancellationException.class,
                                () -> model.forward(batch, hidden, () -> asked[0]++ == last));
                        assertEquals(last + 1, asked[0], "nothing is computed any more");
                        assertEquals(0, sequence.length(), "nothing has happened");
                    } else {
                        model.forward(batch, hidden, () -> asked[0]++ == last);
                        assertEquals(2 * LAYERS, asked[0]);
                        assertEquals(90, sequence.length());
                    }
                }
            }
        }
    }

    /**
     * Threads of their own, all at once, against a model for each: the same tokens and log-probabilities, to the bit.
     */
    @Test
    void sixteenCallersGetTheBitsOfSixteenSingleRuns() throws Exception {
        List<String> alone = new ArrayList<>();
        for (int caller = 0; caller < CALLERS; caller++) {
            try (Kelvin kelvin = Kelvin.open(path, Compute.start(1), EngineLimits.STANDARD)) {
                alone.add(answer(kelvin, caller));
            }
        }
        assertTrue(new HashSet<>(alone).size() > CALLERS / 2, "answers differ: " + alone);
        try (Kelvin kelvin = Kelvin.open(path, Compute.start(2), EngineLimits.STANDARD);
                ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
            CountDownLatch all = new CountDownLatch(CALLERS);
            List<Future<String>> together = new ArrayList<>();
            for (int caller = 0; caller < CALLERS; caller++) {
                int which = caller;
                together.add(callers.submit(() -> {
                    all.countDown();
                    all.await();
                    return answer(kelvin, which);
                }));
            }
            for (int caller = 0; caller < CALLERS; caller++) {
                assertEquals(alone.get(caller), together.get(caller).get(), "caller " + caller);
            }
        }
    }

    /** Tokens and the bits of their log-probabilities. Prompts have beginnings in common, and lengths of their own. */
    private static String answer(Kelvin kelvin, int caller) {
        StringBuilder made = new StringBuilder();
        GenerationListener listener = new GenerationListener() {
            @Override
            public void token(GeneratedToken token) {
                made.append(token.id()).append(' ').append(Float.floatToRawIntBits(token.logProb()));
                made.append(", ");
            }
        };
        GenerateOptions options = new GenerateOptions(40, caller, List.of(new Temperature(1)));
        GenerationRequest request =
                GenerationRequest.of(prompt(5 + 9 * caller), options).withLogProbs(0);
        kelvin.submit(request, listener).result().join();
        return made.toString();
    }

    private static void sleep(long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anInterruptEndsAnAnswerAndStays() throws Exception {
        try (Kelvin kelvin = Kelvin.open(path, Compute.start(1), EngineLimits.STANDARD)) {
            AtomicReference<Generation> done = new AtomicReference<>();
            AtomicReference<Boolean> stays = new AtomicReference<>();
            Thread asking = Thread.ofPlatform().start(() -> {
                done.set(kelvin.complete("abc", GenerateOptions.greedy(3900), text -> {}));
                stays.set(Thread.interrupted());
            });
            Thread.sleep(50);
            asking.interrupt();
            asking.join();
            assertEquals(StopReason.CANCELLED, done.get().stopReason());
            assertTrue(stays.get());
        }
        try (OpenModel open = open(1)) {
            Engine engine = new Engine(open.model(), open.tokenizer(), open.compute(), EngineLimits.STANDARD);
            Thread.currentThread().interrupt();
            Generation generation = engine.generate(request(5, 3900), GenerationListener.NONE);
            assertTrue(Thread.interrupted());
            assertEquals(StopReason.CANCELLED, generation.stopReason());
        }
    }

    @Test
    void anInterruptedEngineEndsItsAnswers() throws Exception {
        try (OpenModel open = open(1)) {
            Engine engine = new Engine(open.model(), open.tokenizer(), open.compute(), EngineLimits.STANDARD);
            Thread thread = Thread.ofPlatform().start(engine::run);
            GenerationTask task = engine.submit(request(5, 3900), GenerationListener.NONE);
            Thread.sleep(30);
            thread.interrupt();
            thread.join();
            assertEquals(StopReason.CANCELLED, task.result().join().stopReason());
        }
    }
}
