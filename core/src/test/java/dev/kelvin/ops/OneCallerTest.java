// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.scalar.ScalarKernels;
import dev.kelvin.parallel.Workers;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** A {@link Compute} serves one caller at a time: a second one is refused before anything of its call is stored. */
class OneCallerTest {
    private static final String RUNNING = "Compute: another call is running; calls do not nest, nor have two callers";

    /** Kernels that do something before each method. */
    private static Kernels kernels(Runnable before) {
        return (Kernels) before(before, Kernels.class, new ScalarKernels());
    }

    private static Object before(Runnable before, Class<?> type, Object real) {
        return Proxy.newProxyInstance(
                OneCallerTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getParameterCount() > 0) {
                        before.run();
                    }
                    Class<?> result = method.getReturnType();
                    Object returned = method.invoke(real, arguments);
                    return result.isInterface() ? before(before, result, returned) : returned;
                });
    }

    private static final List<Class<?>> GROUPS = List.of(
            Compute.class,
            Products.class,
            Search.class,
            Elements.class,
            Rows.class,
            Logits.class,
            Losses.class,
            Attention.class,
            Experts.class,
            Recurrences.class,
            Training.class,
            Weights.class);

    /** The object that has the operations of a group. */
    private static Object group(Class<?> type, Compute compute) {
        if (type == Compute.class) {
            return compute;
        }
        for (Method method : Compute.class.getDeclaredMethods()) {
            if (method.getReturnType() == type) {
                try {
                    return method.invoke(compute);
                } catch (ReflectiveOperationException e) {
                    throw new LinkageError(method.toString(), e);
                }
            }
        }
        throw new AssertionError("Compute has no " + type);
    }

    /** All operations there are: public methods that take something. */
    static List<Method> operations() {
        List<Method> operations = new ArrayList<>();
        for (Class<?> type : GROUPS) {
            for (Method method : type.getDeclaredMethods()) {
                int modifiers = method.getModifiers();
                if (Modifier.isPublic(modifiers) && !Modifier.isStatic(modifiers) && method.getParameterCount() > 0) {
                    operations.add(method);
                }
            }
        }
        return operations;
    }

    /** Calls an operation with nulls and zeros: it is to be refused before it looks at them. */
    private static void assertRefused(Method operation, Compute compute, String message) {
        Object[] nothing = Arrays.stream(operation.getParameterTypes())
                .map(type -> type == boolean.class
                        ? false
                        : type == int.class
                                ? 0
                                : type == long.class
                                        ? 0L
                                        : type == float.class ? 0f : (Object) (type == double.class ? 0d : null))
                .toArray();
        Object target = group(operation.getDeclaringClass(), compute);
        Throwable thrown = assertThrows(InvocationTargetException.class, () -> operation.invoke(target, nothing))
                .getCause();
        assertEquals(IllegalStateException.class, thrown.getClass(), operation.getName() + ": " + thrown);
        assertEquals(message, thrown.getMessage(), operation.getName());
    }

    @Test
    void noOperationNestsInAnother() {
        AtomicReference<Compute> compute = new AtomicReference<>();
        AtomicInteger refused = new AtomicInteger();
        Runnable nested = () -> {
            for (Method operation : operations()) {
                assertRefused(operation, compute.get(), RUNNING);
                refused.incrementAndGet();
            }
            assertThrows(IllegalStateException.class, compute.get()::close);
        };
        compute.set(new Compute(Workers.start(1), () -> kernels(nested)));
        try (Compute outer = compute.get()) {
            assertEquals(3, outer.logits().max(HeapTensor.of(new float[] {1, 3, 2}, 3)));
        }
        assertEquals(operations().size(), refused.get());
    }

    @Test
    void noOperationRunsAfterClose() {
        Compute compute = Compute.startPlain(2);
        compute.close();
        for (Method operation : operations()) {
            assertRefused(operation, compute, "Compute: it is closed");
        }
    }

    /** Two operations of several regions each, of which a third thread tries to get in between. */
    @Test
    void racingCallersGetTheirOwnResultsOrARefusal() throws InterruptedException {
        try (Compute compute = new Compute(Workers.start(2), ScalarKernels::new, 0)) {
            AtomicReference<Throwable> failure = new AtomicReference<>();
            List<Thread> callers = new ArrayList<>();
            for (int caller = 0; caller < 3; caller++) {
                int value = caller + 1;
                callers.add(Thread.ofPlatform().start(() -> {
                    try {
                        race(compute, value);
                    } catch (Throwable thrown) {
                        failure.compareAndSet(null, thrown);
                    }
                }));
            }
            for (Thread caller : callers) {
                caller.join();
            }
            assertNull(failure.get());
        }
    }

    private static void race(Compute compute, int value) {
        HeapTensor x = HeapTensor.zeros(2, 16);
        HeapTensor w = HeapTensor.zeros(8, 16);
        HeapTensor y = HeapTensor.zeros(2, 8);
        HeapTensor row = HeapTensor.zeros(5000);
        Arrays.fill(x.data(), value);
        Arrays.fill(w.data(), 1);
        row.data()[value * 1000] = 1000;
        float[] expected = new float[16];
        Arrays.fill(expected, 16 * value);
        TokenPicks picks = TokenPicks.of(1);
        double[] draws = {0.5};
        for (int done = 0; done < 500; ) {
            try {
                Arrays.fill(y.data(), 0);
                compute.matmul(x, w, y);
                assertArrayEquals(expected, y.data());
                compute.logits().pick(row, new float[] {1}, draws, picks);
                assertEquals(value * 1000, picks.token(0));
                done++;
            } catch (IllegalStateException refused) {
                assertEquals(RUNNING, refused.getMessage());
            }
        }
    }

    @Test
    void aCallThatFailsKeepsNoOperand() throws InterruptedException {
        Runnable failing = () -> {
            throw new UnsupportedOperationException("kernel");
        };
        BiConsumer<Compute, HeapTensor> matmul =
                (compute, x) -> compute.matmul(x, HeapTensor.zeros(3, x.columns()), HeapTensor.zeros(x.rows(), 3));
        BiConsumer<Compute, HeapTensor> packed = (compute, x) -> compute.matmul(
                x,
                compute.weights().pack(quantized(x.columns()), Arena.ofAuto()),
                HeapTensor.zeros(x.rows(), PackedLayout.STRIP));
        BiConsumer<Compute, HeapTensor> pick = (compute, x) ->
                compute.logits().pick(x, new float[x.rows()], new double[x.rows()], TokenPicks.of(x.rows()));
        BiConsumer<Compute, HeapTensor> softmax =
                (compute, x) -> compute.softmax(x, 1, HeapTensor.zeros(x.rows(), x.columns()));
        BiConsumer<Compute, HeapTensor> norm = (compute, x) ->
                compute.rows().layerNorm(x, HeapTensor.zeros(x.columns()), HeapTensor.zeros(x.columns()), 0, x);
        try (Compute compute = new Compute(Workers.start(1), () -> kernels(failing))) {
            for (BiConsumer<Compute, HeapTensor> call : List.of(matmul, packed, pick, softmax, norm)) {
                for (int rows : new int[] {1, 20}) {
                    WeakReference<float[]> operand = fail(compute, call, rows);
                    for (int i = 0; i < 50 && !operand.refersTo(null); i++) {
                        System.gc();
                        Thread.sleep(1);
                    }
                    assertTrue(operand.refersTo(null), "an operand outlives its call");
                }
            }
        }
    }

    private static WeakReference<float[]> fail(Compute compute, BiConsumer<Compute, HeapTensor> call, int rows) {
        HeapTensor x = HeapTensor.zeros(rows, 32);
        assertThrows(UnsupportedOperationException.class, () -> call.accept(compute, x));
        return new WeakReference<>(x.data());
    }

    private static MappedTensor quantized(int columns) {
        Shape shape = Shape.of(PackedLayout.STRIP, columns);
        return new MappedTensor(DType.Q4_0, shape, Arena.ofAuto().allocate(DType.Q4_0.byteSize(shape.elements())));
    }
}
