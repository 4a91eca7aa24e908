// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.kernel.provider.KernelProvider;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.parallel.Workers;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Shape;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Refusals: each names the operation, the parameters and both shapes, and comes before anything is written. */
class ComputeShapesTest {
    private static final Compute COMPUTE = Compute.serial();

    @AfterAll
    static void close() {
        COMPUTE.close();
    }

    private static HeapTensor zeros(int... dims) {
        return HeapTensor.zeros(dims);
    }

    private static void refuses(String message, Executable operation) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, operation).getMessage());
    }

    @Test
    void matmul() {
        refuses(
                "matmul: x [2, 3] and w [4, 5] must have as many columns",
                () -> COMPUTE.matmul(zeros(2, 3), zeros(4, 5), zeros(2, 4)));
        refuses(
                "matmul: x [2, 3] and y [1, 4] must have as many rows",
                () -> COMPUTE.matmul(zeros(2, 3), zeros(4, 3), zeros(1, 4)));
        refuses(
                "matmul: w [4, 3] and y [2, 5] must have as many columns in y as rows in w",
                () -> COMPUTE.matmul(zeros(2, 3), zeros(4, 3), zeros(2, 5)));
        float[] shared = new float[100];
        refuses(
                "matmul: y [2, 4] at offset 5 must not overlap x [2, 3] at offset 0 of the same array",
                () -> COMPUTE.matmul(HeapTensor.view(shared, 0, 2, 3), zeros(4, 3), HeapTensor.view(shared, 5, 2, 4)));
        refuses(
                "matmul: y [2, 4] at offset 0 must not overlap w [4, 3] at offset 7 of the same array",
                () -> COMPUTE.matmul(zeros(2, 3), HeapTensor.view(shared, 7, 4, 3), HeapTensor.view(shared, 0, 2, 4)));
        COMPUTE.matmul(
                HeapTensor.view(shared, 0, 2, 3), HeapTensor.view(shared, 6, 4, 3), HeapTensor.view(shared, 18, 2, 4));
    }

    @Test
    void matmulByATypeThatCannotBeDecoded() {
        try (Arena arena = Arena.ofConfined()) {
            Shape shape = Shape.of(4, 256);
            MappedTensor w = new MappedTensor(DType.Q8_1, shape, arena.allocate(DType.Q8_1.byteSize(shape.elements())));
            refuses(
                    "matmul: w [4, 256] is of type Q8_1, but only weights that can be decoded can be multiplied: "
                            + DType.decodable(),
                    () -> COMPUTE.matmul(zeros(1, 256), w, zeros(1, 4)));
        }
    }

    /** Tensors without elements have any extent at no cost. */
    @Test
    void moreRowsOrColumnsThanLoopsCount() {
        MappedTensor wide = new MappedTensor(DType.F32, Shape.of(0, Integer.MAX_VALUE), MemorySegment.NULL);
        MappedTensor high = new MappedTensor(DType.F32, Shape.of(Integer.MAX_VALUE, 0), MemorySegment.NULL);
        String rest = " has more rows or columns than 2147418112";
        refuses("encode: from [0, 2147483647]" + rest, () -> COMPUTE.weights()
                .encode(wide, 0, 0, DType.F32, new byte[0]));
        refuses("encode: from [2147483647, 0]" + rest, () -> COMPUTE.weights()
                .encode(high, 0, 0, DType.F32, new byte[0]));
        refuses("pack: w [2147483647, 0]" + rest, () -> COMPUTE.weights().pack(high, Arena.ofAuto()));
        refuses("pickProjected: weight [2147483647, 0]" + rest, () -> COMPUTE.logits()
                .pickProjected(zeros(1, 0), high, new float[1], new double[1], TokenPicks.of(1)));
    }

    @Test
    void memoryOfAConfinedArena() {
        try (Arena confined = Arena.ofConfined();
                Compute two = Compute.startPlain(2);
                Compute one = Compute.startPlain(1)) {
            Shape shape = Shape.of(256, 256);
            MappedTensor w = new MappedTensor(DType.Q4_0, shape, confined.allocate(DType.Q4_0.byteSize(256 * 256)));
            PackedTensor packed = (PackedTensor) one.weights().pack(w, confined);
            String rest =
                    " lies in a confined arena, of which one thread alone may read; allocate or map it in a shared"
                            + " or automatic one";
            // Also where the work is too little to be shared.
            refuses("matmul: w [256, 256]" + rest, () -> two.matmul(zeros(1, 256), w, zeros(1, 256)));
            refuses("matmul: w [256, 256]" + rest, () -> two.matmul(zeros(1, 256), packed, zeros(1, 256)));
            for (Tensor weight : new Tensor[] {w, packed}) {
                refuses("pickProjected: weight [256, 256]" + rest, () -> two.logits()
                        .pickProjected(zeros(1, 256), weight, new float[1], new double[1], TokenPicks.of(1)));
            }
            refuses("encode: from [256, 256]" + rest, () -> two.weights().encode(w, 0, 1, DType.F32, new byte[1024]));
            refuses("pack: w [256, 256]" + rest, () -> two.weights().pack(w, Arena.ofAuto()));
            MappedTensor shared =
                    new MappedTensor(DType.Q4_0, shape, Arena.ofAuto().allocate(DType.Q4_0.byteSize(256 * 256)));
            refuses("pack: memory of [256, 256]" + rest, () -> two.weights().pack(shared, confined));
            two.matmul(zeros(1, 256), shared, zeros(1, 256));
            one.matmul(zeros(1, 256), w, zeros(1, 256));
            CompletableFuture.runAsync(() ->
                            refuses("matmul: w [256, 256]" + rest, () -> one.matmul(zeros(1, 256), w, zeros(1, 256))))
                    .join();
        }
    }

    @Test
    void elementwise() {
        refuses(
                "add: b [3, 2] must have the shape of y [2, 3], or be one row of it, one column or one element",
                () -> COMPUTE.elements().add(zeros(2, 3), zeros(3, 2), zeros(2, 3)));
        refuses(
                "add: a [2, 3] must have the shape of y [6], or be one row of it, one column or one element",
                () -> COMPUTE.elements().add(zeros(2, 3), zeros(2, 3), zeros(6)));
        refuses(
                "mul: b [2] must have the shape of y [1], or be one row of it, one column or one element",
                () -> COMPUTE.elements().mul(zeros(1), zeros(2), zeros(1)));
        refuses("exp: x [2] and y [3] must have the same shape", () -> COMPUTE.elements()
                .exp(zeros(2), zeros(3)));
        refuses("activate: x [2] and y [3] must have the same shape", () -> COMPUTE.elements()
                .activate(Activation.SILU, zeros(2), zeros(3)));
        refuses("gated: gate [2] and up [3] must have the same shape", () -> COMPUTE.elements()
                .gated(Activation.SILU, zeros(2), zeros(3), zeros(2)));
        float[] shared = new float[10];
        refuses("add: y [4] at offset 3 must not overlap b [4] at offset 0 of the same array", () -> COMPUTE.elements()
                .add(zeros(4), HeapTensor.view(shared, 0, 4), HeapTensor.view(shared, 3, 4)));
    }

    @Test
    void elementwiseInPlaceIsAllowed() {
        HeapTensor a = HeapTensor.of(new float[] {1, 2, 3}, 3);
        COMPUTE.elements().add(a, a, a);
        COMPUTE.elements().mul(a, HeapTensor.of(new float[] {1, 10, 100}, 3), a);
        assertEquals("[2.0, 40.0, 600.0]", Arrays.toString(a.data()));
    }

    @Test
    void rmsNorm() {
        refuses("rmsNorm: x [2, 3] and y [2, 4] must have the same shape", () -> COMPUTE.rows()
                .rmsNorm(zeros(2, 3), zeros(3), 0, zeros(2, 4)));
        refuses("rmsNorm: x [2, 3] and weight [4] must have as many columns", () -> COMPUTE.rows()
                .rmsNorm(zeros(2, 3), zeros(4), 1e-5f, zeros(2, 3)));
        refuses("rmsNorm: weight must be one row, [V] or [1, V], but is [2, 3]", () -> COMPUTE.rows()
                .rmsNorm(zeros(2, 3), zeros(2, 3), 1e-5f, zeros(2, 3)));
        for (float epsilon : new float[] {-1e-9f, Float.NaN, Float.POSITIVE_INFINITY}) {
            refuses("rmsNorm: epsilon must be finite and at least 0, got " + epsilon, () -> COMPUTE.rows()
                    .rmsNorm(zeros(2, 3), zeros(3), epsilon, zeros(2, 3)));
        }
    }

    @Test
    void rope() {
        RopeTable table = RopeTable.of(RopeTable.Pairing.ADJACENT, 4, 10, RopeTable.frequencies(4, 10_000), 1);
        refuses("rope: x [2, 6] must have a multiple of the table's headDim 4 columns", () -> COMPUTE.attention()
                .rope(zeros(2, 6), table, new int[2]));
        refuses("rope: 1 positions for the rows of x [2, 8]", () -> COMPUTE.attention()
                .rope(zeros(2, 8), table, new int[1]));
        refuses("rope: position 10 of row 1 of x [2, 8] must lie in the table's [0, 10)", () -> COMPUTE.attention()
                .rope(zeros(2, 8), table, new int[] {9, 10}));
        refuses("rope: position -1 of row 0 of x [2, 8] must lie in the table's [0, 10)", () -> COMPUTE.attention()
                .rope(zeros(2, 8), table, new int[] {-1, 0}));
        COMPUTE.attention().rope(zeros(2, 8), table, new int[] {9, 8, 77});
    }

    @Test
    void softmax() {
        refuses(
                "softmax: logits [2, 3] and probs [3, 2] must have the same shape",
                () -> COMPUTE.softmax(zeros(2, 3), 1, zeros(3, 2)));
        refuses(
                "softmax: logits [2, 0] has no candidate in its rows",
                () -> COMPUTE.softmax(zeros(2, 0), 1, zeros(2, 0)));
        COMPUTE.softmax(zeros(0, 3), 1, zeros(0, 3));
        float[] shared = new float[10];
        refuses(
                "logSoftmax: logProbs [4] at offset 1 must not overlap logits [4] at offset 0 of the same array",
                () -> COMPUTE.logSoftmax(HeapTensor.view(shared, 0, 4), 1, HeapTensor.view(shared, 1, 4)));
        for (float temperature : new float[] {Float.NaN, -1, -Float.MIN_VALUE, Float.NEGATIVE_INFINITY}) {
            refuses(
                    "softmax: temperature must be in [0, +inf], got " + temperature,
                    () -> COMPUTE.softmax(zeros(4), temperature, zeros(4)));
        }
    }

    @Test
    void maximum() {
        refuses("max: row must be one row, [V] or [1, V], but is [2, 3]", () -> COMPUTE.logits()
                .max(zeros(2, 3)));
        refuses("argmax: row must be one row, [V] or [1, V], but is [2, 3]", () -> COMPUTE.logits()
                .argmax(zeros(2, 3)));
        refuses("argmax: row has no candidate: it is empty", () -> COMPUTE.logits()
                .argmax(zeros(0)));
    }

    @Test
    void kernelsThatFailLeaveNoThreads() {
        Workers workers = Workers.start(2);
        assertThrows(
                UnsupportedOperationException.class,
                () -> new Compute(workers, () -> {
                    throw new UnsupportedOperationException();
                }));
        assertThrows(IllegalStateException.class, () -> workers.run(1, 1, (worker, begin, end) -> {}));
    }

    @Test
    void afterClose() {
        Compute closed = Compute.start(2);
        closed.close();
        closed.close();
        assertThrows(IllegalStateException.class, () -> closed.softmax(zeros(3), 1, zeros(3)));
        assertThrows(IllegalStateException.class, () -> closed.matmul(zeros(1, 2), zeros(3, 2), zeros(1, 3)));
        assertThrows(IllegalStateException.class, () -> closed.logits().max(zeros(3)));
        MappedTensor f32 =
                new MappedTensor(DType.F32, Shape.of(1, 1), Arena.ofAuto().allocate(4));
        assertThrows(IllegalStateException.class, () -> closed.weights().pack(f32, Arena.ofAuto()));
        assertThrows(IllegalStateException.class, () -> closed.logits()
                .collectAtLeast(zeros(3), 0, 3, 0, new int[3], new float[3], 0));
        assertThrows(IllegalArgumentException.class, () -> Compute.start(0));
        assertThrows(IllegalArgumentException.class, () -> Compute.startPlain(0));
        assertThrows(IllegalArgumentException.class, () -> Compute.startQuick(0));
    }

    @Test
    void plainLoopsAreThereWithoutLanes() {
        try (Compute plain = Compute.startPlain(2);
                Compute quick = Compute.startQuick(2);
                Compute chosen = Compute.start(1)) {
            assertEquals(0, plain.vectorBits());
            assertEquals(chosen.vectorBits(), quick.vectorBits());
            assertEquals(2, plain.threads());
            assertEquals(KernelProvider.create().vectorBits(), chosen.vectorBits());
        }
    }
}
