// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Temperature softmax and log-softmax: accuracy, both limits, refusals; bits are {@link ComputeBitsTest}'s. */
class ComputeSoftmaxTest {
    private static final float INF = Float.POSITIVE_INFINITY;
    private static final float MASKED = Float.NEGATIVE_INFINITY;

    /** Around both edges of the kernel's range, and everyday ones. */
    private static final float[] TEMPERATURES = {
        Float.MIN_VALUE,
        1e-40f,
        Float.MIN_NORMAL,
        0x1.fffffep-101f,
        0x1p-100f,
        1e-20f,
        1e-3f,
        0.1f,
        0.7f,
        1,
        1.3f,
        2,
        50,
        1e6f,
        1e20f,
        0x1p100f,
        0x1.000002p100f,
        1e35f,
        Float.MAX_VALUE
    };

    private static float[] logits(long seed, int length, float scale) {
        Random random = new Random(seed);
        float[] logits = new float[length];
        for (int i = 0; i < length; i++) {
            logits[i] = (float) (random.nextGaussian() * scale);
        }
        return logits;
    }

    private static float[] softmax(float[] logits, float temperature) {
        HeapTensor probs = HeapTensor.zeros(logits.length);
        ComputeGrid.fastest().softmax(HeapTensor.of(logits, logits.length), temperature, probs);
        return probs.data();
    }

    private static float[] logSoftmax(float[] logits, float temperature) {
        HeapTensor logProbs = HeapTensor.zeros(logits.length);
        ComputeGrid.fastest().logSoftmax(HeapTensor.of(logits, logits.length), temperature, logProbs);
        return logProbs.data();
    }

    @Test
    void everyProbabilityIsWithinItsBoundAtEveryTemperature() {
        for (float temperature : TEMPERATURES) {
            for (int length : new int[] {1, 2, 15, 100, 513, 4099}) {
                for (float spread : new float[] {0, 0.01f, 1, 30, 3000}) {
                    float scale = (float) Math.min((double) spread * temperature, 5e37);
                    float[] logits = logits(length, length, scale);
                    float[] probs = softmax(logits, temperature);
                    String wrong = SoftmaxOracle.firstOutside(probs, SoftmaxOracle.probs(logits, temperature));
                    assertNull(wrong, () -> "temperature " + temperature + ", spread " + scale + ": " + wrong);
                }
            }
        }
    }

    @Test
    void everydayLogitsAtExtremeTemperatures() {
        float[] logits = {1.5f, -2, 1.5f, 0, 1.4999999f};
        for (float temperature : TEMPERATURES) {
            String wrong =
                    SoftmaxOracle.firstOutside(softmax(logits, temperature), SoftmaxOracle.probs(logits, temperature));
            assertNull(wrong, () -> "temperature " + temperature + ": " + wrong);
        }
        assertArrayEquals(new float[] {0.5f, 0, 0.5f, 0, 0}, softmax(logits, Float.MIN_VALUE));
    }

    @Test
    void theWholeRangeOfFiniteLogits() {
        float[] logits = {Float.MAX_VALUE, -Float.MAX_VALUE, 0, Float.MIN_VALUE, 1e38f, Float.MAX_VALUE};
        for (float temperature : TEMPERATURES) {
            String wrong =
                    SoftmaxOracle.firstOutside(softmax(logits, temperature), SoftmaxOracle.probs(logits, temperature));
            assertNull(wrong, () -> "temperature " + temperature + ": " + wrong);
            checkLogProbs(logits, temperature);
        }
    }

    @Test
    void aVocabularyOf262144SumsToOne() {
        int length = 262_144;
        for (float scale : new float[] {0, 1e-3f, 1, 10, 100}) {
            for (float temperature : new float[] {1e-30f, 0.3f, 1, 1.7f, 1e30f, Float.MAX_VALUE}) {
                float[] probs = softmax(logits(11, length, scale), temperature);
                double off = Math.abs(SoftmaxOracle.sum(probs) - 1);
                assertTrue(off <= 0x1p-20, () -> "scale " + scale + ", temperature " + temperature + ": off by " + off);
                assertTrue(off <= SoftmaxOracle.sumBound(length), () -> "off by " + off / SoftmaxOracle.U + " u");
            }
        }
    }

    @Test
    void bothLimitsAreExact() {
        float[] logits = {3, 7, -0f, 7, MASKED, 7, 0};
        float third = (float) (1.0 / 3);
        float sixth = (float) (1.0 / 6);
        assertArrayEquals(new float[] {0, third, 0, third, 0, third, 0}, softmax(logits, 0));
        assertArrayEquals(new float[] {0, third, 0, third, 0, third, 0}, softmax(logits, -0f));
        assertArrayEquals(new float[] {sixth, sixth, sixth, sixth, 0, sixth, sixth}, softmax(logits, INF));
        float logThird = (float) -Math.log(3);
        float logSixth = (float) -Math.log(6);
        assertArrayEquals(
                new float[] {MASKED, logThird, MASKED, logThird, MASKED, logThird, MASKED}, logSoftmax(logits, 0));
        assertArrayEquals(
                new float[] {logSixth, logSixth, logSixth, logSixth, MASKED, logSixth, logSixth},
                logSoftmax(logits, INF));
        assertArrayEquals(new float[] {0.5f, 0.5f}, softmax(new float[] {-0f, 0}, 0));
        assertArrayEquals(new float[] {0f}, logSoftmax(new float[] {5}, 0));
        assertArrayEquals(new float[] {0f}, logSoftmax(new float[] {5}, 1));
        assertArrayEquals(new float[] {1, 0}, softmax(new float[] {-Float.MAX_VALUE, MASKED}, INF));
    }

    @Test
    void masksKeepProbabilityZeroAtEveryTemperature() {
        float[] logits = {MASKED, 1, MASKED, 2};
        for (float temperature : TEMPERATURES) {
            float[] probs = softmax(logits, temperature);
            assertEquals(0, probs[0]);
            assertEquals(0, probs[2]);
            float[] logProbs = logSoftmax(logits, temperature);
            assertEquals(MASKED, logProbs[0]);
            assertEquals(MASKED, logProbs[2]);
        }
    }

    @Test
    void logProbabilitiesAreWithinTheirBound() {
        for (float temperature : TEMPERATURES) {
            for (int length : new int[] {1, 2, 100, 4097, 10_000}) {
                for (float spread : new float[] {0.01f, 1, 30, 3000}) {
                    float scale = (float) Math.min((double) spread * temperature, 5e37);
                    checkLogProbs(logits(length, length, scale), temperature);
                }
            }
        }
    }

    private static void checkLogProbs(float[] logits, float temperature) {
        float[] logProbs = logSoftmax(logits, temperature);
        double[] exact = SoftmaxOracle.logProbs(logits, temperature);
        for (int i = 0; i < logits.length; i++) {
            double bound = 3.001 * SoftmaxOracle.U * Math.abs(exact[i]) + 0x1p-20;
            boolean overflowed = exact[i] < -Float.MAX_VALUE * (1 - 0x1p-22) && logProbs[i] == MASKED;
            assertTrue(
                    overflowed || Math.abs(logProbs[i] - exact[i]) <= bound,
                    "temperature " + temperature + ", logProbs[" + i + "] is " + logProbs[i] + ", exact " + exact[i]);
        }
    }

    @Test
    void refusalsNameTheLowestRowTheFirstIndexAndTheCount() {
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            for (float temperature : new float[] {0, Float.MIN_VALUE, 1, Float.MAX_VALUE, INF}) {
                for (int columns : new int[] {100, 9000}) {
                    checkRefusals(point, temperature, columns);
                }
            }
        }
    }

    private static void checkRefusals(ComputeGrid.Point point, float temperature, int columns) {
        float[] data = logits(5, 4 * columns, 1);
        data[columns + 7] = Float.NaN;
        data[columns + 5] = INF;
        Arrays.fill(data, 2 * columns, 3 * columns, MASKED);
        data[3 * columns + 9] = Float.NaN;
        refuses(
                point,
                data.clone(),
                4,
                columns,
                temperature,
                "logits[row 1] has +inf at index 5 (2 of " + columns + " are NaN or +inf)");
        data[columns + 5] = 0;
        data[columns + 7] = 0;
        refuses(
                point,
                data.clone(),
                4,
                columns,
                temperature,
                "logits[row 2] has no candidate left: from index 0 on all " + columns + " are -inf");
        data[2 * columns + 1] = 1;
        refuses(
                point,
                data.clone(),
                4,
                columns,
                temperature,
                "logits[row 3] has NaN at index 9 (1 of " + columns + " are NaN or +inf)");
        refuses(
                point,
                new float[] {1, Float.NaN},
                1,
                2,
                temperature,
                "logits[row 0] has NaN at index 1 (1 of 2 are NaN or +inf)");
    }

    private static void refuses(
            ComputeGrid.Point point, float[] data, int rows, int columns, float temperature, String message) {
        HeapTensor logits = HeapTensor.of(data, rows, columns);
        float[] before = data.clone();
        HeapTensor out = HeapTensor.zeros(rows, columns);
        IllegalArgumentException softmax = assertThrows(
                IllegalArgumentException.class, () -> point.compute().softmax(logits, temperature, out));
        assertEquals("softmax: " + message, softmax.getMessage());
        IllegalArgumentException logSoftmax = assertThrows(
                IllegalArgumentException.class, () -> point.compute().logSoftmax(logits, temperature, logits));
        assertEquals("logSoftmax: " + message, logSoftmax.getMessage());
        int faulty = Integer.parseInt(message.substring("logits[row ".length(), message.indexOf(']')));
        assertArrayEquals(
                Arrays.copyOfRange(before, faulty * columns, (faulty + 1) * columns),
                Arrays.copyOfRange(data, faulty * columns, (faulty + 1) * columns));
        for (int i = faulty * columns; i < (faulty + 1) * columns; i++) {
            assertEquals(0, out.data()[i]);
        }
        if (faulty > 0) {
            assertTrue(out.data()[columns - 1] >= 0 && before[0] != data[0], "the sound rows are computed");
        }
    }

    @Test
    void argmaxIsTheLowestIndexAndRefusesWhatCannotBePicked() {
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            Compute compute = point.compute();
            for (int length : new int[] {1, 2, 100, 4096, 4097, 20_000}) {
                float[] data = logits(length, length, 1);
                for (int best : new int[] {0, length / 2, length - 1}) {
                    float[] copy = data.clone();
                    copy[best] = 100;
                    copy[length - 1] = 100;
                    HeapTensor row = HeapTensor.of(copy, 1, length);
                    assertEquals(100, compute.logits().max(row));
                    assertEquals(best, compute.logits().argmax(row), () -> point + ", length " + length);
                }
                data[length - 1] = Float.NaN;
                HeapTensor row = HeapTensor.of(data, length);
                assertTrue(Float.isNaN(compute.logits().max(row)));
                assertEquals(
                        "argmax: row has NaN at index " + (length - 1) + " (1 of " + length + " are NaN or +inf)",
                        assertThrows(IllegalArgumentException.class, () -> compute.logits()
                                        .argmax(row))
                                .getMessage());
                Arrays.fill(data, MASKED);
                assertEquals(MASKED, compute.logits().max(row));
                assertThrows(
                        IllegalArgumentException.class, () -> compute.logits().argmax(row));
            }
            assertEquals(0, compute.logits().argmax(HeapTensor.of(new float[] {-0f, 0}, 2)));
            assertEquals(MASKED, compute.logits().max(HeapTensor.zeros(0)));
        }
    }

    /** The logarithm of the sum, by oracle where it is finite, with the same bits in pieces as in one. */
    @Test
    void logSumExpIsWithinItsBoundAndRefusesAsSoftmax() {
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            for (float temperature : TEMPERATURES) {
                for (int length : new int[] {1, 2, 100, 4097, 10_000}) {
                    float[] logits = logits(length, 2 * length, (float) Math.min(5.0 * temperature, 5e37));
                    HeapTensor out = HeapTensor.zeros(2);
                    point.compute().logits().logSumExp(HeapTensor.of(logits, 2, length), temperature, out);
                    float[] second = Arrays.copyOfRange(logits, length, 2 * length);
                    double exact = second[0] / (double) temperature - SoftmaxOracle.logProbs(second, temperature)[0];
                    double off = Math.abs(out.data()[1] - exact);
                    assertTrue(
                            off <= 0x1p-20 + 1.001 * SoftmaxOracle.U * Math.abs(exact),
                            () -> point + ", temperature " + temperature + ", length " + length + ": off by " + off);
                }
            }
            HeapTensor out = HeapTensor.zeros(1);
            HeapTensor row = HeapTensor.of(new float[] {2, MASKED, 2}, 1, 3);
            point.compute().logits().logSumExp(row, INF, out);
            assertEquals((float) Math.log(2), out.data()[0]);
            point.compute().logits().logSumExp(row, 0, out);
            assertEquals(INF, out.data()[0]);
            point.compute().logits().logSumExp(HeapTensor.of(new float[] {0, MASKED, 0}, 3), 0, out);
            assertEquals((float) Math.log(2), out.data()[0]);
            point.compute().logits().logSumExp(HeapTensor.of(new float[] {5.25f}, 1), 1, out);
            assertEquals(5.25f, out.data()[0]);
            row.data()[1] = Float.NaN;
            assertEquals(
                    "logSumExp: logits[row 0] has NaN at index 1 (1 of 3 are NaN or +inf)",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> point.compute().logits().logSumExp(row, 1, out))
                            .getMessage());
            assertEquals(
                    "logSumExp: logits [1, 3] and out [2] must have one element of out a row of logits",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> point.compute().logits().logSumExp(row, 1, HeapTensor.zeros(2)))
                            .getMessage());
        }
    }

    /** Maxima beyond what float arithmetic holds, in rows of several chunks, one of which is masked altogether. */
    @Test
    void hugeLogitsAreLowered() {
        float[] logits = logits(3, 10_000, 20);
        Arrays.fill(logits, 4096, 8192, MASKED);
        for (float shift : new float[] {-3e6f, 1e5f, 2e6f}) {
            float[] shifted = logits.clone();
            for (int i = 0; i < shifted.length; i++) {
                shifted[i] += shift;
            }
            for (float temperature : new float[] {0.7f, 1.6f}) {
                String wrong = SoftmaxOracle.firstOutside(
                        softmax(shifted, temperature), SoftmaxOracle.probs(shifted, temperature));
                assertNull(wrong, () -> "shift " + shift + ", temperature " + temperature + ": " + wrong);
                checkLogProbs(shifted, temperature);
            }
        }
    }
}
