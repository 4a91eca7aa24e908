// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.kernel.AttentionBatch;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AttentionCall;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The same bits whatever computes: every operation at every lane width and number of threads against scalar on one
 * thread, with outputs at odd offsets between canaries that must survive.
 */
class ComputeBitsTest {
    private static final float CANARY = 123.456f;
    private static final int MARGIN = 19;

    private static HeapTensor random(long seed, int... dims) {
        HeapTensor tensor = HeapTensor.zeros(dims);
        Random random = new Random(seed);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextGaussian();
        }
        return tensor;
    }

    /** A place for results: zeros between canaries, at an odd offset. */
    private static HeapTensor guarded(int... dims) {
        int elements = Math.toIntExact(Shape.of(dims).elements());
        float[] data = new float[elements + 2 * MARGIN];
        for (int i = 0; i < MARGIN; i++) {
            data[i] = CANARY;
            data[data.length - 1 - i] = CANARY;
        }
        return HeapTensor.view(data, MARGIN, dims);
    }

    private static HeapTensor guardedCopy(HeapTensor source, int... dims) {
        HeapTensor copy = guarded(dims);
        System.arraycopy(source.data(), source.offset(), copy.data(), copy.offset(), copy.data().length - 2 * MARGIN);
        return copy;
    }

    /** What an operation is given to write to, and the shape. */
    @FunctionalInterface
    private interface Writing {
        void run(Compute compute, HeapTensor out);
    }

    private static void sameEverywhere(String what, HeapTensor initial, Writing operation, int... dims) {
        HeapTensor expected = guardedCopy(initial, dims);
        operation.run(ComputeGrid.reference(), expected);
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            HeapTensor actual = guardedCopy(initial, dims);
            operation.run(point.compute(), actual);
            for (int i = 0; i < expected.data().length; i++) {
                int index = i - MARGIN;
                assertEquals(
                        Float.floatToRawIntBits(expected.data()[i]),
                        Float.floatToRawIntBits(actual.data()[i]),
                        () -> what + " at " + point + ", element " + index);
            }
        }
    }

    @Test
    void matmul() {
        for (int m : new int[] {1, 2, 5, 8}) {
            for (int n : new int[] {1, 3, 4, 31, 67}) {
                for (int k : new int[] {0, 1, 15, 16, 17, 64, 173}) {
                    HeapTensor x = random(m, m, k);
                    HeapTensor w = random(n, n, k);
                    String what = "matmul " + m + " x " + k + " x " + n;
                    sameEverywhere(what, HeapTensor.zeros(m, n), (compute, y) -> compute.matmul(x, w, y), m, n);
                    try (Arena arena = Arena.ofShared()) {
                        MappedTensor mapped = mapped(arena, w);
                        sameEverywhere(
                                what + ", mapped",
                                HeapTensor.zeros(m, n),
                                (compute, y) -> compute.matmul(x, mapped, y),
                                m,
                                n);
                        HeapTensor heap = HeapTensor.zeros(m, n);
                        HeapTensor same = HeapTensor.zeros(m, n);
                        ComputeGrid.reference().matmul(x, w, heap);
                        ComputeGrid.reference().matmul(x, mapped, same);
                        for (int i = 0; i < m * n; i++) {
                            assertEquals(
                                    Float.floatToRawIntBits(heap.data()[i]),
                                    Float.floatToRawIntBits(same.data()[i]),
                                    what);
                        }
                    }
                }
            }
        }
    }

    private static MappedTensor mapped(Arena arena, HeapTensor w) {
        ValueLayout.OfFloat littleEndian = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        MemorySegment segment = arena.allocate(4 * w.shape().elements(), 64);
        for (int i = 0; i < w.data().length; i++) {
            segment.set(littleEndian, 4L * i, w.data()[i]);
        }
        return new MappedTensor(DType.F32, w.shape(), segment);
    }

    @Test
    void softmaxOfRowsAndOfChunks() {
        int[][] shapes = {{1, 1}, {3, 5}, {30, 100}, {1, 4096}, {1, 4097}, {2, 8192}, {5, 9001}, {1, 40_961}};
        for (int[] shape : shapes) {
            HeapTensor logits = random(shape[1], shape);
            for (float temperature : new float[] {0, 1e-38f, 0.7f, 1e32f, Float.POSITIVE_INFINITY}) {
                String what = "softmax [" + shape[0] + ", " + shape[1] + "] at " + temperature;
                sameEverywhere(what, logits, (compute, p) -> compute.softmax(logits, temperature, p), shape);
                sameEverywhere(what + ", in place", logits, (compute, p) -> compute.softmax(p, temperature, p), shape);
                sameEverywhere("log" + what, logits, (compute, p) -> compute.logSoftmax(logits, temperature, p), shape);
                sameEverywhere(
                        "log" + what + ", in place",
                        logits,
                        (compute, p) -> compute.logSoftmax(p, temperature, p),
                        shape);
            }
        }
    }

    @Test
    void inPlaceEqualsOutOfPlaceAndARowAloneEqualsItInABatch() {
        for (int columns : new int[] {1, 100, 4097, 12_289}) {
            HeapTensor logits = random(columns, 5, columns);
            HeapTensor probs = HeapTensor.zeros(5, columns);
            Compute compute = ComputeGrid.reference();
            compute.softmax(logits, 1.3f, probs);
            for (int row = 0; row < 5; row++) {
                HeapTensor alone = guarded(1, columns);
                System.arraycopy(logits.data(), row * columns, alone.data(), alone.offset(), columns);
                compute.softmax(alone, 1.3f, alone);
                for (int i = 0; i < columns; i++) {
                    assertEquals(
                            Float.floatToRawIntBits(probs.data()[row * columns + i]),
                            Float.floatToRawIntBits(alone.data()[alone.offset() + i]));
                }
            }
        }
    }

    @Test
    void rmsNorm() {
        for (int[] shape : new int[][] {{1, 1}, {7, 63}, {13, 64}, {5, 65}, {3, 257}}) {
            HeapTensor x = random(shape[1], shape);
            HeapTensor weight = random(1, shape[1]);
            sameEverywhere("rmsNorm", x, (compute, y) -> compute.rows().rmsNorm(x, weight, 1e-5f, y), shape);
            sameEverywhere("rmsNorm in place", x, (compute, y) -> compute.rows().rmsNorm(y, weight, 1e-3f, y), shape);
        }
    }

    @Test
    void elementwise() {
        for (int length : new int[] {0, 1, 15, 64, 1023, 1025, 5000}) {
            HeapTensor a = random(1, length);
            HeapTensor b = random(2, length);
            sameEverywhere("add", a, (compute, y) -> compute.elements().add(a, b, y), length);
            sameEverywhere("add in place", a, (compute, y) -> compute.elements().add(b, y, y), length);
            sameEverywhere("mul", a, (compute, y) -> compute.elements().mul(a, b, y), length);
            sameEverywhere("exp", a, (compute, y) -> compute.elements().exp(y, y), length);
            sameEverywhere("silu", a, (compute, y) -> compute.elements().activate(Activation.SILU, a, y), length);
            sameEverywhere("swiGlu", a, (compute, y) -> compute.elements().gated(Activation.SILU, y, b, y), length);
        }
    }

    @Test
    void rope() {
        for (int headDim : new int[] {2, 8, 64}) {
            double[] frequencies = RopeTable.frequencies(headDim == 8 ? 4 : headDim, 10_000);
            int[] positions = {29, 0, 39, 30, 30, 31, 7, 8, 9, 1, 2};
            HeapTensor x = random(headDim, 11, 3 * headDim);
            for (RopeTable.Pairing pairing : RopeTable.Pairing.values()) {
                RopeTable table = RopeTable.of(pairing, headDim, 40, frequencies, 1.25);
                sameEverywhere(
                        "rope", x, (compute, y) -> compute.attention().rope(y, table, positions), 11, 3 * headDim);
            }
        }
    }

    @Test
    void attention() {
        for (int headDim : new int[] {3, 16, 64}) {
            for (int[] rows : new int[][] {{30, 1}, {30, 5}, {30, 10}, {100, 1, 3, 1, 70, 1}, {0, 6, 100, 1}}) {
                AttentionBatch batch = new AttentionBatch(headDim, DType.F32, 6, 2, headDim, headDim, rows);
                for (AttentionMask mask : new AttentionMask[] {AttentionMask.causal(), AttentionMask.window(9)}) {
                    sameEverywhere(
                            "attention of " + Arrays.toString(rows) + ", headDim " + headDim + ", " + mask,
                            batch.q(),
                            (compute, out) -> compute.attention()
                                    .attend(new AttentionCall(
                                            batch.q(), batch.rows(), out, 6, 0.25f, mask, AttentionScores.PLAIN)),
                            batch.spans().rows(),
                            6 * headDim);
                }
            }
        }
    }

    @Test
    void theUsualThresholdsShareLargeWorkWithTheSameBits() {
        HeapTensor x = random(1, 16, 512);
        HeapTensor w = random(2, 1030, 512);
        HeapTensor expected = HeapTensor.zeros(16, 1030);
        HeapTensor expectedProbs = HeapTensor.zeros(16, 1030);
        try (Compute serial = Compute.serial();
                Compute three = Compute.start(3)) {
            assertEquals(1, serial.threads());
            assertEquals(3, three.threads());
            serial.matmul(x, w, expected);
            serial.softmax(expected, 0.9f, expectedProbs);
            HeapTensor actual = HeapTensor.zeros(16, 1030);
            for (int round = 0; round < 20; round++) {
                three.matmul(x, w, actual);
                three.softmax(actual, 0.9f, actual);
                for (int i = 0; i < actual.data().length; i++) {
                    assertEquals(
                            Float.floatToRawIntBits(expectedProbs.data()[i]),
                            Float.floatToRawIntBits(actual.data()[i]));
                }
            }
        }
    }
}
