// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Random matrices of any weight type, outside the heap as those of a mapped file are. */
final class DrawnWeights {
    /** Rows that are drawn and encoded; the others repeat them. */
    private static final int DRAWN = 256;

    private DrawnWeights() {}

    /** A matrix [rows, columns] of uniform numbers in [-1/2, 1/2], encoded. */
    static MappedTensor of(DType type, int rows, int columns, Arena arena) {
        int drawn = Math.min(rows, DRAWN);
        SplittableRandom random = new SplittableRandom(type.ggmlId());
        float[] values = new float[drawn * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
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

    /** One row of it, decoded. */
    static float[] row(MappedTensor w, int row) {
        int columns = w.columns();
        byte[] bytes = new byte[Math.toIntExact(w.dtype().byteSize(columns))];
        MemorySegment.copy(w.segment(), ValueLayout.JAVA_BYTE, (long) row * bytes.length, bytes, 0, bytes.length);
        float[] values = new float[columns];
        w.dtype().format().decode(bytes, 0, values, 0, columns);
        return values;
    }
}
