// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static dev.kelvin.ops.FiniteDifferences.check;
import static dev.kelvin.ops.FiniteDifferences.dot;
import static dev.kelvin.ops.FiniteDifferences.gaussian;
import static dev.kelvin.ops.FiniteDifferences.widen;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AdamWStep;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.operand.SequenceAttentionCall;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Derivatives against central differences of the mathematics in double, and the optimizer against its formula. What is
 * added to begins with a number, so that overwriting shows.
 */
class TrainingGradientsTest {
    private static final int ROWS = 5;
    private static final int DIM = 19;
    private static final float EPSILON = 1e-5f;
    private static final float BEFORE = 0.5f;

    private static Training training() {
        return ComputeGrid.fastest().training();
    }

    private static HeapTensor matrix(float[] data, int columns) {
        return HeapTensor.of(data, data.length / columns, columns);
    }

    private static float[] filled(int length) {
        float[] values = new float[length];
        Arrays.fill(values, BEFORE);
        return values;
    }

    private static float[] withoutBefore(float[] values) {
        float[] rest = values.clone();
        for (int i = 0; i < rest.length; i++) {
            rest[i] -= BEFORE;
        }
        return rest;
    }

    private static double[] norm(double[] x, double[] weight, double[] bias) {
        int dim = weight.length;
        double[] y = new double[x.length];
        for (int row = 0; row < x.length; row += dim) {
            double mean = 0;
            for (int i = 0; bias != null && i < dim; i++) {
                mean += x[row + i] / dim;
            }
            double variance = 0;
            for (int i = 0; i < dim; i++) {
                variance += (x[row + i] - mean) * (x[row + i] - mean) / dim;
            }
            for (int i = 0; i < dim; i++) {
                y[row + i] =
                        (x[row + i] - mean) / Math.sqrt(variance + EPSILON) * weight[i] + (bias == null ? 0 : bias[i]);
            }
        }
        return y;
    }

    @Test
    void norms() {
        float[] x = gaussian(1, ROWS * DIM);
        float[] weight = gaussian(2, DIM);
        float[] bias = gaussian(3, DIM);
        float[] dy = gaussian(4, ROWS * DIM);
        for (boolean centred : new boolean[] {false, true}) {
            float[] dx = filled(x.length);
            float[] dWeight = filled(DIM);
            float[] dBias = filled(DIM);
            double[] wideBias = centred ? widen(bias) : null;
            HeapTensor xs = matrix(x, DIM);
            if (centred) {
                float[] y = new float[x.length];
                ComputeGrid.fastest()
                        .rows()
                        .layerNorm(xs, HeapTensor.of(weight), HeapTensor.of(bias), EPSILON, matrix(y, DIM));
                assertArrayEquals(norm(widen(x), widen(weight), wideBias), widen(y), 1e-5);
                training()
                        .layerNormBackward(
                                xs,
                                HeapTensor.of(weight),
                                EPSILON,
                                matrix(dy, DIM),
                                matrix(dx, DIM),
                                HeapTensor.of(dWeight),
                                HeapTensor.of(dBias));
                check("dBias", p -> dot(norm(widen(x), widen(weight), p), dy), bias, withoutBefore(dBias));
            } else {
                training()
                        .rmsNormBackward(
                                xs,
                                HeapTensor.of(weight),
                                EPSILON,
                                matrix(dy, DIM),
                                matrix(dx, DIM),
                                HeapTensor.of(dWeight));
            }
            check("dx", p -> dot(norm(p, widen(weight), wideBias), dy), x, withoutBefore(dx));
            check("dWeight", p -> dot(norm(widen(x), p, wideBias), dy), weight, withoutBefore(dWeight));
        }
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double[] swiGlu(double[] gate, double[] up) {
        double[] y = new double[gate.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = gate[i] * sigmoid(gate[i]) * up[i];
        }
        return y;
    }

    @Test
    void swiGlu() {
        float[] gate = gaussian(1, 77);
        float[] up = gaussian(2, 77);
        float[] dy = gaussian(3, 77);
        float[] dGate = new float[77];
        float[] dUp = new float[77];
        training()
                .swiGluBackward(
                        HeapTensor.of(gate),
                        HeapTensor.of(up),
                        HeapTensor.of(dy),
                        HeapTensor.of(dGate),
                        HeapTensor.of(dUp));
        check("dGate", p -> dot(swiGlu(p, widen(up)), dy), gate, dGate);
        check("dUp", p -> dot(swiGlu(widen(gate), p), dy), up, dUp);
    }

    private static double[] gelu(double[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = 0.5 * x[i] * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x[i] + 0.044715 * x[i] * x[i] * x[i])));
        }
        return y;
    }

    @Test
    void gelu() {
        float[] x = gaussian(1, 101);
        for (int i = 0; i < x.length; i++) {
            x[i] *= 3;
        }
        x[0] = -200;
        x[1] = 200;
        x[2] = 0;
        float[] y = new float[x.length];
        ComputeGrid.fastest().elements().activate(Activation.GELU_TANH, HeapTensor.of(x), HeapTensor.of(y));
        double[] expected = gelu(widen(x));
        for (int i = 0; i < y.length; i++) {
            assertEquals(expected[i], y[i], 4e-7 * (1 + Math.abs(expected[i])), "gelu of " + x[i]);
        }
        float[] dy = gaussian(2, x.length);
        float[] dx = new float[x.length];
        training().geluBackward(HeapTensor.of(x), HeapTensor.of(dy), HeapTensor.of(dx));
        check("dx", p -> dot(gelu(p), dy), x, dx);
    }

    /** out, of q [B·T, H·Dh] and k, v [B·T, Hkv·Dh]. */
    private static double[] attention(double[] q, double[] k, double[] v, SequenceAttentionCall call) {
        double[] out = new double[q.length];
        int dim = call.headDim();
        int stride = call.heads() * dim;
        int kvStride = call.kvHeads() * dim;
        int length = call.length();
        for (int row = 0; row < call.q().rows(); row++) {
            int first = row / length * length;
            for (int head = 0; head < call.heads(); head++) {
                int kvHead = head / (call.heads() / call.kvHeads());
                double[] weights = new double[row - first + 1];
                double sum = 0;
                for (int j = 0; j < weights.length; j++) {
                    double score = 0;
                    for (int i = 0; i < dim; i++) {
                        score += q[row * stride + head * dim + i] * k[(first + j) * kvStride + kvHead * dim + i];
                    }
                    weights[j] = Math.exp(score * call.scale());
                    sum += weights[j];
                }
                for (int j = 0; j < weights.length; j++) {
                    for (int i = 0; i < dim; i++) {
                        out[row * stride + head * dim + i] +=
                                weights[j] / sum * v[(first + j) * kvStride + kvHead * dim + i];
                    }
                }
            }
        }
        return out;
    }

    @Test
    void attention() {
        attention(2, 7, 4, 2, 5);
        attention(1, 37, 2, 2, 3);
        attention(1, 33, 2, 1, 16);
    }

    private static void attention(int sequences, int length, int heads, int kvHeads, int headDim) {
        int rows = sequences * length;
        float[] q = gaussian(1, rows * heads * headDim);
        float[] k = gaussian(2, rows * kvHeads * headDim);
        float[] v = gaussian(3, rows * kvHeads * headDim);
        float[] dOut = gaussian(4, q.length);
        float[] out = new float[q.length];
        SequenceAttentionCall call = new SequenceAttentionCall(
                matrix(q, heads * headDim),
                matrix(k, kvHeads * headDim),
                matrix(v, kvHeads * headDim),
                matrix(out, heads * headDim),
                sequences,
                heads,
                kvHeads,
                headDim,
                0.4f);
        training().attention(call);
        assertArrayEquals(attention(widen(q), widen(k), widen(v), call), widen(out), 1e-5);
        float[] dQ = filled(q.length);
        float[] dK = filled(k.length);
        float[] dV = filled(v.length);
        training()
                .attentionBackward(
                        call,
                        matrix(dOut, heads * headDim),
                        matrix(dQ, heads * headDim),
                        matrix(dK, kvHeads * headDim),
                        matrix(dV, kvHeads * headDim));
        check("dQ", p -> dot(attention(p, widen(k), widen(v), call), dOut), q, dQ);
        check("dK", p -> dot(attention(widen(q), p, widen(v), call), dOut), k, dK);
        check("dV", p -> dot(attention(widen(q), widen(k), p, call), dOut), v, dV);
    }

    /** Rotation keeps lengths, so its derivative is the rotation back: the table's inverse. */
    @Test
    void ropeBackwardIsTheRotationBack() {
        double[] frequencies = RopeTable.frequencies(6, 10_000);
        RopeTable table = RopeTable.of(RopeTable.Pairing.ADJACENT, 8, 11, frequencies, 1);
        float[] x = gaussian(1, 11 * 16);
        float[] dy = gaussian(2, x.length);
        float[] dx = dy.clone();
        ComputeGrid.fastest()
                .attention()
                .rope(matrix(dx, 16), table.inverse(), IntStream.range(0, 11).toArray());
        UnaryOperator<double[]> rotated = p -> {
            double[] y = p.clone();
            for (int t = 0; t < 11; t++) {
                for (int head = 0; head < 16; head += 8) {
                    for (int i = 0; i < 3; i++) {
                        double angle = t * Math.pow(10_000, -2.0 * i / 6);
                        int at = t * 16 + head + 2 * i;
                        y[at] = p[at] * Math.cos(angle) - p[at + 1] * Math.sin(angle);
                        y[at + 1] = p[at] * Math.sin(angle) + p[at + 1] * Math.cos(angle);
                    }
                }
            }
            return y;
        };
        check("dx", p -> dot(rotated.apply(p), dy), x, dx);
    }

    @Test
    void embeddingAndBias() {
        int[] ids = {3, 0, 3, 3, 1};
        float[] table = gaussian(1, 4 * DIM);
        float[] x = new float[ids.length * DIM];
        ComputeGrid.fastest().rows().embedding(matrix(table, DIM), ids, matrix(x, DIM));
        float[] bias = gaussian(2, DIM);
        float[] y = x.clone();
        ComputeGrid.fastest().rows().addBias(matrix(y, DIM), HeapTensor.of(bias));
        float[] dy = gaussian(3, x.length);
        float[] dTable = filled(table.length);
        float[] dBias = filled(DIM);
        training().embeddingBackward(matrix(dy, DIM), ids, matrix(dTable, DIM));
        training().biasBackward(matrix(dy, DIM), HeapTensor.of(dBias));
        for (int r = 0; r < ids.length; r++) {
            for (int i = 0; i < DIM; i++) {
                assertEquals(table[ids[r] * DIM + i], x[r * DIM + i]);
                assertEquals(x[r * DIM + i] + bias[i], y[r * DIM + i]);
            }
        }
        check(
                "dTable",
                p -> {
                    double sum = 0;
                    for (int i = 0; i < x.length; i++) {
                        sum += p[ids[i / DIM] * DIM + i % DIM] * dy[i];
                    }
                    return sum;
                },
                table,
                withoutBefore(dTable));
        check(
                "dBias",
                p -> {
                    double sum = 0;
                    for (int i = 0; i < x.length; i++) {
                        sum += p[i % DIM] * dy[i];
                    }
                    return sum;
                },
                bias,
                withoutBefore(dBias));
    }

    @Test
    void dropoutKeepsTheStatedShareAndTheMean() {
        int length = 200_000;
        float[] ones = new float[length];
        Arrays.fill(ones, 1);
        for (float rate : new float[] {0, 0.1f, 0.5f}) {
            float[] y = new float[length];
            float[] other = new float[length];
            training().dropout(HeapTensor.of(ones), rate, 7L << 32 | 1, HeapTensor.of(y));
            training().dropout(HeapTensor.of(ones), rate, 8L << 32 | 1, HeapTensor.of(other));
            int dropped = 0;
            int both = 0;
            for (int i = 0; i < length; i++) {
                assertTrue(y[i] == 0 || y[i] == (float) (1 / (1 - (double) rate)));
                dropped += y[i] == 0 ? 1 : 0;
                both += y[i] == 0 && other[i] == 0 ? 1 : 0;
            }
            // Five standard deviations of a binomial, for the share and for the overlap of two masks.
            assertEquals(rate, dropped / (double) length, 5 * Math.sqrt(rate * (1 - rate) / length));
            double overlap = (double) rate * rate;
            assertEquals(overlap, both / (double) length, 5 * Math.sqrt(overlap * (1 - overlap) / length));
        }
    }

    @Test
    void adamWFollowsItsFormula() {
        int length = 50;
        float[] p = gaussian(1, length);
        float[] m = new float[length];
        float[] v = new float[length];
        double[] expected = widen(p);
        double[] first = new double[length];
        double[] second = new double[length];
        AdamWStep step = new AdamWStep();
        for (int t = 1; t <= 4; t++) {
            float[] g = gaussian(t + 10, length);
            step.set(t, 0.9, 0.95, 1e-8, 1e-2, 0.1, 0.5);
            training().adamW(HeapTensor.of(p), HeapTensor.of(g), HeapTensor.of(m), HeapTensor.of(v), step);
            for (int i = 0; i < length; i++) {
                double scaled = 0.5 * g[i];
                first[i] = 0.9 * first[i] + 0.1 * scaled;
                second[i] = 0.95 * second[i] + 0.05 * scaled * scaled;
                double mHat = first[i] / (1 - Math.pow(0.9, t));
                double vHat = second[i] / (1 - Math.pow(0.95, t));
                expected[i] -= 1e-2 * (mHat / (Math.sqrt(vHat) + 1e-8) + 0.1 * expected[i]);
            }
        }
        assertArrayEquals(expected, widen(p), 1e-5);
    }

    @Test
    void aStepOfAdamWThatWouldMakeNoNumbersIsRefused() {
        AdamWStep step = new AdamWStep();
        assertThrows(IllegalArgumentException.class, () -> training()
                .adamW(HeapTensor.zeros(1), HeapTensor.zeros(1), HeapTensor.zeros(1), HeapTensor.zeros(1), step));
        double nan = Double.NaN;
        double[][] faulty = {
            {0, 0.9, 0.95, 1e-8, 1e-2, 0.1, 1},
            {-3, 0.9, 0.95, 1e-8, 1e-2, 0.1, 1},
            {1, 1, 0.95, 1e-8, 1e-2, 0.1, 1},
            {1, -0.1, 0.95, 1e-8, 1e-2, 0.1, 1},
            {1, 0.9, 1, 1e-8, 1e-2, 0.1, 1},
            {1, 0.9, nan, 1e-8, 1e-2, 0.1, 1},
            {1, 0.9, 0.95, 0, 1e-2, 0.1, 1},
            {1, 0.9, 0.95, 1e-60, 1e-2, 0.1, 1},
            {1, 0.9, 0.95, nan, 1e-2, 0.1, 1},
            {1, 0.9, 0.95, 1e-8, nan, 0.1, 1},
            {1, 0.9, 0.95, 1e-8, 1e300, 0, 1},
            {1, 0.9, 0.95, 1e-8, 1e-2, Double.POSITIVE_INFINITY, 1},
        };
        for (double[] n : faulty) {
            IllegalArgumentException refusal = assertThrows(
                    IllegalArgumentException.class,
                    () -> step.set((int) n[0], n[1], n[2], n[3], n[4], n[5], n[6]),
                    () -> Arrays.toString(n));
            assertTrue(refusal.getMessage().startsWith("adamW: "), refusal.getMessage());
        }
        step.set(1, 0, 0, 1e-8, 0, 0, 0);
    }

    /** x̂ in double; its error does not grow with what all elements have in common. */
    @Test
    void layerNormOfElementsThatDifferLittle() {
        float large = 0x1p24f;
        float[][] rows = {
            {large, large, large + 2, large + 4},
            {-large, -large - 2, -large - 4, -large - 2, -large},
            offset(gaussian(3, 768), 1000),
            offset(gaussian(4, 777), -3e5f),
            gaussian(5, 2048),
        };
        for (float[] x : rows) {
            int dim = x.length;
            double[] expected = standardised(widen(x));
            float[] weight = new float[dim];
            Arrays.fill(weight, 1);
            float[] y = new float[dim];
            ComputeGrid.fastest()
                    .rows()
                    .layerNorm(HeapTensor.of(x), HeapTensor.of(weight), HeapTensor.zeros(dim), 0, HeapTensor.of(y));
            for (int i = 0; i < dim; i++) {
                double bound = (dim / 64.0 + 10) * 0x1p-24 * (1 + Math.abs(expected[i]));
                assertEquals(expected[i], y[i], bound, "layerNorm of " + x[i] + " in a row of " + dim);
            }
            // dWeight of dy = 1 is x̂ itself.
            float[] dWeight = new float[dim];
            training()
                    .layerNormBackward(
                            HeapTensor.of(x),
                            HeapTensor.of(weight),
                            0,
                            HeapTensor.of(weight.clone()),
                            HeapTensor.zeros(dim),
                            HeapTensor.of(dWeight),
                            HeapTensor.zeros(dim));
            assertArrayEquals(y, dWeight);
        }
    }

    private static float[] offset(float[] x, float by) {
        for (int i = 0; i < x.length; i++) {
            x[i] += by;
        }
        return x;
    }

    private static double[] standardised(double[] x) {
        double mean = Arrays.stream(x).average().orElseThrow();
        double variance =
                Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
        return Arrays.stream(x).map(v -> (v - mean) / Math.sqrt(variance)).toArray();
    }

    @Test
    void squaredNormAddsEveryElement() {
        float[] x = gaussian(1, 3 * 4096 + 77);
        double expected = 0;
        for (float value : x) {
            expected += (double) value * value;
        }
        assertEquals(expected, training().squaredNorm(HeapTensor.of(x)), 1e-5 * expected);
    }
}
