// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.kernel.RopeTable;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.F32KvPage;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvSlice;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Linear, Embedding, RmsNorm, SwiGluFeedForward, GroupedQueryAttention and RowBuffer, each by itself. */
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
        return new Linear(compute, uniform(rows, columns));
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
        Linear linear = new Linear(compute, weight);
        assertEquals(19, linear.inputDim());
        assertEquals(7, linear.outputDim());
        linear.forward(x, fromHeap);
        new Linear(compute, mapped(weight)).forward(x, fromFile);
        assertArrayEquals(fromHeap.data(), fromFile.data());
        double expected = 0;
        for (int k = 0; k < 19; k++) {
            expected += (double) x.data()[2 * 19 + k] * weight.data()[5 * 19 + k];
        }
        assertEquals(expected, fromHeap.data()[2 * 7 + 5], 1e-6);
    }

    @Test
    void linearRefusesWhatItCannotCompute() {
        assertTrue(Linear.supports(DType.F32));
        assertTrue(Linear.supports(DType.Q4_K));
        assertTrue(!Linear.supports(DType.IQ3_S));
        refused("weight must be [N, K], but is [4]", () -> new Linear(compute, HeapTensor.zeros(4)));
        refused("[4, 8] is of type I16; only these can be computed: F32", () -> new Linear(compute, unreadable(4, 8)));
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

    @Test
    void feedForwardGatesAndProjects() {
        HeapTensor gate = uniform(7, 5);
        HeapTensor up = uniform(7, 5);
        HeapTensor down = uniform(5, 7);
        HeapTensor x = uniform(2, 5);
        HeapTensor y = HeapTensor.zeros(2, 5);
        SwiGluFeedForward layer = new SwiGluFeedForward(
                compute, new Linear(compute, gate), new Linear(compute, up), new Linear(compute, down));
        layer.forward(x, y, new SwiGluFeedForward.Scratch(7));
        for (int t = 0; t < 2; t++) {
            double[] hidden = new double[7];
            for (int f = 0; f < 7; f++) {
                double g = 0;
                double u = 0;
                for (int d = 0; d < 5; d++) {
                    g += (double) x.data()[t * 5 + d] * gate.data()[f * 5 + d];
                    u += (double) x.data()[t * 5 + d] * up.data()[f * 5 + d];
                }
                hidden[f] = g / (1 + Math.exp(-g)) * u;
            }
            for (int d = 0; d < 5; d++) {
                double expected = 0;
                for (int f = 0; f < 7; f++) {
                    expected += hidden[f] * down.data()[d * 7 + f];
                }
                assertEquals(expected, y.data()[t * 5 + d], 1e-5);
            }
        }
        refused(
                "but are [7, 5], [7, 5] and [7, 5]",
                () -> new SwiGluFeedForward(compute, linear(7, 5), linear(7, 5), linear(7, 5)));
        refused("[6, 5]", () -> new SwiGluFeedForward(compute, linear(7, 5), linear(6, 5), linear(5, 7)));
    }

    private GroupedQueryAttention attention(int queryRows, int keyRows, int valueRows, int outputColumns, int kvHeads) {
        return new GroupedQueryAttention(
                compute,
                linear(queryRows, 5),
                linear(keyRows, 5),
                linear(valueRows, 5),
                linear(5, outputColumns),
                new Rope(compute, RopeTable.Pairing.ADJACENT, 6, RopeTable.frequencies(6, 1e4), 1),
                4,
                kvHeads,
                6);
    }

    @Test
    void attentionRefusesWhatDoesNotFit() {
        refused("query weight must be [24, 5], but is [23, 5]", () -> attention(23, 12, 12, 24, 2));
        refused("key weight must be [12, 5], but is [24, 5]", () -> attention(24, 24, 12, 24, 2));
        refused("value weight must be [12, 5], but is [6, 5]", () -> attention(24, 12, 6, 24, 2));
        refused("output weight must be [5, 24], but is [5, 12]", () -> attention(24, 12, 12, 12, 2));
        refused("heads must be a multiple of kvHeads", () -> attention(24, 18, 18, 24, 3));
        GroupedQueryAttention layer = attention(24, 12, 12, 24, 2);
        GroupedQueryAttention.Scratch scratch = new GroupedQueryAttention.Scratch(4, 2, 6);
        HeapTensor x = HeapTensor.zeros(2, 5);
        HeapTensor y = HeapTensor.zeros(2, 5);
        refused("the cache has kvHeads = 1", () -> layer.forward(x, new KvCache(1, 1, 4, 6), 0, y, scratch));
        refused("do not fit", () -> layer.forward(x, new KvCache(1, 2, 1, 6), 0, y, scratch));
    }

    @Test
    void attentionStoresWithoutAdvancing() {
        GroupedQueryAttention layer = attention(24, 12, 12, 24, 2);
        GroupedQueryAttention.Scratch scratch = new GroupedQueryAttention.Scratch(4, 2, 6);
        KvCache cache = new KvCache(2, 2, 4, 6);
        HeapTensor x = uniform(3, 5);
        HeapTensor y = HeapTensor.zeros(3, 5);
        layer.forward(x, cache, 1, y, scratch);
        assertEquals(0, cache.position());
        float[] page = ((F32KvPage) cache.rows(0, 1).pages()[0][0]).elements();
        KvSlice slice = cache.rows(1, 1).slice();
        assertTrue(page[slice.keysOffset()] != 0 && page[slice.valuesOffset()] != 0);
        assertEquals(0, page[0]);
        // The first position sees only itself, so its result is that of a sequence of one.
        HeapTensor alone = HeapTensor.zeros(1, 5);
        layer.forward(x.rowRange(0, 1), cache, 1, alone, scratch);
        assertArrayEquals(java.util.Arrays.copyOf(y.data(), 5), alone.data());
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
