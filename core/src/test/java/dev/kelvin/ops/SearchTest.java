// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.Neighbours;
import dev.kelvin.operand.Similarity;
import dev.kelvin.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The nearest rows are those of a sort of all scores, for any threads, lanes and storage. */
class SearchTest {
    private static float[] random(long seed, int length) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            // Few values, so that scores are often equal.
            values[i] = random.nextInt(5) - 2;
        }
        return values;
    }

    private static float score(Similarity by, float[] query, float[] rows, int row) {
        int columns = query.length;
        return switch (by) {
            case DOT -> Vectors.dot(query, 0, rows, row * columns, columns);
            case COSINE -> Vectors.cosine(query, 0, rows, row * columns, columns);
            case SQUARED_DISTANCE -> Vectors.squaredDistance(query, 0, rows, row * columns, columns);
        };
    }

    private static void check(String what, Similarity by, float[] scores, Neighbours found) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, scores.length)
                .filter(i -> !Float.isNaN(scores[i]))
                .boxed()
                .toList());
        Comparator<Integer> nearest = Comparator.comparingDouble(i -> scores[i] + 0.0);
        order.sort((by.largerIsNearer() ? nearest.reversed() : nearest).thenComparingInt(i -> i));
        assertEquals(Math.min(found.most(), order.size()), found.count(), what);
        for (int i = 0; i < found.count(); i++) {
            assertEquals(order.get(i), found.row(i), what + ", place " + i);
            assertEquals(scores[found.row(i)], found.score(i), what + ", place " + i);
        }
    }

    @Test
    void floatsOfEveryStorage() {
        int columns = 21;
        int count = 130;
        float[] query = random(1, columns);
        float[] rows = random(2, count * columns);
        rows[40 * columns] = Float.NaN;
        MemorySegment halves = Arena.ofAuto().allocate(2L * rows.length);
        MemorySegment bf16 = Arena.ofAuto().allocate(2L * rows.length);
        MemorySegment floats = Arena.ofAuto().allocate(4L * rows.length);
        for (int i = 0; i < rows.length; i++) {
            halves.setAtIndex(java.lang.foreign.ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(rows[i]));
            bf16.setAtIndex(
                    java.lang.foreign.ValueLayout.JAVA_SHORT, i, (short) (Float.floatToRawIntBits(rows[i]) >>> 16));
            floats.setAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, i, rows[i]);
        }
        float[] turned = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            turned[i % columns * count + i / columns] = rows[i];
        }
        List<Matrix> forms = List.of(
                Matrix.of(rows, count, columns),
                Matrix.of(turned, columns, count).transposed(),
                Matrix.of(floats, DType.F32, 0, count, columns, columns, 1),
                Matrix.of(halves, DType.F16, 0, count, columns, columns, 1),
                Matrix.of(bf16, DType.BF16, 0, count, columns, columns, 1));
        for (Similarity by : Similarity.values()) {
            float[] scores = new float[count];
            for (int i = 0; i < count; i++) {
                scores[i] = score(by, query, rows, i);
            }
            for (int most : new int[] {1, 10, 129, 200}) {
                Neighbours found = Neighbours.of(most);
                for (Matrix form : forms) {
                    for (ComputeGrid.Point point : ComputeGrid.points()) {
                        point.compute().search().nearest(by, query, form, found);
                        check(by + " of " + most + ", " + form + " at " + point, by, scores, found);
                    }
                }
            }
        }
    }

    @Test
    void bytes() {
        int columns = 70;
        int count = 100;
        Random random = new Random(3);
        byte[] query = new byte[columns];
        byte[] rows = new byte[count * columns];
        random.nextBytes(query);
        random.nextBytes(rows);
        System.arraycopy(rows, 0, rows, 50 * columns, 20 * columns);
        MemorySegment segment = Arena.ofAuto().allocate(rows.length).copyFrom(MemorySegment.ofArray(rows));
        for (Similarity by : Similarity.values()) {
            float[] scores = new float[count];
            for (int i = 0; i < count; i++) {
                scores[i] = switch (by) {
                    case DOT -> Vectors.dot(query, 0, rows, i * columns, columns);
                    case COSINE -> Vectors.cosine(query, 0, rows, i * columns, columns);
                    case SQUARED_DISTANCE -> Vectors.squaredDistance(query, 0, rows, i * columns, columns);
                };
            }
            Neighbours found = Neighbours.of(7);
            for (ComputeGrid.Point point : ComputeGrid.points()) {
                point.compute().search().nearest(by, query, rows, found);
                check(by + " at " + point, by, scores, found);
                point.compute().search().nearest(by, query, segment, found);
                check(by + " off the heap at " + point, by, scores, found);
            }
        }
    }

    @Test
    void nothingToFind() {
        Neighbours found = Neighbours.of(3);
        Compute compute = ComputeGrid.reference();
        compute.search().nearest(Similarity.DOT, new float[4], Matrix.of(new float[0], 0, 4), found);
        assertEquals(0, found.count());
        compute.search().nearest(Similarity.COSINE, new float[4], Matrix.of(new float[8], 2, 4), found);
        assertEquals(0, found.count(), "the cosine with 0 is NaN");
        assertThrows(IndexOutOfBoundsException.class, () -> found.row(0));
    }

    @Test
    void refusals() {
        Search search = ComputeGrid.reference().search();
        Neighbours found = Neighbours.of(1);
        assertEquals(
                "nearest: query [3] and rows [2, 4] must have as many columns",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> search.nearest(
                                        Similarity.DOT, new float[3], Matrix.of(new float[8], 2, 4), found))
                        .getMessage());
        assertEquals(
                "nearest: 8 bytes are no rows of 3 columns, as query [3]",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> search.nearest(Similarity.DOT, new byte[3], new byte[8], found))
                        .getMessage());
        assertEquals(
                "neighbours: at least one must be wanted, not 0",
                assertThrows(IllegalArgumentException.class, () -> Neighbours.of(0))
                        .getMessage());
    }
}
