// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.head.TokenConstraint;
import dev.kelvin.head.TokenMask;
import dev.kelvin.head.TopK;
import dev.kelvin.ops.Compute;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a request may ask for besides tokens, and what becomes of it among others. */
class EngineRequestsTest {
    private final Compute compute = Compute.serial();

    @AfterEach
    void close() {
        compute.close();
    }

    private Engine scripted(EngineLimits limits, int... script) {
        return new Engine(ScriptedModel.of(compute, 10, 100, script), ScriptedModel.letters(1, 2), compute, limits);
    }

    private Engine scripted(int... script) {
        return scripted(EngineLimits.STANDARD, script);
    }

    @Test
    void stopsEndTheAnswerAndAreNoPartOfIt() {
        Engine engine = scripted(1, 3, 4, 5, 6, 7, 8, 3, 3);
        GenerationRequest request = GenerationRequest.of(new int[] {1}, GenerateOptions.greedy(9));
        for (String stop : new String[] {"cd", "c", "f"}) {
            Told told = new Told();
            Generation generation = engine.generate(request.withStops(List.of("zz", stop, "fx")), told);
            assertEquals(
                    "abcdefaa".substring(0, "abcdefaa".indexOf(stop)),
                    told.text().toString());
            assertEquals(StopReason.STOP_TEXT, generation.stopReason());
        }
        Told told = new Told();
        engine.generate(request.withStops(List.of("aab", "fab")), told);
        assertEquals("abcdefaaa", told.text().toString(), "what only begins a stop is text in the end");
    }

    @Test
    void tellsLogProbabilitiesBeforeTheSamplers() {
        Engine engine = scripted(1, 3, 4);
        Told told = new Told();
        GenerateOptions options = new GenerateOptions(2, 0, List.of(new TopK(1)));
        engine.generate(GenerationRequest.of(new int[] {1}, options).withLogProbs(2), told);
        assertEquals(List.of(3, 4), told.ids());
        // 50 times a row of a one and nine zeros that was normalised to mean 0 and variance 1.
        double difference = 50 / Math.sqrt(0.09 + 1e-5);
        for (GeneratedToken token : told.tokens()) {
            assertEquals(0, token.logProb(), 1e-6);
            assertEquals(2, token.top().size());
            assertEquals(token.id(), token.top().getFirst().id());
            assertEquals(-difference, token.top().getLast().logProb(), 1e-3);
        }
    }

    /** Allows only the next of some ids. */
    private static TokenConstraint saying(int... ids) {
        return new TokenConstraint() {
            private int at;

            @Override
            public TokenMask mask() {
                return TokenMask.of(ids[at]);
            }

            @Override
            public void accept(int id) {
                assertEquals(ids[at++], id);
            }

            @Override
            public boolean hasEnded() {
                return at == ids.length;
            }
        };
    }

    @Test
    void aConstraintDecidesWhatMayCome() {
        Engine engine = scripted(1, 3, 4, 5, 6);
        Told told = new Told();
        GenerationRequest request = GenerationRequest.of(new int[] {1}, GenerateOptions.greedy(9));
        Generation generation = engine.generate(request.withConstraint(saying(9, 8, 7)), told);
        assertEquals(List.of(9, 8, 7), told.ids());
        assertEquals(StopReason.END_OF_TEXT, generation.stopReason());
    }

    @Test
    void whatIsCancelledEndsWhereItIs() {
        Engine engine = scripted(1, 3, 4, 5, 6, 7, 8, 9);
        Told told = new Told();
        GenerationRequest request = GenerationRequest.of(new int[] {1}, GenerateOptions.greedy(50));
        GenerationTask task = engine.submit(request, told);
        GenerationTask never = engine.submit(request, GenerationListener.NONE);
        never.cancel();
        for (int i = 0; i < 3; i++) {
            assertTrue(engine.step());
        }
        task.cancel();
        assertFalse(engine.step());
        assertEquals(StopReason.CANCELLED, task.result().join().stopReason());
        assertEquals(List.of(3, 4, 5), told.ids());
        assertEquals("abc", told.text().toString());
        assertEquals(StopReason.CANCELLED, never.result().join().stopReason());
        engine.forgetPrefixes();
        assertEquals(0, engine.usedBytes());
    }

    @Test
    void theQueueIsBounded() {
        Engine engine = scripted(EngineLimits.STANDARD.withQueued(2), 1, 3, 4, 5);
        GenerationRequest request = GenerationRequest.of(new int[] {1}, GenerateOptions.greedy(2));
        List<GenerationTask> tasks = new ArrayList<>();
        tasks.add(engine.submit(request, GenerationListener.NONE));
        tasks.add(engine.submit(request, GenerationListener.NONE));
        assertThrows(RejectedExecutionException.class, () -> engine.submit(request, GenerationListener.NONE));
        engine.step();
        tasks.add(engine.submit(request, GenerationListener.NONE));
        engine.close();
        assertThrows(IllegalStateException.class, () -> engine.submit(request, GenerationListener.NONE));
        for (GenerationTask task : tasks) {
            assertEquals(StopReason.CANCELLED, task.result().join().stopReason());
        }
    }

    @Test
    void anExceptionOfOneListenerIsOfNoConcernToTheOthers() {
        Engine engine = scripted(1, 3, 4, 5, 6, 7, 8, 9);
        GenerationRequest request = GenerationRequest.of(new int[] {1}, GenerateOptions.greedy(5));
        GenerationTask broken = engine.submit(request, Answers.ids(id -> {
            throw new ArithmeticException("enough");
        }));
        Told told = new Told();
        engine.generate(request, told);
        assertEquals(List.of(3, 4, 5, 6, 7), told.ids());
        assertTrue(broken.result().isCompletedExceptionally());
    }
}
