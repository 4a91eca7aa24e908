// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a sequence remembers, and what it tells of its picks. */
class SamplingTest {
    private static final SamplerChain EVERYTHING = SamplerChain.of(
            new Penalties(64, 1.1f, 0.1f, 0.1f),
            new Dry(0.8f, 1.75f, 2, -1, SequenceBreakers.of(List.of(List.of(13)))),
            new TopNSigma(3),
            new TopK(200),
            new Typical(0.98f),
            new TopP(0.97f),
            new MinP(0.001f),
            new Xtc(0.5f, 0.05f),
            new DynamicTemperature(1, 0.5f, 1),
            new Mirostat(4, 0.2f));

    private static List<Integer> text(Compute compute, SamplerChain chain, int[] prompt, int length) {
        Sampling sampling = chain.start(compute, 11, 3);
        sampling.accept(prompt);
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            ids.add(sampling.pick(HeapTensor.of(Picks.gaussian(i % 7, 9000, 3))));
        }
        return ids;
    }

    @Test
    void threadsHaveNoPartInIt() {
        try (Compute one = Compute.start(1);
                Compute two = Compute.start(2)) {
            assertEquals(
                    text(one, EVERYTHING, new int[] {1, 2, 3}, 60), text(two, EVERYTHING, new int[] {1, 2, 3}, 60));
        }
    }

    /** Without Mirostat nothing but tokens is remembered, so a longer prompt continues in the same way. */
    @Test
    void aTextContinuesFromAnyOfItsTokens() {
        SamplerChain chain = new SamplerChain(
                EVERYTHING.samplers().subList(0, EVERYTHING.samplers().size() - 1));
        try (Compute compute = Compute.serial()) {
            List<Integer> all = text(compute, chain, new int[] {5}, 28);
            int[] prompt = new int[15];
            prompt[0] = 5;
            for (int i = 0; i < 14; i++) { // the logits repeat after 7
                prompt[i + 1] = all.get(i);
            }
            assertEquals(all.subList(14, 28), text(compute, chain, prompt, 14));
        }
    }

    /** What was picked in between, an id beyond the vocabulary included, is as if it had never been. */
    @Test
    void tokensCanBeTakenBack() {
        SamplerChain chain = new SamplerChain(
                EVERYTHING.samplers().subList(0, EVERYTHING.samplers().size() - 1));
        try (Compute compute = Compute.serial()) {
            Sampling straight = chain.start(compute, 11, 3);
            Sampling back = chain.start(compute, 11, 3);
            straight.accept(5, 6, 7);
            back.accept(5, 6, 7);
            for (int i = 0; i < 40; i++) {
                int before = back.position();
                for (int guessed = 0; guessed < i % 4; guessed++) {
                    back.pick(HeapTensor.of(Picks.gaussian(50 + guessed, 9000, 3)));
                }
                back.accept(i % 2 == 0 ? new int[] {9001} : new int[] {});
                back.truncate(before);
                assertThrows(IllegalStateException.class, back::originalLogProb, "the pick is gone");
                HeapTensor logits = HeapTensor.of(Picks.gaussian(i % 7, 9000, 3));
                assertEquals(straight.pick(logits), back.pick(logits), "token " + i);
                assertEquals(straight.position(), back.position());
            }
            assertThrows(IndexOutOfBoundsException.class, () -> back.truncate(back.position() + 1));
            assertThrows(IndexOutOfBoundsException.class, () -> back.truncate(-1));
        }
    }

    @Test
    void seedSequenceAndPositionMakeTheDraw() {
        float[] logits = new float[10000];
        HeapTensor row = HeapTensor.of(logits);
        SamplerChain chain = SamplerChain.of();
        try (Compute compute = Compute.serial()) {
            Sampling sampling = chain.start(compute, 5, 9);
            sampling.accept(1, 1, 1);
            assertEquals((int) (CounterRandom.uniform(5, 9, 3) * 10000), sampling.pick(row));
            assertEquals((int) (CounterRandom.uniform(5, 9, 4) * 10000), sampling.pick(row));
            assertEquals(5, sampling.position());
            assertEquals(5, sampling.seed());
            assertEquals(9, sampling.sequence());
            assertNotEquals(sampling.pick(row), chain.start(compute, 6, 9).pick(row));
        }
    }

    /** The chance of XTC and a stage that leaves one candidate take no draw away from the picks that follow. */
    @Test
    void samplersDoNotShiftTheDraws() {
        HeapTensor even = HeapTensor.of(new float[1000]);
        HeapTensor certain = HeapTensor.of(new float[] {9, 0});
        try (Compute compute = Compute.serial()) {
            Sampling plain = SamplerChain.of().start(compute, 1, 0);
            Sampling other =
                    SamplerChain.of(new Xtc(0.5f, 0.5f), new MinP(0.9f)).start(compute, 1, 0);
            for (int i = 0; i < 5; i++) {
                plain.pick(even);
                other.pick(certain);
            }
            assertEquals(plain.pick(even), other.pick(even));
        }
    }

    /** XTC acts as often as it should, and two of a chain do not act together. */
    @Test
    void chancesAreDraws() {
        HeapTensor row = HeapTensor.of(Picks.logitsOf(0.4, 0.35, 0.25));
        try (Compute compute = Compute.serial()) {
            Sampling one = SamplerChain.of(new Xtc(0.3f, 0.3f)).start(compute, 1, 0);
            Sampling two =
                    SamplerChain.of(new Xtc(0.3f, 0.38f), new Xtc(0.3f, 0.3f)).start(compute, 1, 0);
            int acted = 0;
            int differed = 0;
            int picks = 10_000;
            for (int i = 0; i < picks; i++) {
                one.pick(row);
                two.pick(row);
                boolean first = one.candidates().count() < 3;
                acted += first ? 1 : 0;
                differed += first != two.candidates().count() < 3 ? 1 : 0;
            }
            // Standard deviation 46; five of them are a false alarm of 6e-7.
            assertEquals(0.3 * picks, acted, 230);
            assertEquals(2 * 0.3 * 0.7 * picks, differed, 250);
        }
    }

    /** μ follows the surprises of the picks: recomputed here from the log-probabilities told. */
    @Test
    void mirostatLearns() {
        float[] logits = Picks.gaussian(3, 2000, 1);
        HeapTensor row = HeapTensor.of(logits);
        try (Compute compute = Compute.serial()) {
            Sampling sampling = SamplerChain.of(new Mirostat(5, 0.3f)).start(compute, 1, 0);
            double mu = 10;
            double sum = 0;
            for (int i = 0; i < 300; i++) {
                sampling.pick(row);
                double least = 1;
                for (int c = 0; c < sampling.candidates().count(); c++) {
                    int id = sampling.candidates().id(c);
                    least = Math.min(
                            least, Math.exp(sampling.originalTop(1).getFirst().logProb() + logits[id] - max(logits)));
                }
                assertTrue(-Math.log(least) / Math.log(2) <= mu + 1e-4, "surprise above mu at pick " + i);
                double surprise = -sampling.logProb() / Math.log(2);
                mu -= 0.3 * (surprise - 5);
                sum += surprise;
            }
            assertEquals(5, sum / 300, 0.2, "the mean surprise is near the target");
        }
    }

    private static float max(float[] values) {
        float max = values[0];
        for (float value : values) {
            max = Math.max(max, value);
        }
        return max;
    }

    @Test
    void logProbabilitiesBeforeAndAfter() {
        float[] logits = Picks.logitsOf(0.1, 0.2, 0.3, 0.4);
        Sampling sampling = Picks.after(SamplerChain.of(new TopK(2), new Temperature(0.5f)), logits);
        List<TokenLogProb> after = sampling.top(3);
        assertEquals(2, after.size());
        assertEquals(3, after.get(0).id());
        assertEquals(Math.log(16 / 25.0), after.get(0).logProb(), 1e-6);
        assertEquals(2, after.get(1).id());
        assertEquals(Math.log(9 / 25.0), after.get(1).logProb(), 1e-6);
        List<TokenLogProb> before = sampling.originalTop(3);
        assertEquals(List.of(3, 2, 1), before.stream().map(TokenLogProb::id).toList());
        assertEquals(Math.log(0.4), before.get(0).logProb(), 1e-6);
        assertEquals(Math.log(0.2), before.get(2).logProb(), 1e-6);
        int index = after.get(0).logProb() == sampling.logProb() ? 0 : 1;
        assertEquals(after.get(index).logProb(), sampling.logProb());
        assertEquals(before.get(index).logProb(), sampling.originalLogProb());
    }

    @Test
    void logProbabilitiesOfMasksAndTies() {
        float[] logits = {Float.NEGATIVE_INFINITY, 1, 1, Float.NEGATIVE_INFINITY, 0};
        Sampling sampling = Picks.after(SamplerChain.of(new Temperature(Float.POSITIVE_INFINITY)), logits);
        assertEquals(
                List.of(1, 2, 4), sampling.top(9).stream().map(TokenLogProb::id).toList());
        assertEquals(-Math.log(3), sampling.logProb(), 1e-6);
        assertEquals(
                List.of(1, 2, 4),
                sampling.originalTop(9).stream().map(TokenLogProb::id).toList());
        assertEquals(List.of(), sampling.originalTop(0));
    }

    @Test
    void explains() {
        float[] logits = Picks.logitsOf(0.1, 0.2, 0.3, 0.4);
        SamplerChain chain = SamplerChain.of(new TopK(3), new Temperature(Float.POSITIVE_INFINITY), new TopP(0.5f));
        try (Compute compute = Compute.serial()) {
            Sampling sampling = chain.start(compute, 42, 1);
            sampling.accept(0, 0);
            Explanation explanation = sampling.explain(HeapTensor.of(logits));
            assertEquals(42, explanation.seed());
            assertEquals(1, explanation.sequence());
            assertEquals(2, explanation.position());
            assertEquals(4, explanation.before().candidates());
            assertEquals(1, explanation.before().mass(), 1e-6);
            assertEquals(1.27985, explanation.before().entropy(), 1e-5);
            assertEquals(
                    chain.samplers(),
                    explanation.stages().stream()
                            .map(Explanation.Stage::sampler)
                            .toList());
            check(explanation, 0, 3, 0.9, 1.06086); // entropy of 2/9, 3/9, 4/9
            check(explanation, 1, 3, 0.9, Math.log(3));
            check(explanation, 2, 2, 0.7, Math.log(2));
            assertEquals(CounterRandom.uniform(42, 1, 2), explanation.draw());
            assertEquals(0.5, explanation.probability());
            assertEquals(explanation.id() == 3 ? 0.4 : 0.3, explanation.originalProbability(), 1e-6);
            assertEquals(2, sampling.position(), "nothing is appended");
            assertEquals(explanation.id(), sampling.pick(HeapTensor.of(logits)));
        }
    }

    private static void check(Explanation explanation, int stage, int candidates, double mass, double entropy) {
        Explanation.Left left = explanation.stages().get(stage).left();
        assertEquals(candidates, left.candidates());
        assertEquals(mass, left.mass(), 1e-6);
        assertEquals(entropy, left.entropy(), 1e-5);
    }

    @Test
    void aMaskForOnePick() {
        HeapTensor row = HeapTensor.of(Picks.gaussian(1, 500, 5));
        try (Compute compute = Compute.serial()) {
            Sampling sampling = SamplerChain.of(new TopK(3)).start(compute, 1, 0);
            for (int i = 0; i < 20; i++) {
                assertEquals(77, sampling.pick(row, TokenMask.of(77)));
                int id = sampling.pick(row, TokenMask.of(3, 4));
                assertTrue(id == 3 || id == 4);
            }
            assertThrows(IllegalArgumentException.class, () -> sampling.pick(row, TokenMask.of(500)));
            assertEquals(40, sampling.position(), "a refused pick appends nothing");
        }
    }

    @Test
    void unsoundLogitsAreRefused() {
        refused("NaN at index 1 (2 of 4", 0, Float.NaN, Float.POSITIVE_INFINITY, 1);
        refused("Infinity at index 2 (1 of 3", 0, 1, Float.POSITIVE_INFINITY);
        refused("all of 2 logits are -inf", Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY);
        refused("[0]");
        float[] late = new float[5000];
        late[4321] = Float.NaN;
        refused("index 4321 (1 of 5000", late);
        try (Compute compute = Compute.serial()) {
            Sampling sampling = SamplerChain.of(new Penalties(64, 1.1f, 0, 0)).start(compute, 1, 0);
            IllegalArgumentException rows =
                    assertThrows(IllegalArgumentException.class, () -> sampling.pick(HeapTensor.zeros(2, 3)));
            assertTrue(rows.getMessage().contains("[2, 3]"), rows.getMessage());
            sampling.accept(7);
            IllegalArgumentException outside =
                    assertThrows(IllegalArgumentException.class, () -> sampling.pick(HeapTensor.zeros(7)));
            assertTrue(outside.getMessage().contains("id 7"), outside.getMessage());
            assertThrows(IllegalArgumentException.class, () -> sampling.accept(1, -1));
            assertEquals(1, sampling.position());
            assertThrows(IllegalStateException.class, sampling::logProb);
            assertThrows(IllegalStateException.class, () -> sampling.originalTop(1));
        }
    }

    private static void refused(String reason, float... logits) {
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> Picks.after(SamplerChain.of(new TopK(1)), logits));
        assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
    }

    @Test
    void readsTheRowWhereItLies() {
        float[] data = Picks.gaussian(1, 3000, 1);
        float[] copy = data.clone();
        try (Compute compute = Compute.serial()) {
            Sampling sampling = EVERYTHING.start(compute, 1, 0);
            for (int row = 0; row < 3; row++) {
                sampling.pick(HeapTensor.view(data, row * 1000, 1000));
                assertFalse(sampling.candidates().count() == 0);
            }
        }
        assertArrayEquals(copy, data);
    }
}
