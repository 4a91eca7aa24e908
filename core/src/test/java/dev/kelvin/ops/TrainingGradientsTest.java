// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static dev.kelvin.ops.FiniteDifferences.added;
import static dev.kelvin.ops.FiniteDifferences.begun;
import static dev.kelvin.ops.FiniteDifferences.check;
import static dev.kelvin.ops.FiniteDifferences.dot;
import static dev.kelvin.ops.FiniteDifferences.gaussian;
import static dev.kelvin.ops.FiniteDifferences.widen;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.operand.SequenceAttentionCall;
import dev.kelvin.tensor.HeapTensor;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Derivatives against central differences of the mathematics in double. */
class TrainingGradientsTest {
    private static final int DIM = 19;

    private static Training training() {
        return ComputeGrid.fastest().training();
    }

    private static HeapTensor matrix(float[] data, int columns) {
        return HeapTensor.of(data, data.length / columns, columns);
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
        float[] dQ = begun(q.length);
        float[] dK = begun(k.length);
        float[] dV = begun(v.length);
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
        float[] dTable = begun(table.length);
        float[] dBias = begun(DIM);
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
                added(dTable));
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
                added(dBias));
    }
}
