// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Operands among whose numbers are those that arithmetic treats apart, the same for the same seed, and what a call has
 * made of them.
 */
final class SpecialOperands {
    /** Which of them there are, each with those before. */
    enum Diet {
        /** Zeros of both signs, subnormal numbers, those at the ends of the range. */
        FINITE,
        INFINITE,
        NAN
    }

    private static final float[] FINITE = {
        0f,
        -0f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Math.nextDown(Float.MIN_NORMAL),
        Float.MIN_NORMAL,
        -Float.MIN_NORMAL,
        0x1p-75f,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        88.72284f,
        -103.98f,
        1f,
        -1f
    };

    private final SplittableRandom random;
    private final Diet diet;
    private final List<Object> made = new ArrayList<>();

    SpecialOperands(long seed, Diet diet) {
        random = new SplittableRandom(seed);
        this.diet = diet;
    }

    private float next() {
        int kind = random.nextInt(24);
        if (kind < 6) {
            return FINITE[random.nextInt(FINITE.length)];
        }
        if (kind == 6 && diet.compareTo(Diet.INFINITE) >= 0) {
            return random.nextBoolean() ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
        }
        if (kind == 7 && diet == Diet.NAN) {
            return random.nextBoolean() ? Float.NaN : Float.intBitsToFloat(0xffc0_1234);
        }
        return (float) random.nextDouble(-4, 4);
    }

    /** Numbers to read. */
    float[] floats(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = next();
        }
        return numbers;
    }

    /** A tensor to read. */
    HeapTensor in(int... dims) {
        return HeapTensor.of(floats(Math.toIntExact(Shape.of(dims).elements())), dims);
    }

    /** A tensor off the heap to read: its bytes are drawn, so that scales are NaN and infinite too. */
    MappedTensor bytes(DType type, int rows, int columns) {
        Shape shape = Shape.of(rows, columns);
        byte[] bytes = new byte[Math.toIntExact(type.byteSize(shape.elements()))];
        random.nextBytes(bytes);
        MemorySegment segment = Arena.ofAuto().allocate(bytes.length, 64);
        segment.copyFrom(MemorySegment.ofArray(bytes));
        return new MappedTensor(type, shape, segment);
    }

    /** A tensor to write to. */
    HeapTensor out(int... dims) {
        HeapTensor tensor = HeapTensor.zeros(dims);
        made.add(tensor.data());
        return tensor;
    }

    /** A tensor to read and to write to. */
    HeapTensor inOut(int... dims) {
        HeapTensor tensor = in(dims);
        made.add(tensor.data());
        return tensor;
    }

    /** What a call returns, or an array that it writes to. */
    <T> T result(T result) {
        made.add(result);
        return result;
    }

    /**
     * All that was made, as texts in which one NaN is like another: Java leaves open which bits arithmetic gives it.
     */
    List<String> bits() {
        List<String> texts = new ArrayList<>();
        for (Object each : made) {
            texts.add(
                    switch (each) {
                        case float[] numbers -> {
                            StringBuilder bits = new StringBuilder();
                            for (float number : numbers) {
                                bits.append(Integer.toHexString(Float.floatToIntBits(number)))
                                        .append(' ');
                            }
                            yield bits.toString();
                        }
                        case double[] numbers -> Arrays.toString(numbers);
                        case int[] numbers -> Arrays.toString(numbers);
                        case byte[] numbers -> Arrays.toString(numbers);
                        default -> each.toString();
                    });
        }
        return texts;
    }
}
