// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * Every way in which candidates are narrowed, from the whole row and from a part, against a sort in double precision:
 * sizes around those of a block, ties, masks.
 */
class SelectionTest {
    private static final int[] SIZES = {1, 2, 40, 255, 256, 257, 513, 5000};
    private static final float[] TEMPERATURES = {1, 0.3f, 4};

    /** Logits of several kinds: like a model's, with many ties, with masks, rising, and nearly all equal. */
    private static List<float[]> rows(int size) {
        List<float[]> rows = new ArrayList<>();
        rows.add(Picks.gaussian(size, size, 3));
        float[] ties = Picks.gaussian(size + 1, size, 3);
        float[] masks = Picks.gaussian(size + 2, size, 3);
        float[] rising = new float[size];
        float[] equal = new float[size];
        Random random = new Random(size);
        for (int i = 0; i < size; i++) {
            ties[i] = Math.round(ties[i]);
            masks[i] = random.nextInt(3) == 0 ? masks[i] : Float.NEGATIVE_INFINITY;
            rising[i] = i * 0.001f;
        }
        masks[size / 2] = 1;
        equal[size - 1] = 1;
        rows.add(ties);
        rows.add(masks);
        rows.add(rising);
        rows.add(equal);
        return rows;
    }

    /** Indices of the unmasked, by a key, largest first, the lower id first among equals. */
    private static List<Integer> sorted(float[] logits, IntToDoubleFunction key) {
        List<Integer> ids = new ArrayList<>();
        for (int id = 0; id < logits.length; id++) {
            if (logits[id] > Float.NEGATIVE_INFINITY) {
                ids.add(id);
            }
        }
        ids.sort(Comparator.comparingDouble((Integer id) -> -key.applyAsDouble(id))
                .thenComparing(id -> id));
        return ids;
    }

    private static double[] softmax(float[] logits, double temperature) {
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double[] probs = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < probs.length; i++) {
            probs[i] = Math.exp((logits[i] - max) / temperature);
            sum += probs[i];
        }
        for (int i = 0; i < probs.length; i++) {
            probs[i] /= sum;
        }
        return probs;
    }

    /** Compares what a stage leaves of the whole row, and of a row that another stage has narrowed without effect. */
    private static void check(String what, Sampler stage, float temperature, float[] logits, List<Integer> expected) {
        int[] ids = expected.stream().mapToInt(Integer::intValue).sorted().toArray();
        String message = stage + " at " + temperature + " of " + logits.length + ", " + what;
        Sampler warmth = new Temperature(temperature);
        assertArrayEquals(ids, Picks.ids(Picks.after(SamplerChain.of(warmth, stage), logits)), message);
        int[] every = new int[logits.length];
        for (int i = 0; i < every.length; i++) {
            every[i] = i;
        }
        Sampling narrowed = Picks.after(SamplerChain.of(TokenMask.of(every), warmth, stage), logits);
        assertArrayEquals(ids, Picks.ids(narrowed), message + " (narrowed before)");
        for (int i = 0; i < ids.length; i++) {
            assertEquals(logits[ids[i]], narrowed.candidates().logit(i), message);
        }
    }

    @Test
    void topK() {
        for (int size : new int[] {1, 2, 255, 256, 257, 5000, 32000}) {
            for (float[] logits : rows(size)) {
                List<Integer> sorted = sorted(logits, id -> logits[id]);
                for (int k : new int[] {1, 2, 39, 40, 300, 5000}) {
                    check("sorted", new TopK(k), 1, logits, sorted.subList(0, Math.min(k, sorted.size())));
                }
            }
        }
    }

    @Test
    void greedy() {
        for (int size : SIZES) {
            for (float[] logits : rows(size)) {
                check(
                        "sorted",
                        new Greedy(),
                        2,
                        logits,
                        sorted(logits, id -> logits[id]).subList(0, 1));
            }
        }
    }

    /** Where rounding can decide (a sum within 1e-6 of the mass), the case is left out; that is rare. */
    @Test
    void topP() {
        int cases = 0;
        for (int size : SIZES) {
            for (float[] logits : rows(size)) {
                for (float temperature : TEMPERATURES) {
                    double[] probs = softmax(logits, temperature);
                    for (float p : new float[] {0, 0.1f, 0.5f, 0.9f, 0.999f}) {
                        int count = prefix(sorted(logits, id -> logits[id]), probs, p);
                        if (count > 0) {
                            List<Integer> sorted = sorted(logits, id -> logits[id]);
                            check("p", new TopP(p), temperature, logits, sorted.subList(0, count));
                            cases++;
                        }
                    }
                }
            }
        }
        assertEquals(600, cases, 60);
    }

    @Test
    void typical() {
        int cases = 0;
        for (int size : SIZES) {
            for (float[] logits : rows(size)) {
                for (float temperature : TEMPERATURES) {
                    double[] probs = softmax(logits, temperature);
                    double mean = 0;
                    for (int i = 0; i < size; i++) {
                        mean += probs[i] == 0 ? 0 : probs[i] * logits[i];
                    }
                    double centre = mean;
                    for (float p : new float[] {0.1f, 0.5f, 0.9f}) {
                        List<Integer> sorted = sorted(logits, id -> -(float) Math.abs(logits[id] - centre));
                        int count = prefix(sorted, probs, p);
                        if (count > 0 && apart(sorted, logits, centre, count)) {
                            check("mean " + centre, new Typical(p), temperature, logits, sorted.subList(0, count));
                            cases++;
                        }
                    }
                }
            }
        }
        assertEquals(360, cases, 90);
    }

    /** Whether the last one kept and the first one dropped are at distances that rounding cannot confuse. */
    private static boolean apart(List<Integer> sorted, float[] logits, double centre, int count) {
        if (count == sorted.size()) {
            return true;
        }
        float kept = logits[sorted.get(count - 1)];
        float dropped = logits[sorted.get(count)];
        return kept == dropped || Math.abs(dropped - centre) - Math.abs(kept - centre) > 1e-4;
    }

    private static int prefix(List<Integer> sorted, double[] probs, double mass) {
        double sum = 0;
        int count = 0;
        while (count < sorted.size() && (count == 0 || sum < mass)) {
            sum += probs[sorted.get(count++)];
            if (Math.abs(sum - mass) < 1e-6) {
                return -1;
            }
        }
        return count;
    }

    @Test
    void minP() {
        for (int size : SIZES) {
            for (float[] logits : rows(size)) {
                for (float temperature : TEMPERATURES) {
                    for (float p : new float[] {0.03f, 0.5f, 1}) {
                        double threshold = max(logits) + temperature * Math.log(p);
                        List<Integer> kept = sorted(logits, id -> logits[id]).stream()
                                .filter(id -> logits[id] >= threshold)
                                .toList();
                        check("threshold " + threshold, new MinP(p), temperature, logits, kept);
                    }
                }
            }
        }
    }

    @Test
    void topNSigma() {
        for (int size : SIZES) {
            for (float[] logits : rows(size)) {
                List<Integer> ids = sorted(logits, id -> logits[id]);
                double mean =
                        ids.stream().mapToDouble(id -> logits[id]).average().orElseThrow();
                double variance = ids.stream()
                        .mapToDouble(id -> (logits[id] - mean) * (logits[id] - mean))
                        .average()
                        .orElseThrow();
                for (float n : new float[] {0.5f, 1, 2.5f}) {
                    double threshold = max(logits) - n * Math.sqrt(variance);
                    List<Integer> kept =
                            ids.stream().filter(id -> logits[id] >= threshold).toList();
                    check("threshold " + threshold, new TopNSigma(n), 1, logits, kept);
                }
            }
        }
    }

    @Test
    void mirostat() {
        for (int size : SIZES) {
            for (float[] logits : rows(size)) {
                for (float temperature : TEMPERATURES) {
                    double[] probs = softmax(logits, temperature);
                    // 2^(-2·target), kept off the round numbers at which ties of equal logits would lie
                    double least = Math.pow(2, -2 * 3.3f);
                    List<Integer> kept = sorted(logits, id -> logits[id]).stream()
                            .filter(id -> probs[id] >= least)
                            .toList();
                    if (kept.isEmpty()) {
                        kept = sorted(logits, id -> logits[id]).subList(0, 1);
                    }
                    check("mu 6.6", new Mirostat(3.3f, 0.1f), temperature, logits, kept);
                }
            }
        }
    }

    @Test
    void xtc() {
        for (int size : SIZES) {
            for (float[] logits : rows(size)) {
                for (float temperature : TEMPERATURES) {
                    double[] probs = softmax(logits, temperature);
                    List<Integer> sorted = sorted(logits, id -> logits[id]);
                    double threshold = 0.0123f;
                    int above = 0;
                    while (above < sorted.size() && probs[sorted.get(above)] >= threshold) {
                        above++;
                    }
                    check(
                            "above " + above,
                            new Xtc(1, 0.0123f),
                            temperature,
                            logits,
                            sorted.subList(Math.max(0, above - 1), sorted.size()));
                }
            }
        }
    }

    private static double max(float[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        return max;
    }
}
