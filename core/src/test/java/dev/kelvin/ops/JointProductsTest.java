// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.ops.ComputeGrid.Point;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Products of the same rows, computed together, have the bits of products computed one by one. */
class JointProductsTest {
    private static final int COLUMNS = 256;

    /** One form after the other, forms that alternate, and rows of weights that are no multiple of anything. */
    private static final List<List<DType>> FORMS = List.of(
            List.of(DType.Q4_0, DType.Q4_0, DType.Q6_K),
            List.of(DType.Q4_K, DType.Q6_K, DType.Q4_K),
            List.of(DType.Q8_0, DType.Q8_0, DType.Q8_0),
            List.of(DType.F32, DType.F16, DType.Q4_0, DType.BF16));

    private static final int[] WEIGHT_ROWS = {130, 1, 67, 24};
    private static final int[] ROWS = {1, 3, 5, 16};

    private static HeapTensor random(int seed, int rows, int columns) {
        Random random = new Random(seed);
        HeapTensor tensor = HeapTensor.zeros(rows, columns);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextGaussian();
        }
        return tensor;
    }

    /** On the heap, mapped or packed, as models have them. */
    private static Tensor weight(int seed, DType type, int rows, Arena arena) {
        HeapTensor values = random(seed, rows, COLUMNS);
        if (type == DType.F32) {
            return values;
        }
        byte[] bytes = new byte[Math.toIntExact(type.byteSize((long) rows * COLUMNS))];
        type.format().encode(values.data(), 0, bytes, 0, rows * COLUMNS);
        MemorySegment segment = arena.allocate(bytes.length, 64);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        MappedTensor mapped = new MappedTensor(type, Shape.of(rows, COLUMNS), segment);
        return ComputeGrid.reference().weights().pack(mapped, arena);
    }

    private static Tensor[] weights(List<DType> types, Arena arena) {
        Tensor[] weights = new Tensor[types.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = weight(i, types.get(i), WEIGHT_ROWS[i], arena);
        }
        return weights;
    }

    private static HeapTensor[] products(int rows, Tensor[] weights) {
        HeapTensor[] products = new HeapTensor[weights.length];
        for (int i = 0; i < weights.length; i++) {
            products[i] = HeapTensor.zeros(rows, weights[i].rows());
        }
        return products;
    }

    @Test
    void theBitsOfProductsOneByOne() {
        try (Arena arena = Arena.ofShared()) {
            for (List<DType> types : FORMS) {
                Tensor[] weights = weights(types, arena);
                for (int rows : ROWS) {
                    HeapTensor x = random(99, rows, COLUMNS);
                    HeapTensor[] expected = products(rows, weights);
                    for (int i = 0; i < weights.length; i++) {
                        ComputeGrid.reference().matmul(x, weights[i], expected[i]);
                    }
                    for (Point point : ComputeGrid.points()) {
                        HeapTensor[] found = products(rows, weights);
                        point.compute().matmul(x, weights, found);
                        for (int i = 0; i < weights.length; i++) {
                            assertArrayEquals(
                                    expected[i].data(), found[i].data(), types + ", " + rows + " rows, " + point);
                        }
                    }
                }
            }
        }
    }

    @Test
    void noProducts() {
        ComputeGrid.reference().matmul(random(1, 2, COLUMNS), new Tensor[0], new HeapTensor[0]);
    }

    @Test
    void whatDoesNotFitIsRefusedBeforeAnyWork() {
        Compute compute = ComputeGrid.reference();
        HeapTensor x = random(1, 2, COLUMNS);
        HeapTensor w = random(2, 3, COLUMNS);
        HeapTensor y = HeapTensor.zeros(2, 3);
        Tensor[] two = {w, w};
        refused(() -> compute.matmul(x, two, new HeapTensor[] {y}));
        refused(() -> compute.matmul(x, two, new HeapTensor[] {y, HeapTensor.zeros(2, 4)}));
        refused(() -> compute.matmul(x, two, new HeapTensor[] {y, y}));
        float[] shared = new float[3 * COLUMNS];
        Tensor[] overlapped = {w, HeapTensor.view(shared, 0, 3, COLUMNS)};
        HeapTensor inside = HeapTensor.view(shared, 5, 2, 3);
        refused(() -> compute.matmul(x, overlapped, new HeapTensor[] {inside, y}));
        assertArrayEquals(new float[6], y.data());
    }

    private static void refused(Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertEquals("matmul: ", message.substring(0, 8));
    }
}
