// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.nn.KvPool;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who waits for whom, and for how long. */
class SchedulingTest {
    private static final int CONTEXT = 3000;

    private final Compute compute = Compute.serial();

    @AfterEach
    void close() {
        compute.close();
    }

    private Engine engine(EngineLimits limits) {
        int[] script = IntStream.range(0, CONTEXT + 1).map(i -> 3 + i % 7).toArray();
        return new Engine(ScriptedModel.of(compute, 10, CONTEXT, script), ScriptedModel.letters(1, 2), compute, limits);
    }

    /** Prompts that begin differently, so that nobody waits for another's. */
    private static GenerationRequest request(int length, int first, int answer) {
        int[] prompt = new int[length];
        prompt[0] = first;
        return GenerationRequest.of(prompt, GenerateOptions.greedy(answer));
    }

    /** Counts tokens. */
    private static final class Heard implements GenerationListener {
        private int tokens;

        @Override
        public void token(GeneratedToken token) {
            tokens++;
        }
    }

    private static long rows(Engine engine) {
        return engine.metrics().rows();
    }

    /** Running answers get a token in each step, and a step has no more rows of prompts than it should. */
    @Test
    void aLongPromptDelaysNoAnswerByMoreThanItsRows() {
        Engine engine = engine(EngineLimits.STANDARD.with(50, 4).withDelay(1));
        List<Heard> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            answers.add(new Heard());
            engine.submit(request(5, 3 + i, 300), answers.get(i));
        }
        engine.step();
        engine.submit(request(2000, 6, 1), GenerationListener.NONE);
        for (int step = 2; step < 200; step++) {
            long before = rows(engine);
            assertTrue(engine.step());
            for (Heard each : answers) {
                assertEquals(step, each.tokens);
            }
            // A nanosecond is the time of no row, so that prompts get the least, but for the first step of theirs.
            long most = step == 2 ? StepPlan.FIRST_ROWS : StepPlan.LEAST_ROWS;
            assertTrue(rows(engine) - before <= 3 + most, "step " + step + ": " + (rows(engine) - before));
        }
        assertTrue(rows(engine) > 190 * (3 + StepPlan.LEAST_ROWS), "and the prompt goes on");
    }

    /** On a clock that is made up: what prompts add to a step stays within the bound once their cost is known. */
    @Test
    void rowsFollowFromWhatTheyCost() {
        EngineLimits limits = EngineLimits.STANDARD.withDelay(100_000);
        KvPool pool = KvPool.open(List.of(), DType.F32, 1);
        StepPlan plan = new StepPlan(limits, 100, new PrefixSharing(pool, false, new EngineCounters()));
        assertEquals(StepPlan.FIRST_ROWS, plan.promptRows());
        for (int i = 0; i < 20; i++) {
            plan.took(4, 0, 1_000_000);
        }
        for (int nanosOfRow : new int[] {1_000, 2_500, 700, 9_000, 1}) {
            long extra = 0;
            for (int i = 0; i < 20; i++) {
                int rows = plan.promptRows();
                extra = (long) nanosOfRow * rows;
                assertTrue(i == 0 || extra <= 100_000 || rows == StepPlan.LEAST_ROWS, rows + " rows, " + nanosOfRow);
                plan.took(4, rows, 1_000_000 + extra);
            }
            assertTrue(extra > 90_000 || plan.promptRows() == limits.rows(), "all of the time is used: " + extra);
        }
        plan.took(4, StepPlan.LEAST_ROWS, 1_000_000_000);
        assertEquals(StepPlan.LEAST_ROWS, plan.promptRows());
    }

    /** Where prompts keep coming, no step has answers alone: what those cost is not taken for the price of prompts. */
    @Test
    void promptsArePaidForThemselvesBeforeAnythingElseIsKnown() {
        EngineLimits limits = EngineLimits.STANDARD.withDelay(250_000_000);
        StepPlan plan = new StepPlan(limits, 512, null);
        long rowCost = 20_000_000;
        for (int i = 0; i < 10; i++) {
            int rows = plan.promptRows();
            plan.took(8, rows, (8 + rows) * rowCost);
        }
        assertEquals(limits.delayNanos() / rowCost, plan.promptRows());
    }

    /** A short prompt behind a long one is not behind it for good, and the long one goes on. */
    @Test
    void promptsAreAnsweredOldestFirstAndNobodyStarves() {
        Engine engine = engine(EngineLimits.STANDARD.with(64, 8).withPrefixCache(false));
        List<GenerationTask> tasks = new ArrayList<>();
        tasks.add(engine.submit(request(2000, 3, 1), GenerationListener.NONE));
        tasks.add(engine.submit(request(1000, 4, 1), GenerationListener.NONE));
        tasks.add(engine.submit(request(10, 5, 1), GenerationListener.NONE));
        tasks.add(engine.submit(request(40, 6, 1), GenerationListener.NONE));
        int[] ended = new int[4];
        for (int step = 1; engine.step(); step++) {
            assertTrue(step < 60, "64 rows a step whoever they belong to");
            for (int i = 0; i < ended.length; i++) {
                if (ended[i] == 0 && tasks.get(i).result().isDone()) {
                    ended[i] = step;
                }
            }
        }
        // 32 rows of the first, 16 of the second, 10 of the third, 6 of the fourth; then 32, 16, 16; and so on.
        assertEquals(1, ended[2]);
        assertEquals(4, ended[3]);
        assertEquals((2000 + 1000 + 10 + 40 + 63) / 64, ended[0], "no row is left unused");
        assertTrue(ended[1] < ended[0], Arrays.toString(ended));
        // A stream of short prompts does not keep a long one from going on.
        GenerationTask longOne = engine.submit(request(2000, 3, 1), GenerationListener.NONE);
        for (int step = 1; !longOne.result().isDone(); step++) {
            assertTrue(step < 80);
            engine.submit(request(60, 4 + step % 5, 1), GenerationListener.NONE);
            engine.step();
        }
    }

    @Test
    void severalAnswersFindAPlaceOrNone() {
        Engine engine = engine(EngineLimits.STANDARD.withQueued(3));
        GenerationRequest request = request(5, 3, 2);
        List<GenerationRequest> two = List.of(request, request.withSequence(1));
        List<GenerationListener> deaf = List.of(GenerationListener.NONE, GenerationListener.NONE);
        engine.submitAll(two, deaf);
        assertEquals(
                "engine: 2 requests of at most 3 wait already",
                assertThrows(RejectedExecutionException.class, () -> engine.submitAll(two, deaf))
                        .getMessage());
        GenerationTask third = engine.submit(request, GenerationListener.NONE);
        assertThrows(RejectedExecutionException.class, () -> engine.submit(request, GenerationListener.NONE));
        assertEquals(3, engine.metrics().waiting());
        assertEquals(3, engine.metrics().refused());
        third.cancel();
        engine.step();
        assertEquals(StopReason.CANCELLED, third.result().join().stopReason());
        engine.submitAll(two, deaf);
        assertThrows(IllegalArgumentException.class, () -> engine.submitAll(two, List.of()));
        while (engine.step()) {}
    }

    @Test
    void countsWhatItDoes() {
        Engine engine = engine(EngineLimits.STANDARD.withKeysAndValues(1 << 20, DType.F32));
        for (int i = 0; i < 2; i++) {
            engine.generate(request(100, 3, 5), GenerationListener.NONE);
        }
        EngineMetrics metrics = engine.metrics();
        assertEquals(2, metrics.finished());
        assertEquals(200, metrics.promptTokens());
        assertEquals(99, metrics.cachedTokens());
        assertEquals(10, metrics.generatedTokens());
        assertEquals(2, metrics.firstTokens());
        assertTrue(metrics.firstTokenNanos() > 0 && metrics.stepNanos() > 0);
        assertEquals(10, metrics.steps());
        assertEquals(10, metrics.sequences());
        assertEquals(100 + 4 + 1 + 4, metrics.rows());
        assertEquals(2, metrics.lookups());
        assertEquals(1, metrics.hits());
        assertEquals(1, metrics.cachedTexts());
        assertEquals(2, metrics.kvPages());
        assertEquals(engine.usedBytes(), metrics.kvBytes());
        assertEquals(1 << 20, metrics.kvLimitBytes());
        assertEquals(0, metrics.running() + metrics.waiting() + metrics.cancelled() + metrics.failed());
        assertThrows(
                ArithmeticException.class,
                () -> engine.generate(request(9, 4, 5), Answers.ids(id -> {
                    throw new ArithmeticException("enough");
                })));
        GenerationTask task = engine.submit(request(9, 5, 50), GenerationListener.NONE);
        engine.step();
        assertEquals(1, engine.metrics().running());
        task.cancel();
        engine.step();
        metrics = engine.metrics();
        assertEquals(List.of(1L, 1L, 0L), List.of(metrics.failed(), metrics.cancelled(), metrics.running()));
    }

    @Test
    void callsAreMadeBetweenSteps() throws Exception {
        Engine engine = engine(EngineLimits.STANDARD);
        var late = engine.call(() -> Thread.currentThread().getName());
        assertTrue(engine.step());
        assertEquals(Thread.currentThread().getName(), late.join());
        Thread thread = Thread.ofPlatform().name("owner").start(engine::run);
        assertEquals(
                "owner", engine.call(() -> Thread.currentThread().getName()).join());
        var broken = engine.call(() -> {
            throw new ArithmeticException("no");
        });
        assertTrue(assertThrows(CompletionException.class, broken::join).getCause() instanceof ArithmeticException);
        engine.close();
        thread.join();
        assertThrows(IllegalStateException.class, () -> engine.call(() -> 1));
    }

    @Test
    void whoWantsLogitsHearsThemBeforeTheSamplers() {
        Engine engine = engine(EngineLimits.STANDARD);
        List<float[]> heard = new ArrayList<>();
        GenerationListener listener = new GenerationListener() {
            @Override
            public boolean wantsLogits() {
                return true;
            }

            @Override
            public void logits(HeapTensor logits) {
                heard.add(Arrays.copyOfRange(logits.data(), logits.offset(), logits.offset() + logits.columns()));
            }
        };
        engine.generate(request(5, 3, 2), listener);
        assertEquals(2, heard.size());
        assertEquals(10, heard.getFirst().length);
        // The script says 3 + 5 % 7 behind five tokens: that logit alone is above 0.
        for (int id = 0; id < 10; id++) {
            assertEquals(id == 8, heard.get(0)[id] > 0, "id " + id);
            assertEquals(id == 9, heard.get(1)[id] > 0, "id " + id);
        }
    }
}
