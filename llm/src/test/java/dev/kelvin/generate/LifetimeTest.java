// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.model.ModelConfig;
import dev.kelvin.model.TinyLlama;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
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
