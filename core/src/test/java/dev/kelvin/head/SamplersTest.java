// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.HeapTensor;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Each sampler by hand. The values called golden are those of llama.cpp's tests/test-sampling.cpp (commit 07e4038),
 * which gives probabilities before and after.
 */
class SamplersTest {
    private static final float NEGATIVE = Float.NEGATIVE_INFINITY;
    private static final float[] RISING = Picks.logitsOf(0.1, 0.2, 0.3, 0.4);
    private static final float[] EQUAL = Picks.logitsOf(0.2, 0.2, 0.2, 0.2, 0.2);

    private static void golden(Sampler sampler, float[] logits, int[] history, double... expected) {
        float[] probs = Picks.probs(Picks.after(SamplerChain.of(sampler), logits, history), logits.length);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], probs[i], 1e-5, sampler + ", token " + i);
        }
    }

    private static void golden(Sampler sampler, double... expected) {
        golden(sampler, RISING, new int[0], expected);
    }

    @Test
    void temperature() {
        golden(new Temperature(1), 0.1, 0.2, 0.3, 0.4);
        golden(new Temperature(0), 0, 0, 0, 1);
        golden(new Temperature(Float.POSITIVE_INFINITY), 0.25, 0.25, 0.25, 0.25);
        golden(new Temperature(0.5f), 0.01 / 0.3, 0.04 / 0.3, 0.09 / 0.3, 0.16 / 0.3);
        assertArrayEquals(new int[] {1}, Picks.left(new Temperature(0), new float[] {3, 5, 5, 1}), "the lowest id");
        assertArrayEquals(
                new int[] {0, 2},
                Picks.left(new Temperature(Float.POSITIVE_INFINITY), new float[] {3, NEGATIVE, -90}),
                "a mask stays at every temperature");
    }

    @Test
    void temperaturesMultiply() {
        float[] twice = Picks.probs(
                Picks.after(SamplerChain.of(new Temperature(0.5f), new Temperature(4)), RISING), RISING.length);
        float[] once = Picks.probs(Picks.after(SamplerChain.of(new Temperature(2)), RISING), RISING.length);
        assertArrayEquals(once, twice);
        SamplerChain underflow = SamplerChain.of(
                new Temperature(Float.MIN_VALUE), new Temperature(0.25f), new Temperature(Float.MIN_VALUE));
        assertArrayEquals(new float[] {0, 0.5f, 0.5f}, Picks.probs(Picks.after(underflow, new float[] {1, 2, 2}), 3));
    }

    @Test
    void dynamicTemperature() {
        golden(new DynamicTemperature(1, 0, 1), 0.1, 0.2, 0.3, 0.4);
        golden(new DynamicTemperature(0, 0, 1), 0, 0, 0, 1);
        // H = 1.27985 of 0.1, 0.2, 0.3, 0.4; ln 4 = 1.38629: the share is 0.92322.
        double share = 1.2798542258336676 / StrictMath.log(4);
        assertEquals(
                0.5 + share,
                Picks.after(SamplerChain.of(new DynamicTemperature(1, 0.5f, 1)), RISING)
                        .candidates()
                        .temperature(),
                1e-6);
        assertEquals(
                4 * share * share,
                Picks.after(SamplerChain.of(new DynamicTemperature(1, 3, 2)), RISING)
                        .candidates()
                        .temperature(),
                1e-6,
                "the range begins at 0 at the lowest");
        assertEquals(
                1.5f,
                Picks.after(SamplerChain.of(new DynamicTemperature(1, 0.5f, 3)), EQUAL)
                        .candidates()
                        .temperature(),
                1e-6);
        SamplerChain single = SamplerChain.of(new TopK(1), new DynamicTemperature(2, 1, 1));
        assertEquals(1, Picks.after(single, RISING).candidates().temperature(), "a single candidate stays");
    }

    @Test
    void topK() {
        golden(new TopK(1), 0, 0, 0, 1);
        golden(new TopK(3), 0, 0.22222, 0.33333, 0.44444);
        golden(new TopK(4), 0.1, 0.2, 0.3, 0.4);
        golden(new TopK(0), 0.1, 0.2, 0.3, 0.4);
        assertArrayEquals(new int[] {0, 2}, Picks.left(new TopK(2), new float[] {5, 1, 5, 5}), "ties: lowest ids");
        assertArrayEquals(new int[] {1}, Picks.left(new TopK(3), new float[] {NEGATIVE, 1, NEGATIVE}));
        assertArrayEquals(new int[] {0}, Picks.left(new TopK(5), new float[] {3}), "a vocabulary of 1");
        assertArrayEquals(new int[] {0, 1}, Picks.left(new TopK(2), new float[] {-0.0f, 0.0f, 0.0f, -1}));
    }

    @Test
    void topP() {
        golden(new TopP(0), 0, 0, 0, 1);
        golden(new TopP(0.7f), 0, 0, 0.428571, 0.571429);
        golden(new TopP(0.8f), 0, 0.22222, 0.33333, 0.44444);
        golden(new TopP(1), 0.1, 0.2, 0.3, 0.4);
        assertArrayEquals(new int[] {0, 1, 2}, Picks.left(new TopP(0.5f), EQUAL), "0.6 is the least that reaches 0.5");
        SamplerChain hot = SamplerChain.of(new Temperature(Float.POSITIVE_INFINITY), new TopP(0.5f));
        assertArrayEquals(new int[] {2, 3}, Picks.ids(Picks.after(hot, RISING)), "the order is that of the logits");
    }

    @Test
    void minP() {
        golden(new MinP(0), 0.1, 0.2, 0.3, 0.4);
        golden(new MinP(0.24f), 0.1, 0.2, 0.3, 0.4);
        golden(new MinP(0.26f), 0, 0.2 / 0.9, 0.3 / 0.9, 0.4 / 0.9);
        golden(new MinP(0.49f), 0, 0.2 / 0.9, 0.3 / 0.9, 0.4 / 0.9);
        golden(new MinP(0.51f), 0, 0, 0.3 / 0.7, 0.4 / 0.7);
        golden(new MinP(0.74f), 0, 0, 0.3 / 0.7, 0.4 / 0.7);
        golden(new MinP(0.76f), 0, 0, 0, 1);
        golden(new MinP(1), 0, 0, 0, 1);
        golden(new MinP(1.05f), 0, 0, 0, 1);
        assertArrayEquals(new int[] {0, 2}, Picks.left(new MinP(1), new float[] {5, 1, 5}), "1 keeps ties");
        assertArrayEquals(new int[] {0}, Picks.left(new MinP(1.05f), new float[] {5, 1, 5}), "above 1 one stays");
        SamplerChain cold = SamplerChain.of(new Temperature(0.5f), new MinP(0.26f));
        assertArrayEquals(new int[] {2, 3}, Picks.ids(Picks.after(cold, RISING)), "0.04/0.16 is below 0.26");
        SamplerChain hot = SamplerChain.of(new Temperature(Float.POSITIVE_INFINITY), new MinP(1));
        assertArrayEquals(new int[] {0, 1, 2, 3}, Picks.ids(Picks.after(hot, RISING)), "all alike");
    }

    @Test
    void typical() {
        golden(new Typical(0.5f), Picks.logitsOf(0.97, 0.01, 0.01, 0.01), new int[0], 1, 0, 0, 0);
        golden(new Typical(0.5f), Picks.logitsOf(0.4, 0.2, 0.2, 0.2), new int[0], 0, 1 / 3.0, 1 / 3.0, 1 / 3.0);
        golden(new Typical(1), 0.1, 0.2, 0.3, 0.4);
        assertArrayEquals(new int[] {2}, Picks.left(new Typical(0), RISING), "-ln 0.3 is nearest to H = 1.28");
        assertArrayEquals(new int[] {0, 1, 2}, Picks.left(new Typical(0.5f), EQUAL), "more than, not at least");
        SamplerChain hot = SamplerChain.of(new Temperature(Float.POSITIVE_INFINITY), new Typical(0.5f));
        assertArrayEquals(new int[] {0, 1, 2}, Picks.ids(Picks.after(hot, RISING)));
    }

    @Test
    void topNSigma() {
        golden(new TopNSigma(1), 0, 0, 0.428571, 0.571429);
        golden(new TopNSigma(0), 0.1, 0.2, 0.3, 0.4);
        golden(new TopNSigma(3), 0.1, 0.2, 0.3, 0.4);
        assertArrayEquals(new int[] {1, 3}, Picks.left(new TopNSigma(1), new float[] {0, 4, NEGATIVE, 4}));
        assertArrayEquals(new int[] {0, 1}, Picks.left(new TopNSigma(0.1f), new float[] {4, 4}), "no deviation");
        assertArrayEquals(new int[] {0}, Picks.left(new TopNSigma(0.1f), new float[] {4}));
        SamplerChain hot = SamplerChain.of(new Temperature(9), new TopNSigma(1));
        assertArrayEquals(new int[] {2, 3}, Picks.ids(Picks.after(hot, RISING)), "whatever the temperature");
    }

    @Test
    void xtc() {
        float[] falling = Picks.logitsOf(0.4, 0.3, 0.2, 0.1);
        golden(new Xtc(1, 0.09f), falling, new int[0], 0, 0, 0, 1);
        golden(new Xtc(1, 0.19f), falling, new int[0], 0, 0, 2 / 3.0, 1 / 3.0);
        golden(new Xtc(1, 0.29f), falling, new int[0], 0, 3 / 6.0, 2 / 6.0, 1 / 6.0);
        golden(new Xtc(1, 0.39f), falling, new int[0], 0.4, 0.3, 0.2, 0.1);
        golden(new Xtc(0, 0.09f), falling, new int[0], 0.4, 0.3, 0.2, 0.1);
        golden(new Xtc(1, 0.51f), Picks.logitsOf(0.52, 0.48), new int[0], 0.52, 0.48);
        assertArrayEquals(new int[] {3, 4}, Picks.left(new Xtc(1, 0.2f), new float[] {2, 2, 2, 2, 0}), "ties");
        assertArrayEquals(new int[] {0}, Picks.left(new Xtc(1, 0.1f), new float[] {2}));
    }

    @Test
    void penalties() {
        golden(new Penalties(-1, 50, 0, 0), EQUAL, new int[] {0}, 0, 0.25, 0.25, 0.25, 0.25);
        golden(new Penalties(-1, 50, 0, 0), EQUAL, new int[] {0, 1, 2}, 0, 0, 0, 0.5, 0.5);
        golden(new Penalties(-1, 50, 0, 0), EQUAL, new int[] {0, 1, 2, 0, 0}, 0, 0, 0, 0.5, 0.5);
        golden(new Penalties(-1, 1, 5, 5), EQUAL, new int[] {0}, 0.000011, 0.249997, 0.249997, 0.249997, 0.249997);
        golden(
                new Penalties(-1, 1, 5, 5),
                EQUAL,
                new int[] {0, 1, 2},
                0.000023,
                0.000023,
                0.000023,
                0.499966,
                0.499966);
        golden(
                new Penalties(5, 1, 5, 5),
                EQUAL,
                new int[] {0, 1, 2, 0, 0},
                0.000000,
                0.000023,
                0.000023,
                0.499977,
                0.499977);
    }

    /** Logits 2 and −2 with a repetition penalty of 4, frequency 0.25 and presence 0.125, by hand. */
    @Test
    void penaltiesByHand() {
        float[] logits = {2, -2, 0, 1};
        Candidates candidates = Picks.after(
                        SamplerChain.of(new Penalties(5, 4, 0.25f, 0.125f)), logits, 0, 0, 0, 0, 1, 2, 1)
                .candidates();
        assertEquals(2 / 4f - 2 * 0.25f - 0.125f, candidates.logit(0), "two of the last five");
        assertEquals(-2 * 4f - 2 * 0.25f - 0.125f, candidates.logit(1));
        assertEquals(-0.25f - 0.125f, candidates.logit(2));
        assertEquals(1, candidates.logit(3));
        assertArrayEquals(new float[] {2, -2, 0, 1}, logits, "the caller's logits are left alone");
        assertEquals(
                2 / 0.5f / 4f - 0.125f,
                Picks.after(
                                SamplerChain.of(new Temperature(0.5f), new TopK(3), new Penalties(1, 4, 0, 0.125f)),
                                logits,
                                0)
                        .candidates()
                        .logit(0),
                "after a temperature z is the logit over it");
    }

    @Test
    void penaltiesThatAreOff() {
        for (Sampler off : List.of(new Penalties(0, 50, 5, 5), new Penalties(-1, 1, 0, 0))) {
            golden(off, EQUAL, new int[] {0, 1, 2}, 0.2, 0.2, 0.2, 0.2, 0.2);
        }
        golden(new Penalties(-1, 50, 5, 5), EQUAL, new int[0], 0.2, 0.2, 0.2, 0.2, 0.2);
    }

    @Test
    void penaltiesNeverMakeAnInfinity() {
        float[] logits = {Float.MAX_VALUE, -Float.MAX_VALUE, 0};
        Candidates candidates = Picks.after(SamplerChain.of(new Penalties(-1, 0.001f, 0, -1)), logits, 0, 1)
                .candidates();
        assertEquals(Float.MAX_VALUE, candidates.logit(0));
        candidates = Picks.after(SamplerChain.of(new Penalties(-1, 1000, 0, 0)), logits, 0, 1)
                .candidates();
        assertEquals(-Float.MAX_VALUE, candidates.logit(1));
        assertEquals(3, candidates.count());
    }

    /** Of a sum that leaves the range on both sides, the side that comes last counts. */
    @Test
    void penaltiesNeverMakeANaN() {
        float tiny = Float.MIN_VALUE;
        float huge = Float.MAX_VALUE;
        float[] logits = {2, -2, 1};
        Candidates candidates = Picks.after(SamplerChain.of(new Penalties(-1, tiny, huge, 0)), logits, 0, 0)
                .candidates();
        assertEquals(-huge, candidates.logit(0), "2 over the least float is out of range, and so is twice the largest");
        candidates = Picks.after(SamplerChain.of(new Penalties(-1, huge, -huge, 0)), logits, 1, 1)
                .candidates();
        assertEquals(huge, candidates.logit(1));
    }

    @Test
    void dry() {
        float[] four = Picks.logitsOf(0.25, 0.25, 0.25, 0.25);
        SequenceBreakers none = SequenceBreakers.NONE;
        golden(new Dry(1, 1.1f, 2, 4, none), four, new int[] {0, 1}, 0.25, 0.25, 0.25, 0.25);
        golden(new Dry(1, 1.1f, 2, 5, none), four, new int[] {0, 1, 2, 0, 1}, 0.296923, 0.296923, 0.109232, 0.296923);
        golden(
                new Dry(1, 1.1f, 2, 6, SequenceBreakers.of(List.of(List.of(3)))),
                EQUAL,
                new int[] {0, 1, 3, 4, 0, 1},
                0.2,
                0.2,
                0.2,
                0.2,
                0.2);
        golden(
                new Dry(2, 1.1f, 2, 5, none),
                EQUAL,
                new int[] {0, 1, 2, 0, 1},
                0.241818,
                0.241818,
                0.032727,
                0.241818,
                0.241818);
        golden(new Dry(1, 1.1f, 4, 7, none), EQUAL, new int[] {0, 1, 2, 3, 4, 0, 1}, 0.2, 0.2, 0.2, 0.2, 0.2);
    }

    @Test
    void dryGrowsWithTheLengthOfTheRepetition() {
        // The last three, 1 2 3, were followed by 4; the last one, 3, by 0 as well.
        int[] history = {1, 2, 3, 4, 3, 0, 1, 2, 3};
        float[] logits = new float[6];
        Candidates candidates = Picks.after(
                        SamplerChain.of(new Dry(0.5f, 2, 1, -1, SequenceBreakers.NONE)), logits, history)
                .candidates();
        assertEquals(-0.5f * 4, candidates.logit(4), "2^(3-1)");
        assertEquals(-0.5f, candidates.logit(0), "2^(1-1)");
        assertEquals(0, candidates.logit(1));
        candidates = Picks.after(SamplerChain.of(new Dry(0.5f, 2, 1, 6, SequenceBreakers.NONE)), logits, history)
                .candidates();
        assertEquals(-0.5f, candidates.logit(0), "within the last six");
        assertEquals(0, candidates.logit(4), "the window begins with this 4, which follows nothing in it");
        // A breaker of two tokens: the repetition is what stands behind it.
        SequenceBreakers breakers = SequenceBreakers.of(List.of(List.of(1, 2), List.of(0)));
        candidates = Picks.after(SamplerChain.of(new Dry(0.5f, 2, 1, -1, breakers)), logits, history)
                .candidates();
        assertEquals(-0.5f, candidates.logit(4), "only the 3 counts");
        assertEquals(0, candidates.logit(0), "a breaker by itself is never penalised");
    }

    @Test
    void dryThatIsOff() {
        int[] loop = {0, 1, 0, 1, 0, 1};
        for (Sampler off : List.of(
                new Dry(0, 2, 1, -1, SequenceBreakers.NONE),
                new Dry(1, 0.9f, 1, -1, SequenceBreakers.NONE),
                new Dry(1, 2, 1, 0, SequenceBreakers.NONE))) {
            golden(off, EQUAL, loop, 0.2, 0.2, 0.2, 0.2, 0.2);
        }
        int[] longLoop = new int[5000];
        Candidates candidates = Picks.after(
                        SamplerChain.of(new Dry(1, 1.75f, 2, -1, SequenceBreakers.NONE)), new float[] {0, 0}, longLoop)
                .candidates();
        assertEquals(2, candidates.count());
        assertTrue(candidates.logit(0) < -1e37 && candidates.logit(0) > NEGATIVE, "a power held within a float");
    }

    @Test
    void logitBias() {
        LogitBias bias = new LogitBias(List.of(new LogitBias.Entry(1, 2.5f), new LogitBias.Entry(3, NEGATIVE)));
        Candidates candidates = Picks.after(SamplerChain.of(bias), new float[] {1, -1, NEGATIVE, 9})
                .candidates();
        assertEquals(2, candidates.count());
        assertEquals(1, candidates.logit(0));
        assertEquals(1.5f, candidates.logit(1));
        assertArrayEquals(
                new int[] {0},
                Picks.ids(Picks.after(SamplerChain.of(new TopK(2), bias), new float[] {1, -1, NEGATIVE, 9})));
        IllegalArgumentException banned = assertThrows(
                IllegalArgumentException.class,
                () -> Picks.left(new LogitBias(List.of(new LogitBias.Entry(0, NEGATIVE))), new float[1]));
        assertTrue(banned.getMessage().contains("logit bias leaves no candidate"), banned.getMessage());
        IllegalArgumentException outside =
                assertThrows(IllegalArgumentException.class, () -> Picks.left(bias, new float[2]));
        assertTrue(outside.getMessage().contains("id 3"), outside.getMessage());
    }

    @Test
    void tokenMask() {
        float[] logits = {1, 2, NEGATIVE, 4, 5};
        assertArrayEquals(new int[] {1, 3}, Picks.left(TokenMask.of(3, 2, 1, 99), logits));
        SamplerChain afterOther = SamplerChain.of(new TopK(3), TokenMask.of(0, 1, 4));
        assertArrayEquals(new int[] {1, 4}, Picks.ids(Picks.after(afterOther, logits)));
        IllegalArgumentException nothing =
                assertThrows(IllegalArgumentException.class, () -> Picks.left(TokenMask.of(2), logits));
        assertTrue(nothing.getMessage().contains("allows none"), nothing.getMessage());
    }

    @Test
    void greedy() {
        assertArrayEquals(new int[] {1}, Picks.left(new Greedy(), new float[] {3, 5, 5, NEGATIVE}));
        SamplerChain narrowed = SamplerChain.of(TokenMask.of(0, 2, 3), new Greedy());
        assertArrayEquals(new int[] {2}, Picks.ids(Picks.after(narrowed, new float[] {3, 5, 5, 5})));
    }

    @Test
    void categoricalIsWhatEveryChainEndsWith() {
        float[] logits = Picks.gaussian(1, 100, 1);
        Sampling explicit = Picks.after(SamplerChain.of(new TopK(50), new Categorical()), logits);
        Sampling implicit = Picks.after(SamplerChain.of(new TopK(50)), logits);
        for (int i = 0; i < 100; i++) {
            HeapTensor row = HeapTensor.of(logits);
            assertEquals(implicit.pick(row), explicit.pick(row));
        }
        assertThrows(IllegalArgumentException.class, () -> SamplerChain.of(new Categorical(), new TopK(1)));
    }

    /** μ begins with 2·target; p ≥ 2^−μ stays. */
    @Test
    void mirostat() {
        assertArrayEquals(new int[] {2, 3}, Picks.left(new Mirostat(1, 0.1f), Picks.logitsOf(0.1, 0.2, 0.3, 0.4)));
        assertArrayEquals(new int[] {3}, Picks.left(new Mirostat(0, 0.1f), RISING), "the most probable stays");
        Mirostat mirostat = new Mirostat(3, 0.5f);
        assertEquals(6, mirostat.initialState());
        assertEquals(6 - 0.5f * (2 - 3), mirostat.nextState(6, 0.25), "a surprise of 2 bits is 1 too few");
        assertEquals(6 - 0.5f * (0 - 3), mirostat.nextState(6, 1));
    }

    /** Of the law p ∝ i^−s: k = ((s−1)·2^μ / (1 − V^−(s−1)))^(1/s), μ twice the target at first. */
    @Test
    void mirostatByRank() {
        assertEquals(8, Picks.left(new Mirostat1(3, 0.1f), zipf(1000, 2)).length, "√(64/(1 − 1/1000))");
        assertEquals(4, Picks.left(new Mirostat1(2, 0.1f), zipf(1000, 2)).length, "√(16/(1 − 1/1000))");
        assertEquals(
                (int) Math.pow(0.5 * 64 / (1 - Math.pow(1000, -0.5)), 1 / 1.5),
                Picks.left(new Mirostat1(3, 0.1f), zipf(1000, 1.5)).length);
        assertArrayEquals(new int[] {3}, Picks.left(new Mirostat1(0, 0.1f), RISING), "the most probable stays");
        assertEquals(1000, Picks.left(new Mirostat1(100, 0.1f), zipf(1000, 2)).length, "more than there are");
        assertArrayEquals(new int[] {0}, Picks.left(new Mirostat1(3, 0.1f), Picks.logitsOf(1)), "one alone");
        assertEquals(6 - 0.5f * (2 - 3), new Mirostat1(3, 0.5f).nextState(6, 0.25));
    }

    private static float[] zipf(int count, double exponent) {
        double[] probs = IntStream.rangeClosed(1, count)
                .mapToDouble(i -> Math.pow(i, -exponent))
                .toArray();
        return Picks.logitsOf(probs);
    }

    @Test
    void parametersOutOfRangeAreRefused() {
        List<Runnable> wrong = List.of(
                () -> new Temperature(Float.NaN),
                () -> new Temperature(-1),
                () -> new DynamicTemperature(Float.POSITIVE_INFINITY, 1, 1),
                () -> new DynamicTemperature(1, -1, 1),
                () -> new DynamicTemperature(1, 1, Float.NaN),
                () -> new TopK(-1),
                () -> new TopP(1.5f),
                () -> new MinP(-0.1f),
                () -> new MinP(Float.NaN),
                () -> new Typical(Float.NaN),
                () -> new TopNSigma(-1),
                () -> new Xtc(2, 0.1f),
                () -> new Xtc(0.1f, -1),
                () -> new Mirostat(-1, 0.1f),
                () -> new Mirostat(1, Float.NaN),
                () -> new Mirostat1(-1, 0.1f),
                () -> new Mirostat1(1, Float.NaN),
                () -> new Penalties(-2, 1, 0, 0),
                () -> new Penalties(1, 0, 0, 0),
                () -> new Penalties(1, 1, Float.NaN, 0),
                () -> new Penalties(1, 1, 0, Float.POSITIVE_INFINITY),
                () -> new Dry(-1, 1, 1, 1, SequenceBreakers.NONE),
                () -> new Dry(1, Float.NaN, 1, 1, SequenceBreakers.NONE),
                () -> new Dry(1, 1, -1, 1, SequenceBreakers.NONE),
                () -> new Dry(1, 1, 1, -2, SequenceBreakers.NONE),
                () -> SequenceBreakers.of(List.of(List.of())),
                () -> new LogitBias.Entry(-1, 0),
                () -> new LogitBias.Entry(0, Float.NaN),
                () -> new LogitBias.Entry(0, Float.POSITIVE_INFINITY),
                () -> new LogitBias(List.of(new LogitBias.Entry(1, 0), new LogitBias.Entry(1, 2))));
        for (int i = 0; i < wrong.size(); i++) {
            assertThrows(IllegalArgumentException.class, wrong.get(i)::run, "case " + i);
        }
    }

    @Test
    void samplersAreValues() {
        assertEquals(
                SamplerChain.of(new TopK(3), TokenMask.of(1, 2)), SamplerChain.of(new TopK(3), TokenMask.of(2, 1)));
        assertEquals(
                SequenceBreakers.of(List.of(List.of(3, 1), List.of(2))),
                SequenceBreakers.of(List.of(List.of(2), List.of(3, 1))));
        assertTrue(!SamplerChain.of(new TopK(3), new TopP(0.5f)).equals(SamplerChain.of(new TopP(0.5f), new TopK(3))));
    }
}
