// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Shape;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Random operands: drawn once and repeated, since drawing takes longer than measuring. */
final class Operands {
    /** Elements that are drawn; a prime, so that rows differ. */
    private static final int DRAWN = 65_537;

    /** Rows of weights that are drawn and encoded; the others repeat them. */
    private static final int DRAWN_ROWS = 64;

    private Operands() {}

    /** Uniform numbers in [-1/2, 1/2]. */
    static float[] uniform(long seed, int length) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[length];
        for (int i = 0; i < Math.min(length, DRAWN); i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return repeated(values);
    }

    /** Normal numbers of a standard deviation. */
    static float[] normal(long seed, int length, double deviation) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[length];
        for (int i = 0; i < Math.min(length, DRAWN); i++) {
            values[i] = (float) random.nextGaussian(0, deviation);
        }
        return repeated(values);
    }

    private static float[] repeated(float[] values) {
        for (int i = DRAWN; i < values.length; i += DRAWN) {
            System.arraycopy(values, 0, values, i, Math.min(DRAWN, values.length - i));
        }
        return values;
    }

    /** A matrix [rows, columns] of uniform numbers. */
    static HeapTensor matrix(long seed, int rows, int columns) {
        return HeapTensor.of(uniform(seed, rows * columns), rows, columns);
    }

    /** Weights [rows, columns] of any type, outside the heap as those of a mapped file are. */
    static MappedTensor weights(DType type, int rows, int columns, Arena arena) {
        int drawn = Math.min(rows, DRAWN_ROWS);
        float[] values = uniform(type.ggmlId(), drawn * columns);
        byte[] bytes = new byte[Math.toIntExact(type.byteSize(values.length))];
        type.format().encode(values, 0, bytes, 0, values.length);
        long rowBytes = type.byteSize(columns);
        MemorySegment segment = arena.allocate(rowBytes * rows, 64);
        for (int row = 0; row < rows; row += drawn) {
            int count = (int) (rowBytes * Math.min(drawn, rows - row));
            MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, rowBytes * row, count);
        }
        return new MappedTensor(type, Shape.of(rows, columns), segment);
    }

    /** The same weights elsewhere, outside the heap. */
    static Tensor copy(Tensor weights, Arena arena) {
        return switch (weights) {
            case MappedTensor mapped -> new MappedTensor(mapped.dtype(), mapped.shape(), copy(mapped.segment(), arena));
            case PackedTensor packed -> new PackedTensor(packed.dtype(), packed.shape(), copy(packed.segment(), arena));
            case HeapTensor heap -> throw new IllegalArgumentException("weights on the heap: " + heap);
        };
    }

    private static MemorySegment copy(MemorySegment from, Arena arena) {
        return arena.allocate(from.byteSize(), 64).copyFrom(from);
    }

    /** One row of weights, decoded. */
    static float[] row(MappedTensor w, int row) {
        int columns = w.columns();
        byte[] bytes = new byte[Math.toIntExact(w.dtype().byteSize(columns))];
        MemorySegment.copy(w.segment(), ValueLayout.JAVA_BYTE, (long) row * bytes.length, bytes, 0, bytes.length);
        float[] values = new float[columns];
        w.dtype().format().decode(bytes, 0, values, 0, columns);
        return values;
    }
}
