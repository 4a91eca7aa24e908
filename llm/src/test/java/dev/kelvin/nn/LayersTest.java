// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operand.Activation;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.FeedForward;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Norm;
import dev.kelvin.plan.Part;
import dev.kelvin.plan.Projection;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Linear, Embedding, norms, feed-forward layers, attention and RowBuffer, each by itself. */
class LayersTest {
    private final Compute compute = Compute.serial();
    private final Arena arena = Arena.ofConfined();
    private final SplittableRandom random = new SplittableRandom(5);

    @AfterEach
    void close() {
        compute.close();
        arena.close();
    }

    private HeapTensor uniform(int... dims) {
        HeapTensor tensor = HeapTensor.zeros(dims);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextDouble(-1, 1);
        }
        return tensor;
    }

    private MappedTensor mapped(HeapTensor tensor) {
        MemorySegment segment = arena.allocate(tensor.shape().elements() * Float.BYTES, 64);
        ValueLayout.OfFloat layout = ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < tensor.data().length; i++) {
            segment.setAtIndex(layout, i, tensor.data()[i]);
        }
        return new MappedTensor(DType.F32, tensor.shape(), segment);
    }

    private Tensor unreadable(int rows, int columns) {
        return new MappedTensor(DType.I16, Shape.of(rows, columns), arena.allocate(2L * rows * columns, 64));
    }

    private Linear linear(int rows, int columns) {
        return new Linear(compute, uniform(rows, columns), null);
    }

    private static void refused(String message, Runnable action) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, action::run);
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    void linearGivesTheSameBitsFromHeapAndFile() {
        HeapTensor weight = uniform(7, 19);
        HeapTensor x = uniform(3, 19);
        HeapTensor fromHeap = HeapTensor.zeros(3, 7);
        HeapTensor fromFile = HeapTensor.zeros(3, 7);
        Linear linear = new Linear(compute, weight, null);
        assertEquals(19, linear.inputDim());
        assertEquals(7, linear.outputDim());
        linear.forward(x, fromHeap);
        new Linear(compute, mapped(weight), null).forward(x, fromFile);
        assertArrayEquals(fromHeap.data(), fromFile.data());
        double expected = 0;
        for (int k = 0; k < 19; k++) {
            expected += (double) x.data()[2 * 19 + k] * weight.data()[5 * 19 + k];
        }
        assertEquals(expected, fromHeap.data()[2 * 7 + 5], 1e-6);
    }

    @Test
    void linearRefusesWhatItCannotCompute() {
        refused("bias must be [4], but is [3]", () -> new Linear(compute, uniform(4, 8), uniform(3)));
        refused("weight must be [N, K], but is [4]", () -> new Linear(compute, HeapTensor.zeros(4), null));
        refused(
                "[4, 8] is of type I16; only these can be computed: F32",
                () -> new Linear(compute, unreadable(4, 8), null));
        refused("[2, 5]", () -> linear(4, 8).forward(HeapTensor.zeros(2, 5), HeapTensor.zeros(2, 4)));
    }

    @Test
    void embeddingCopiesRowsFromHeapAndFile() {
        HeapTensor table = uniform(9, 5);
        int[] tokens = {99, 8, 0, 3, 8, -1};
        float[] expected = new float[4 * 5];
        for (int t = 0; t < 4; t++) {
            System.arraycopy(table.data(), tokens[t + 1] * 5, expected, t * 5, 5);
        }
        for (Tensor form : new Tensor[] {table, mapped(table)}) {
            Embedding embedding = new Embedding(form);
            assertEquals(9, embedding.vocabSize());
            assertEquals(5, embedding.dim());
            // A view amid canaries: only its own elements may change.
            HeapTensor out = HeapTensor.zeros(6, 5);
            embedding.forward(tokens, 1, 5, out.rowRange(1, 5));
            float[] all = new float[30];
            System.arraycopy(expected, 0, all, 5, expected.length);
            assertArrayEquals(all, out.data());
        }
    }

    @Test
    void embeddingRefusesIdsOutsideTheVocabulary() {
        Embedding embedding = new Embedding(uniform(9, 5));
        HeapTensor out = HeapTensor.zeros(2, 5);
        refused("tokens[1] is 9, outside the vocabulary [0, 9)", () -> embedding.forward(new int[] {8, 9}, 0, 2, out));
        refused("tokens[0] is -1", () -> embedding.forward(new int[] {-1, 9}, 0, 2, out));
        refused("[1, 3) is not a range of 2 tokens", () -> embedding.forward(new int[2], 1, 3, out));
        refused("[-1, 1) is not", () -> embedding.forward(new int[2], -1, 1, out));
        refused("[2, 1) is not", () -> embedding.forward(new int[2], 2, 1, out));
        refused("out must be [1, 5], but is [2, 5]", () -> embedding.forward(new int[2], 0, 1, out));
        refused("table must be [V, D]", () -> new Embedding(HeapTensor.zeros(4)));
        refused("of type I16; only these can be read: F32", () -> new Embedding(unreadable(4, 8)));
    }

    @Test
    void rmsNormDividesByTheRootMeanSquare() {
        HeapTensor x = HeapTensor.of(new float[] {3, 4, 0, 0, 1, -1}, 2, 3);
        HeapTensor weight = HeapTensor.of(new float[] {1, 2, 5}, 3);
        HeapTensor y = HeapTensor.zeros(2, 3);
        new RmsNorm(compute, weight, 0.5f).forward(x, y);
        double first = Math.sqrt(25 / 3.0 + 0.5);
        double second = Math.sqrt(2 / 3.0 + 0.5);
        double[] expected = {3 / first, 8 / first, 0, 0, 2 / second, -5 / second};
        for (int i = 0; i < 6; i++) {
            assertEquals(expected[i], y.data()[i], 1e-6);
        }
        refused("weight must be [D]", () -> new RmsNorm(compute, HeapTensor.zeros(1, 3), 1e-5f));
        for (float bad : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
            refused("epsilon must be finite and not negative, but is " + bad, () -> new RmsNorm(compute, weight, bad));
        }
    }

    /** Numbers for any plan, made when they are asked for; {@link #of} gives those of a name. */
    private final class Numbers implements WeightSource {
        private final Map<String, HeapTensor> made = new HashMap<>();

        HeapTensor of(Weight weight) {
            return made.computeIfAbsent(
                    weight.name(), _ -> uniform(weight.shape().dims()));
        }

        @Override
        public Tensor table(Weight weight) {
            return of(weight);
        }

        @Override
        public Tensor factor(Part part) {
            return of(part.weight()).rowRange(part.begin(), part.end());
        }

        @Override
        public HeapTensor vector(Part part) {
            HeapTensor all = of(part.weight());
            return HeapTensor.view(all.data(), all.offset() + part.begin(), part.rows());
        }
    }

    private static Projection projection(String name, int outputDim, int inputDim) {
        Weight weight = new Weight(name, Shape.of(outputDim, inputDim), Weight.Role.PROJECTION);
        return new Projection(weight.whole(), null);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double gelu(double x) {
        return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    private static double[] multiply(HeapTensor w, double[] x) {
        double[] y = new double[w.rows()];
        for (int n = 0; n < y.length; n++) {
            for (int k = 0; k < x.length; k++) {
                y[n] += x[k] * w.data()[n * x.length + k];
            }
        }
        return y;
    }

    private static double[] row(HeapTensor x, int row) {
        double[] values = new double[x.columns()];
        Arrays.setAll(values, i -> x.data()[row * values.length + i]);
        return values;
    }

    @Test
    void feedForwardLayersActivateAndProject() {
        Projection gate = projection("gate", 7, 5);
        Projection up = projection("up", 7, 5);
        Projection down = projection("down", 5, 7);
        HeapTensor x = uniform(2, 5);
        for (Activation activation : List.of(Activation.SILU, Activation.GELU_TANH)) {
            for (boolean gated : new boolean[] {true, false}) {
                Numbers numbers = new Numbers();
                Layer layer = gated
                        ? new GatedFeedForward(new FeedForward.Gated(gate, up, down, activation), numbers, compute)
                        : new PlainFeedForward(new FeedForward.Plain(up, down, activation), numbers, compute);
                HeapTensor y = HeapTensor.zeros(2, 5);
                layer.forward(x, y, new RowBuffers(layer.widths()), null);
                for (int t = 0; t < 2; t++) {
                    double[] raised = multiply(numbers.of(up.weight().weight()), row(x, t));
                    double[] active = gated ? multiply(numbers.of(gate.weight().weight()), row(x, t)) : raised.clone();
                    for (int i = 0; i < active.length; i++) {
                        double f = activation == Activation.SILU ? active[i] * sigmoid(active[i]) : gelu(active[i]);
                        active[i] = gated ? f * raised[i] : f;
                    }
                    double[] expected = multiply(numbers.of(down.weight().weight()), active);
                    for (int d = 0; d < 5; d++) {
                        assertEquals(expected[d], y.data()[t * 5 + d], 1e-5);
                    }
                }
            }
        }
    }

    @Test
    void aNormNarrowerThanARowNormalisesEachHead() {
        HeapTensor x = uniform(3, 12);
        HeapTensor y = HeapTensor.zeros(3, 12);
        HeapTensor gain = uniform(6);
        new RmsNorm(compute, gain, 1e-5f).forward(x, y);
        for (int head = 0; head < 6; head++) {
            double squares = 0;
            for (int i = 0; i < 6; i++) {
                squares += Math.pow(x.data()[head * 6 + i], 2);
            }
            for (int i = 0; i < 6; i++) {
                double expected = x.data()[head * 6 + i] / Math.sqrt(squares / 6 + 1e-5) * gain.data()[i];
                assertEquals(expected, y.data()[head * 6 + i], 1e-5);
            }
        }
    }

    private AttentionPlan attention(int queryRows, int keyRows, int valueRows, int outputColumns) {
        return AttentionPlan.of(
                new Heads(4, 2, 6),
                projection("q", queryRows, 5),
                projection("k", keyRows, 5),
                projection("v", valueRows, 5),
                projection("o", 5, outputColumns));
    }

    @Test
    void attentionRefusesWhatDoesNotFit() {
        refused("query projection must be [24, 5], but is [23, 5]", () -> attention(23, 12, 12, 24));
        refused("key projection must be [12, 5], but is [24, 5]", () -> attention(24, 24, 12, 24));
        refused("value projection must be [12, 5], but is [6, 5]", () -> attention(24, 12, 6, 24));
        refused("output projection must be [5, 24], but is [5, 12]", () -> attention(24, 12, 12, 12));
        refused("heads must be a multiple of kvHeads", () -> new Heads(4, 3, 6));
        Norm odd = new Norm.Rms(new Weight("gain", Shape.of(7), Weight.Role.GAIN), 1e-5f);
        refused("queryNorm is over 7 elements", () -> attention(24, 12, 12, 24).withNorms(odd, null));
    }

    @Test
    void rowBuffersKeepTheirArray() {
        RowBuffer buffer = new RowBuffer(3);
        HeapTensor four = buffer.rows(4);
        assertEquals(Shape.of(4, 3), four.shape());
        assertSame(four, buffer.rows(4));
        HeapTensor one = buffer.rows(1);
        assertEquals(Shape.of(1, 3), one.shape());
        assertSame(four.data(), one.data());
        assertNotSame(four.data(), buffer.rows(5).data());
        assertEquals(Shape.of(0, 3), buffer.rows(0).shape());
        refused("[-1, 3]", () -> buffer.rows(-1));
        refused("not a possible size", () -> buffer.rows(Integer.MAX_VALUE));
        refused("columns must be positive, but is 0", () -> new RowBuffer(0));
    }
}
