// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.provider;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.ProductKernels;
import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who does the work, and that it is the work that was asked for. */
class QuickStartKernelsTest {
    private static final int COLUMNS = 256;

    private final List<String> calls = new ArrayList<>();
    private Object[] arguments;

    private Kernels recorder(String name) {
        return (Kernels) recorder(name, Kernels.class);
    }

    private Object recorder(String name, Class<?> type) {
        InvocationHandler handler = (proxy, method, args) -> {
            Class<?> result = method.getReturnType();
            if (result.isInterface()) {
                return recorder(name, result);
            }
            calls.add(name + "." + method.getName());
            arguments = args;
            return sample(result, 7);
        };
        return Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {type}, handler);
    }

    private QuickStartKernels kernels() {
        return new QuickStartKernels(recorder("plain"), recorder("lanes"));
    }

    /** A value that no other parameter of the same method has. */
    private static Object sample(Class<?> type, int place) {
        if (type == int.class) {
            return place;
        } else if (type == HeapTensor.class) {
            return HeapTensor.zeros(1, COLUMNS);
        } else if (type == MappedTensor.class) {
            return mapped(2);
        } else if (type == PackedTensor.class) {
            return packed();
        } else if (type == QuantizedRows.class) {
            return rows(1);
        }
        return null;
    }

    private static MappedTensor mapped(int rows) {
        Shape shape = Shape.of(rows, COLUMNS);
        return new MappedTensor(
                DType.F32, shape, MemorySegment.ofArray(new byte[Math.toIntExact(4 * shape.elements())]));
    }

    private static PackedTensor packed() {
        Shape shape = Shape.of(PackedLayout.STRIP, COLUMNS);
        long bytes = PackedTensor.bytes(DType.Q4_0, shape);
        return new PackedTensor(DType.Q4_0, shape, MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]));
    }

    private static QuantizedRows rows(int count) {
        QuantizedRows rows = new QuantizedRows();
        rows.prepare(count, COLUMNS, PackedLayout.of(DType.Q4_0).orElseThrow());
        return rows;
    }

    @Test
    void everyProductIsPassedOnAsItIs() throws ReflectiveOperationException {
        ProductKernels products = kernels().products();
        for (Method method : ProductKernels.class.getMethods()) {
            Class<?>[] types = method.getParameterTypes();
            Object[] args = new Object[types.length];
            for (int i = 0; i < types.length; i++) {
                args[i] = sample(types[i], i + 1);
            }
            method.invoke(products, args);
            assertArrayEquals(args, arguments, method.toString());
            assertEquals("plain." + method.getName(), calls.getLast());
        }
    }

    @Test
    void familiesBesideProductsBeginPlainAndTrainingIsOfLanes() throws ReflectiveOperationException {
        QuickStartKernels kernels = kernels();
        assertEquals(7, kernels.vectorBits());
        assertEquals("lanes.vectorBits", calls.getLast());
        for (Method family : Kernels.class.getMethods()) {
            if (family.getReturnType().isInterface() && family.getReturnType() != ProductKernels.class) {
                Object[] noArguments = {};
                Object of = family.invoke(kernels, noArguments);
                boolean ofLanes = family.getName().equals("training");
                assertEquals((ofLanes ? "lanes." : "plain.") + "hashCode", hashOf(of), family.getName());
            }
        }
    }

    /** Whom a family belongs to: its proxy passes even this call to the recorder. */
    private String hashOf(Object family) {
        assertEquals(7, family.hashCode());
        return calls.getLast();
    }

    private String kernelsOfExp(QuickStartKernels kernels) {
        kernels.elements().exp(null, 0, null, 0, 0);
        return calls.getLast();
    }

    @Test
    void productsMoveToLanesOnceEnoughIsDone() {
        QuickStartKernels kernels = kernels();
        MappedTensor w = mapped(1800);
        HeapTensor x = HeapTensor.zeros(50, COLUMNS);
        HeapTensor y = HeapTensor.zeros(50, 1800);
        long each = 58L * COLUMNS * 1800;
        assertTrue(each < QuickStartKernels.LARGE);
        long products = QuickStartKernels.ENOUGH / each + 1;
        for (long i = 0; i < products; i++) {
            kernels.products().gemm(x, w, y, 0, 1800);
            assertEquals("plain.gemm", calls.getLast(), "product " + i);
        }
        kernels.products().gemm(x, w, y, 0, 1800);
        assertEquals("lanes.gemm", calls.getLast());
        assertEquals("plain.exp", kernelsOfExp(kernels));
    }

    @Test
    void whatIsNoProductMovesToLanesAfterAsManyOutputs() {
        QuickStartKernels kernels = kernels();
        MappedTensor w = mapped(4000);
        HeapTensor x = HeapTensor.zeros(QuickStartKernels.MANY_ROWS, COLUMNS);
        HeapTensor y = HeapTensor.zeros(QuickStartKernels.MANY_ROWS, 4000);
        long products = QuickStartKernels.ENOUGH_OUTPUTS / (QuickStartKernels.MANY_ROWS * 4000L) + 1;
        for (long i = 0; i < products; i++) {
            kernels.products().gemm(x, w, y, 0, 4000);
            assertEquals("lanes.gemm", calls.getLast());
            assertEquals("plain.exp", kernelsOfExp(kernels), "product " + i);
        }
        kernels.products().gemm(x, w, y, 0, 4000);
        assertEquals("lanes.exp", kernelsOfExp(kernels));
    }

    @Test
    void ofALongPromptAllIsDoneOnLanes() {
        int rows = QuickStartKernels.MANY_ROWS + 1;
        QuickStartKernels kernels = kernels();
        kernels.products().gemm(HeapTensor.zeros(rows, COLUMNS), mapped(4000), HeapTensor.zeros(rows, 4000), 0, 10);
        assertEquals("lanes.gemm", calls.getLast());
        assertEquals("lanes.exp", kernelsOfExp(kernels));
        QuickStartKernels later = kernels();
        later.products().gemm(HeapTensor.zeros(1, COLUMNS), mapped(2), HeapTensor.zeros(1, 2), 0, 2);
        later.products().gemm(HeapTensor.zeros(rows, COLUMNS), mapped(4000), HeapTensor.zeros(rows, 4000), 0, 10);
        assertEquals("plain.exp", kernelsOfExp(later), "only the first product is looked at");
    }

    @Test
    void lanesBeginWhereTheFirstProductIsLarge() {
        int rows = Math.toIntExact(QuickStartKernels.LARGE / COLUMNS / 9);
        HeapTensor x = HeapTensor.zeros(1, COLUMNS);
        QuickStartKernels below = kernels();
        below.products().gemm(x, mapped(rows), HeapTensor.zeros(1, rows), 5, 6);
        assertEquals("plain.gemm", calls.getLast());
        below.products().gemm(x, mapped(rows + 1), HeapTensor.zeros(1, rows + 1), 5, 6);
        assertEquals("plain.gemm", calls.getLast(), "only the first one is looked at");
        QuickStartKernels above = kernels();
        above.products().gemm(x, mapped(rows + 1), HeapTensor.zeros(1, rows + 1), 5, 6);
        assertEquals("lanes.gemm", calls.getLast(), "whatever the range");
        int many = Math.toIntExact(QuickStartKernels.LARGE / COLUMNS / PackedLayout.STRIP);
        QuickStartKernels withPacked = kernels();
        withPacked
                .products()
                .gemm(rows(many), packed(), HeapTensor.zeros(many, PackedLayout.STRIP), 0, PackedLayout.STRIP);
        assertEquals("lanes.gemm", calls.getLast());
    }
}
