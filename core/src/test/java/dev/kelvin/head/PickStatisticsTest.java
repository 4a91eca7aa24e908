// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The pick follows the softmax: χ² over 10⁶ draws against probabilities computed in double.
 *
 * <p>The threshold is the quantile of χ² with the test's degrees of freedom that a right sampler exceeds once in 10⁶
 * seeds, by the approximation of Wilson and Hilferty; with ten tests the rate of false alarms of the class is 10⁻⁵.
 * Seeds are fixed, so it either passes always or never. A sampler that is off by 2 % in one of eight equal shares is
 * found out: its expected χ² is above 57, the threshold 44.
 */
class PickStatisticsTest {
    private static final int DRAWS = 1_000_000;

    /** The standard normal quantile of 1 − 10⁻⁶. */
    private static final double QUANTILE = 4.753424;

    @ParameterizedTest
    @CsvSource({
        "0.5, 8, 1",
        "1, 8, 2",
        "2, 8, 3",
        "Infinity, 8, 4",
        "0.5, 100, 5",
        "1, 100, 6",
        "2, 100, 7",
        "Infinity, 100, 8"
    })
    void followsTheSoftmax(float temperature, int vocabSize, long seed) {
        float[] logits = Picks.gaussian(100 + vocabSize, vocabSize, 1.5);
        logits[vocabSize / 3] = Float.NEGATIVE_INFINITY;
        check(logits, temperature, seed, SamplerChain.of(new Temperature(temperature)));
    }

    /** Candidates with places of their own take another way through the code. */
    @ParameterizedTest
    @CsvSource({"0.5, 9", "Infinity, 10"})
    void followsTheSoftmaxOfWhatIsLeft(float temperature, long seed) {
        float[] logits = Picks.gaussian(3, 30, 1.5);
        float[] masked = logits.clone();
        for (int i = 0; i < masked.length; i += 4) {
            masked[i] = Float.NEGATIVE_INFINITY;
        }
        int[] allowed = new int[0];
        for (int i = 0; i < masked.length; i++) {
            if (i % 4 != 0) {
                allowed = Arrays.copyOf(allowed, allowed.length + 1);
                allowed[allowed.length - 1] = i;
            }
        }
        double chi = check(
                logits,
                masked,
                temperature,
                seed,
                SamplerChain.of(TokenMask.of(allowed), new Temperature(temperature)));
        assertTrue(chi > 1, "too good to be true: chi square " + chi);
    }

    private static void check(float[] logits, float temperature, long seed, SamplerChain chain) {
        check(logits, logits, temperature, seed, chain);
    }

    private static double check(float[] logits, float[] masked, float temperature, long seed, SamplerChain chain) {
        int[] counts = new int[logits.length];
        try (Compute compute = Compute.serial()) {
            HeapTensor row = HeapTensor.of(logits);
            Sampling sampling = chain.start(compute, seed, 0);
            for (int i = 0; i < DRAWS; i++) {
                counts[sampling.pick(row)]++;
            }
        }
        double[] expected = expected(masked, temperature);
        double chi = 0;
        int cells = 0;
        double rareExpected = 0;
        int rareCount = 0;
        for (int i = 0; i < counts.length; i++) {
            if (expected[i] == 0) {
                assertEquals(0, counts[i], "a masked token was picked");
            } else if (expected[i] < 10) { // too rare for the approximation: all of them are one cell
                rareExpected += expected[i];
                rareCount += counts[i];
            } else {
                chi += (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i];
                cells++;
            }
        }
        if (rareExpected >= 10) {
            chi += (rareCount - rareExpected) * (rareCount - rareExpected) / rareExpected;
            cells++;
        }
        double threshold = threshold(cells - 1);
        assertTrue(
                chi < threshold,
                "chi square " + chi + " is above " + threshold + " with " + (cells - 1) + " degrees of freedom, seed "
                        + seed + ", temperature " + temperature);
        return chi;
    }

    private static double[] expected(float[] logits, float temperature) {
        double[] expected = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < expected.length; i++) {
            boolean candidate = logits[i] > Float.NEGATIVE_INFINITY;
            expected[i] = candidate ? Math.exp(logits[i] / (double) temperature) : 0;
            sum += expected[i];
        }
        for (int i = 0; i < expected.length; i++) {
            expected[i] *= DRAWS / sum;
        }
        return expected;
    }

    private static double threshold(int degrees) {
        double ninth = 2.0 / (9 * degrees);
        double root = 1 - ninth + QUANTILE * Math.sqrt(ninth);
        return degrees * root * root * root;
    }
}
