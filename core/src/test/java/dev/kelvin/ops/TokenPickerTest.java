// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Picks from logits and from projections: one token, one log-probability, whoever computes them. */
class TokenPickerTest {
    private static final float INF = Float.POSITIVE_INFINITY;
    private static final float MASKED = Float.NEGATIVE_INFINITY;
    private static final float[] TEMPERATURES = {0, 1e-40f, 1e-6f, 0.05f, 0.7f, 1, 3, 2e30f, INF};
    private static final int[] VOCABULARIES = {1, 5, 511, 512, 513, 4095, 4096, 4097, 9001, 13312};
    private static final int DIM = 17;
    private static final int TOP = 5;

    private static HeapTensor random(long seed, double scale, int... dims) {
        HeapTensor tensor = HeapTensor.zeros(dims);
        Random random = new Random(seed);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) (random.nextGaussian() * scale);
        }
        return tensor;
    }

    private static double[] draws(long seed, int rows) {
        Random random = new Random(seed);
        double[] draws = new double[rows];
        for (int i = 0; i < rows; i++) {
            draws[i] = random.nextDouble();
        }
        return draws;
    }

    private static float[] all(float temperature, int rows) {
        float[] temperatures = new float[rows];
        Arrays.fill(temperatures, temperature);
        return temperatures;
    }

    private static TokenPicks pick(Compute compute, HeapTensor logits, float temperature, double... draws) {
        TokenPicks picks = TokenPicks.withTop(draws.length, TOP);
        compute.logits().pick(logits, all(temperature, draws.length), draws, picks);
        return picks;
    }

    private static TokenPicks project(
            Compute compute, HeapTensor hidden, Tensor weight, float temperature, double... draws) {
        TokenPicks picks = TokenPicks.withTop(draws.length, TOP);
        compute.logits().pickProjected(hidden, weight, all(temperature, draws.length), draws, picks);
        return picks;
    }

    private static void assertSame(TokenPicks expected, int expectedRow, TokenPicks actual, int row, String what) {
        String again = what + " (again: mvn -pl core test -Dtest=TokenPickerTest)";
        assertEquals(expected.token(expectedRow), actual.token(row), again);
        assertSameBits(expected.logProb(expectedRow), actual.logProb(row), again);
        assertEquals(expected.topCount(expectedRow), actual.topCount(row), again);
        for (int rank = 0; rank < actual.topCount(row); rank++) {
            assertEquals(expected.topToken(expectedRow, rank), actual.topToken(row, rank), again);
            assertSameBits(expected.topLogProb(expectedRow, rank), actual.topLogProb(row, rank), again);
        }
    }

    private static void assertSameBits(float expected, float actual, String what) {
        assertEquals(Float.floatToRawIntBits(expected), Float.floatToRawIntBits(actual), what);
    }

    /** Projection and pick in one are projection, then pick; and the log-probabilities those of logSoftmax. */
    @Test
    void fusedAndUnfusedAreTheSameEverywhere() {
        for (int vocabSize : VOCABULARIES) {
            HeapTensor hidden = random(vocabSize, 1, 3, DIM);
            HeapTensor weight = random(vocabSize + 1, 0.8, vocabSize, DIM);
            HeapTensor logits = HeapTensor.zeros(3, vocabSize);
            HeapTensor logProbs = HeapTensor.zeros(3, vocabSize);
            ComputeGrid.reference().matmul(hidden, weight, logits);
            for (float temperature : TEMPERATURES) {
                double[] draws = draws(vocabSize, 3);
                TokenPicks expected = pick(ComputeGrid.reference(), logits, temperature, draws);
                ComputeGrid.reference().logSoftmax(logits, temperature, logProbs);
                for (int row = 0; row < 3; row++) {
                    String what = "V " + vocabSize + ", temperature " + temperature + ", row " + row;
                    float[] row0 = logProbs.data();
                    assertSameBits(row0[row * vocabSize + expected.token(row)], expected.logProb(row), what);
                    for (int rank = 0; rank < expected.topCount(row); rank++) {
                        assertSameBits(
                                row0[row * vocabSize + expected.topToken(row, rank)],
                                expected.topLogProb(row, rank),
                                what);
                    }
                }
                for (ComputeGrid.Point point : ComputeGrid.points()) {
                    String what = "V " + vocabSize + ", temperature " + temperature + ", " + point;
                    TokenPicks read = pick(point.compute(), logits, temperature, draws);
                    TokenPicks fused = project(point.compute(), hidden, weight, temperature, draws);
                    for (int row = 0; row < 3; row++) {
                        assertSame(expected, row, read, row, what);
                        assertSame(expected, row, fused, row, what + ", fused");
                    }
                }
            }
        }
    }

    /** So large for the temperature that the softmax lowers the row by its maximum, which is known only at its end. */
    @Test
    void rowsThatAreLowered() {
        int vocabSize = 13312;
        for (float temperature : new float[] {1e-3f, 1e-4f, 1e-6f}) {
            for (float shift : new float[] {300, -300, 0}) {
                HeapTensor hidden = random(8, 1e-4, 3, DIM);
                HeapTensor weight = random(9, 1, vocabSize, DIM);
                for (int row = 0; row < 3; row++) {
                    hidden.data()[row * DIM] = row == 1 ? 0 : shift;
                }
                for (int id = 0; id < vocabSize; id++) {
                    // The last chunk stands out or falls short.
                    weight.data()[id * DIM] = id < 12288 ? 1 : 1 + 1e-6f * id;
                }
                HeapTensor logits = HeapTensor.zeros(3, vocabSize);
                HeapTensor logProbs = HeapTensor.zeros(3, vocabSize);
                ComputeGrid.reference().matmul(hidden, weight, logits);
                ComputeGrid.reference().logSoftmax(logits, temperature, logProbs);
                double[] draws = {0.2, 0.5, 0.7};
                TokenPicks expected = pick(ComputeGrid.reference(), logits, temperature, draws);
                for (int row = 0; row < 3; row++) {
                    assertSameBits(
                            logProbs.data()[row * vocabSize + expected.token(row)],
                            expected.logProb(row),
                            "shift " + shift + ", temperature " + temperature + ", row " + row);
                }
                for (ComputeGrid.Point point : ComputeGrid.points()) {
                    String what = "shift " + shift + ", temperature " + temperature + ", " + point;
                    TokenPicks fused = project(point.compute(), hidden, weight, temperature, draws);
                    TokenPicks read = pick(point.compute(), logits, temperature, draws);
                    for (int row = 0; row < 3; row++) {
                        assertSame(expected, row, fused, row, what + ", fused, row " + row);
                        assertSame(expected, row, read, row, what + ", row " + row);
                    }
                }
            }
        }
    }

    @Test
    void aRowOfABatchIsTheRowAlone() {
        HeapTensor hidden = random(1, 1, 8, DIM);
        HeapTensor weight = random(2, 1, 9001, DIM);
        double[] draws = draws(3, 8);
        // Each row at a temperature of its own, some of them so low for its logits that the row is lowered.
        float[] temperatures = {0.9f, 0, Float.POSITIVE_INFINITY, 1e-40f, 2, 1e-7f, 1e-7f, 0x1p-100f};
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            TokenPicks projected = TokenPicks.withTop(8, TOP);
            point.compute().logits().pickProjected(hidden, weight, temperatures, draws, projected);
            HeapTensor logits = HeapTensor.zeros(8, 9001);
            point.compute().matmul(hidden, weight, logits);
            TokenPicks picked = TokenPicks.withTop(8, TOP);
            point.compute().logits().pick(logits, temperatures, draws, picked);
            for (int row = 0; row < 8; row++) {
                TokenPicks alone = project(
                        ComputeGrid.fastest(), hidden.rowRange(row, row + 1), weight, temperatures[row], draws[row]);
                assertSame(projected, row, alone, 0, "row " + row + " at " + point);
                assertSame(picked, row, alone, 0, "row " + row + " of logits at " + point);
            }
        }
    }

    @Test
    void mappedWeightsOfEveryKind() {
        try (Arena arena = Arena.ofShared()) {
            for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16, DType.Q8_0}) {
                int vocabSize = 5000;
                int dim = 32;
                MemorySegment bytes = arena.allocate(type.byteSize((long) vocabSize * dim));
                Random random = new Random(4);
                for (long i = 0; i < bytes.byteSize(); i++) {
                    // Small exponents in every format: none of these bytes makes a NaN.
                    bytes.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt(0x38));
                }
                MappedTensor weight = new MappedTensor(type, Shape.of(vocabSize, dim), bytes);
                HeapTensor hidden = random(5, 1, 2, dim);
                HeapTensor logits = HeapTensor.zeros(2, vocabSize);
                for (ComputeGrid.Point point : ComputeGrid.points()) {
                    point.compute().matmul(hidden, weight, logits);
                    TokenPicks read = pick(point.compute(), logits, 2, 0.3, 0.9);
                    TokenPicks fused = project(point.compute(), hidden, weight, 2, 0.3, 0.9);
                    for (int row = 0; row < 2; row++) {
                        assertSame(read, row, fused, row, type + ", " + point);
                    }
                }
            }
        }
    }

    /** The exact distribution function below the picked token is at most u, and above it at least u, within 2⁻²⁰. */
    @Test
    void picksInvertTheDistribution() {
        Random random = new Random(6);
        for (int vocabSize : VOCABULARIES) {
            HeapTensor logits = random(vocabSize, 2, 1, vocabSize);
            for (float temperature : TEMPERATURES) {
                if (temperature == 0) {
                    continue;
                }
                double[] probs = SoftmaxOracle.probs(logits.data(), temperature);
                for (int i = 0; i < 20; i++) {
                    double u = i == 0 ? 0 : i == 1 ? 0x1.fffffffffffffp-1 : random.nextDouble();
                    int token =
                            pick(ComputeGrid.fastest(), logits, temperature, u).token(0);
                    double below = 0;
                    for (int id = 0; id < token; id++) {
                        below += probs[id];
                    }
                    String what = "V " + vocabSize + ", temperature " + temperature + ", u " + u + ", token " + token;
                    assertTrue(below <= u + 0x1p-20, what + ", below it " + below);
                    assertTrue(below + probs[token] >= u - 0x1p-20, what + ", with it " + (below + probs[token]));
                }
            }
        }
    }

    /** The empirical frequencies of many draws at a vocabulary of two chunks: no token is skipped or doubled. */
    @Test
    void everyTokenHasItsShareOfTheUnitInterval() {
        int vocabSize = 4099;
        HeapTensor logits = HeapTensor.zeros(1, vocabSize);
        int steps = 4 * vocabSize;
        int[] counts = new int[vocabSize];
        for (int i = 0; i < steps; i++) {
            counts[pick(ComputeGrid.fastest(), logits, 1, (i + 0.5) / steps).token(0)]++;
        }
        for (int id = 0; id < vocabSize; id++) {
            assertEquals(4, counts[id], "token " + id);
        }
    }

    @Test
    void greedyTakesTheLowestIdAndTiesShare() {
        HeapTensor logits = random(7, 1, 2, 5000);
        for (int id : new int[] {17, 4098, 4999}) {
            logits.data()[id] = 9;
        }
        logits.data()[5000 + 4200] = 9;
        TokenPicks picks = pick(ComputeGrid.fastest(), logits, 0, 0.99, 0.5);
        assertEquals(17, picks.token(0));
        assertEquals((float) -Math.log(3), picks.logProb(0));
        assertEquals(4098, picks.topToken(0, 1));
        assertEquals(4999, picks.topToken(0, 2));
        assertEquals(MASKED, picks.topLogProb(0, 3));
        assertEquals(4200, picks.token(1));
        assertEquals(0, picks.logProb(1));
    }

    @Test
    void masksAreNeverPicked() {
        HeapTensor logits = HeapTensor.zeros(1, 9000);
        Arrays.fill(logits.data(), MASKED);
        logits.data()[600] = 1;
        logits.data()[8999] = 1;
        for (float temperature : TEMPERATURES) {
            TokenPicks low = pick(ComputeGrid.fastest(), logits, temperature, 0);
            TokenPicks high = pick(ComputeGrid.fastest(), logits, temperature, 0.5);
            assertEquals(600, low.token(0), "temperature " + temperature);
            assertEquals(temperature == 0 ? 600 : 8999, high.token(0), "temperature " + temperature);
            assertEquals((float) -Math.log(2), low.logProb(0), 1e-6, "temperature " + temperature);
            assertEquals(2, low.topCount(0));
            assertThrows(IndexOutOfBoundsException.class, () -> low.topToken(0, 2));
        }
    }

    @Test
    void invalidLogitsAreNamed() {
        for (int threads : new int[] {1, 3}) {
            try (Compute compute = ComputeGrid.compute(256, threads)) {
                HeapTensor logits = HeapTensor.zeros(3, 9000);
                logits.data()[9000 + 4097] = INF;
                logits.data()[9000 + 8000] = Float.NaN;
                logits.data()[9000 + 8001] = Float.NaN;
                logits.data()[18000] = Float.NaN;
                for (float temperature : TEMPERATURES) {
                    refuses(
                            "pick: logits[row 1] has +inf at index 4097 (3 of 9000 are NaN or +inf)",
                            () -> pick(compute, logits, temperature, 0, 0, 0));
                }
                Arrays.fill(logits.data(), MASKED);
                refuses(
                        "pick: logits[row 0] has no candidate left: from index 0 on all 9000 are -inf",
                        () -> pick(compute, logits, 1, 0, 0, 0));
                HeapTensor weight = random(1, 1, 5000, 2);
                weight.data()[2 * 4999] = Float.NaN;
                refuses(
                        "pickProjected: logits[row 0] has NaN at index 4999 (1 of 5000 are NaN or +inf)",
                        () -> project(compute, random(2, 1, 1, 2), weight, 1, 0));
            }
        }
    }

    @Test
    void refusals() {
        Compute compute = ComputeGrid.fastest();
        HeapTensor logits = HeapTensor.zeros(2, 3);
        refuses(
                "pick: logits has 2 rows, which need as many temperatures, draws and picks; got 1, 1 and 1",
                () -> pick(compute, logits, 1, 0));
        refuses("pick: draws[1] must be in [0, 1), got 1.0", () -> pick(compute, logits, 1, 0, 1));
        refuses("pick: temperatures[0] must be in [0, +inf], got -1.0", () -> pick(compute, logits, -1, 0, 0));
        refuses(
                "pick: there is no candidate in a vocabulary of 0",
                () -> pick(compute, HeapTensor.zeros(2, 0), 1, 0, 0));
        refuses(
                "pickProjected: hidden [2, 3] and weight [5, 4] must have as many columns",
                () -> project(compute, logits, HeapTensor.zeros(5, 4), 1, 0, 0));
        refuses("TokenPicks: batch and top must not be negative, got 1 and -1", () -> TokenPicks.withTop(1, -1));
    }

    private static void refuses(String message, Runnable operation) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, operation::run).getMessage());
    }
}
