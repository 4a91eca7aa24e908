// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static dev.kelvin.ops.FiniteDifferences.gaussian;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AdamWStep;
import dev.kelvin.operand.SequenceAttentionCall;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * The operations of training have the same bits at every lane width and number of threads, and write nowhere else: all
 * tensors of a case lie in one array, between canaries, and the whole array is compared.
 */
class TrainingBitsTest {
    private static final float CANARY = 123.456f;
    private static final int MARGIN = 19;

    /** Around the boundaries of vectors, tiles and blocks, and primes. */
    private static final int[] LENGTHS = {1, 3, 7, 8, 15, 16, 17, 31, 33, 63, 65, 130, 513, 1021, 1025, 2500};

    /** Tensors cut from one array. */
    private static final class Tensors {
        private final float[] data;
        private int next = MARGIN;

        Tensors(int elements) {
            data = new float[elements];
            Arrays.fill(data, CANARY);
        }

        HeapTensor random(long seed, int rows, int columns) {
            HeapTensor tensor = HeapTensor.view(data, next, rows, columns);
            System.arraycopy(gaussian(seed, rows * columns), 0, data, next, rows * columns);
            next += rows * columns + MARGIN;
            return tensor;
        }
    }

    /** Cuts tensors and runs an operation on them; returns a number that must have the same bits too. */
    @FunctionalInterface
    private interface Case {
        double run(Compute compute, Tensors tensors);
    }

    private static void sameEverywhere(String what, int elements, Case each) {
        Tensors expected = new Tensors(elements + 12 * MARGIN);
        double number = each.run(ComputeGrid.reference(), expected);
        for (int i = 0; i < MARGIN; i++) {
            assertEquals(CANARY, expected.data[i], what + ": wrote before its tensors");
            assertEquals(CANARY, expected.data[expected.next - 1 - i], what + ": wrote behind its tensors");
        }
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            Tensors actual = new Tensors(elements + 12 * MARGIN);
            assertEquals(number, each.run(point.compute(), actual), what + ", " + point);
            for (int i = 0; i < actual.data.length; i++) {
                // Any NaN equals any other: Java leaves open which bits arithmetic gives it.
                if (Float.floatToIntBits(expected.data[i]) != Float.floatToIntBits(actual.data[i])) {
                    fail(what + ", " + point + ": at " + i + " expected " + expected.data[i] + ", was "
                            + actual.data[i]);
                }
            }
        }
    }

    @Test
    void norms() {
        for (int dim : LENGTHS) {
            int rows = dim > 500 ? 2 : 7;
            sameEverywhere("rmsNormBackward of " + dim, 5 * rows * dim, (compute, tensors) -> {
                compute.training()
                        .rmsNormBackward(
                                tensors.random(1, rows, dim),
                                tensors.random(2, 1, dim),
                                1e-5f,
                                tensors.random(3, rows, dim),
                                tensors.random(4, rows, dim),
                                tensors.random(5, 1, dim));
                return 0;
            });
            sameEverywhere("layerNorm of " + dim, 9 * rows * dim, (compute, tensors) -> {
                HeapTensor x = tensors.random(1, rows, dim);
                HeapTensor weight = tensors.random(2, 1, dim);
                HeapTensor bias = tensors.random(6, 1, dim);
                compute.rows().layerNorm(x, weight, bias, 1e-5f, tensors.random(7, rows, dim));
                compute.training()
                        .layerNormBackward(
                                x,
                                weight,
                                1e-5f,
                                tensors.random(3, rows, dim),
                                tensors.random(4, rows, dim),
                                tensors.random(5, 1, dim),
                                bias);
                return 0;
            });
        }
    }

    @Test
    void elements() {
        for (int length : LENGTHS) {
            sameEverywhere("elements, " + length, 12 * length, (compute, tensors) -> {
                Training training = compute.training();
                HeapTensor a = tensors.random(1, 1, length);
                HeapTensor b = tensors.random(2, 1, length);
                HeapTensor c = tensors.random(3, 1, length);
                training.swiGluBackward(a, b, c, tensors.random(4, 1, length), b);
                compute.elements().activate(Activation.GELU_TANH, a, tensors.random(5, 1, length));
                training.geluBackward(a, b, tensors.random(6, 1, length));
                training.dropout(a, 0.3f, 0x1234_5678_9abc_def0L, tensors.random(7, 1, length));
                compute.elements().scale(b, 0.7f, tensors.random(8, 1, length));
                compute.elements().clear(tensors.random(9, 1, length));
                return training.squaredNorm(a);
            });
        }
    }

    @Test
    void adamW() {
        AdamWStep step = new AdamWStep().set(3, 0.9, 0.99, 1e-8, 1e-2, 0.1, 0.7);
        for (int length : LENGTHS) {
            int columns = length;
            sameEverywhere("adamW of " + length, 0, (compute, tensors) -> {
                float[][] arrays = new float[4][];
                for (int i = 0; i < arrays.length; i++) {
                    arrays[i] = gaussian(i, columns + 5);
                }
                for (int i = 0; i < arrays[3].length; i++) {
                    arrays[3][i] *= arrays[3][i];
                }
                HeapTensor[] views = new HeapTensor[4];
                for (int i = 0; i < views.length; i++) {
                    views[i] = HeapTensor.view(arrays[i], 3, 1, columns);
                }
                compute.training().adamW(views[0], views[1], views[2], views[3], step);
                return Arrays.hashCode(arrays[0])
                        + 31.0 * Arrays.hashCode(arrays[2])
                        + 17.0 * Arrays.hashCode(arrays[3]);
            });
        }
    }

    @Test
    void rows() {
        for (int columns : LENGTHS) {
            int[] ids = {2, 0, 2, 2, 1, 0};
            sameEverywhere("rows of " + columns, 25 * columns, (compute, tensors) -> {
                Training training = compute.training();
                HeapTensor x = tensors.random(1, ids.length, columns);
                HeapTensor table = tensors.random(2, 3, columns);
                compute.rows().addBias(x, tensors.random(3, 1, columns));
                training.biasBackward(x, tensors.random(4, 1, columns));
                training.embeddingBackward(x, ids, table);
                compute.rows().embedding(table, ids, tensors.random(5, ids.length, columns));
                return 0;
            });
        }
    }

    @Test
    void attention() {
        for (int length : new int[] {1, 3, 31, 32, 33, 67}) {
            for (int headDim : new int[] {2, 5, 16, 33, 64}) {
                attention(length, headDim);
            }
        }
    }

    /** A query whose scores have no finite maximum makes NaN of what depends on it, and of nothing else. */
    @Test
    void attentionThatIsNoNumber() {
        for (float value :
                new float[] {Float.NaN, -Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0x1p127f}) {
            for (int at : new int[] {0, 13, 66}) {
                int length = 67;
                sameEverywhere(value + " in query " + at, 8 * length * 8, (compute, tensors) -> {
                    HeapTensor q = tensors.random(1, length, 8);
                    q.data()[q.offset() + at * 8 + 5] = value;
                    HeapTensor out = tensors.random(4, length, 8);
                    SequenceAttentionCall call = new SequenceAttentionCall(
                            q, tensors.random(2, length, 8), tensors.random(3, length, 8), out, 1, 1, 1, 8, 1e3f);
                    compute.training().attention(call);
                    for (int t = 0; t < length; t++) {
                        assertEquals(t == at, Float.isNaN(out.data()[out.offset() + t * 8]), value + ", query " + t);
                    }
                    compute.training()
                            .attentionBackward(
                                    call,
                                    tensors.random(5, length, 8),
                                    tensors.random(6, length, 8),
                                    tensors.random(7, length, 8),
                                    tensors.random(8, length, 8));
                    return 0;
                });
            }
        }
    }

    private static void attention(int length, int headDim) {
        int heads = 4;
        int kvHeads = 2;
        int rows = 2 * length;
        String what = "attention over " + length + ", headDim " + headDim;
        sameEverywhere(what, 24 * rows * headDim, (compute, tensors) -> {
            SequenceAttentionCall call = new SequenceAttentionCall(
                    tensors.random(1, rows, heads * headDim),
                    tensors.random(2, rows, kvHeads * headDim),
                    tensors.random(3, rows, kvHeads * headDim),
                    tensors.random(4, rows, heads * headDim),
                    2,
                    heads,
                    kvHeads,
                    headDim,
                    0.3f);
            compute.training().attention(call);
            compute.training()
                    .attentionBackward(
                            call,
                            tensors.random(5, rows, heads * headDim),
                            tensors.random(6, rows, heads * headDim),
                            tensors.random(7, rows, kvHeads * headDim),
                            tensors.random(8, rows, kvHeads * headDim));
            return 0;
        });
    }

    @Test
    void refusesWhatDoesNotFit() {
        Training training = ComputeGrid.reference().training();
        Rows rows = ComputeGrid.reference().rows();
        HeapTensor x = HeapTensor.zeros(3, 4);
        HeapTensor other = HeapTensor.zeros(3, 5);
        HeapTensor vector = HeapTensor.zeros(4);
        refuses(
                "rmsNormBackward: x [3, 4] and dy [3, 5]",
                () -> training.rmsNormBackward(x, vector, 0, other, x, vector));
        refuses("layerNorm: epsilon", () -> rows.layerNorm(x, vector, vector, -1, x));
        refuses("dropout: rate must be in [0, 1), got 1.0", () -> training.dropout(x, 1, 0, x));
        refuses("embedding: id 3 at index 2", () -> rows.embedding(x, new int[] {0, 1, 3}, HeapTensor.zeros(3, 4)));
        refuses("embeddingBackward: 2 ids", () -> training.embeddingBackward(x, new int[2], HeapTensor.zeros(3, 4)));
        refuses("addBias: x [3, 5] and bias [4]", () -> rows.addBias(other, vector));
        refuses(
                "attention: heads",
                () -> training.attention(new SequenceAttentionCall(x, x, x, HeapTensor.zeros(3, 4), 1, 3, 2, 2, 1)));
        refuses(
                "attention: the rows of q [3, 4]",
                () -> training.attention(new SequenceAttentionCall(x, x, x, HeapTensor.zeros(3, 4), 2, 2, 2, 2, 1)));
        refuses("activate: y", () -> ComputeGrid.reference()
                .elements()
                .activate(
                        Activation.GELU_TANH, HeapTensor.view(x.data(), 0, 2, 4), HeapTensor.view(x.data(), 4, 2, 4)));
    }

    private static void refuses(String beginning, Runnable operation) {
        String message =
                assertThrows(IllegalArgumentException.class, operation::run).getMessage();
        assertTrue(message.startsWith(beginning), message);
    }
}
