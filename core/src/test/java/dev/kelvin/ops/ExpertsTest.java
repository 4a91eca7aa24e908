// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.operand.Routing;
import dev.kelvin.operand.Routing.Gating;
import dev.kelvin.operand.Routing.Groups;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A mixture of experts: what routers choose, and that company changes no bit of a row. */
class ExpertsTest {
    private static final int EXPERTS = 7;
    private static final int USED = 3;
    /** So many that some groups have more rows than products take one by one. */
    private static final int ROWS = 40;

    private static HeapTensor random(int seed, int rows, int columns) {
        Random random = new Random(seed);
        HeapTensor tensor = HeapTensor.zeros(rows, columns);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextGaussian();
        }
        return tensor;
    }

    /** From the definitions, in double. */
    private static void checkRow(float[] logits, Routing routing, ExpertChoice choice, int row) {
        double[] gates = new double[logits.length];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        for (int e = 0; e < gates.length; e++) {
            gates[e] = switch (routing.gating()) {
                case SOFTMAX -> Math.exp(logits[e]) / sum;
                case SIGMOID -> 1 / (1 + Math.exp(-logits[e]));
                case SOFTMAX_OF_CHOSEN -> logits[e];
            };
        }
        float[] bias = routing.selectionBias() == null ? new float[gates.length] : routing.selectionBias();
        List<Integer> order = IntStream.range(0, gates.length)
                .filter(e -> isInChosenGroup(e, gates, bias, routing.groups()))
                .boxed()
                .sorted(Comparator.comparingDouble(e -> -(gates[e] + bias[e])))
                .limit(routing.used())
                .toList();
        double[] weights = order.stream().mapToDouble(e -> gates[e]).toArray();
        if (routing.gating() == Gating.SOFTMAX_OF_CHOSEN) {
            double all = Arrays.stream(weights).map(Math::exp).sum();
            weights = Arrays.stream(weights).map(w -> Math.exp(w) / all).toArray();
        }
        double divisor =
                routing.normalise() ? Math.max(0x1p-14, Arrays.stream(weights).sum()) : 1;
        for (int rank = 0; rank < routing.used(); rank++) {
            assertEquals(order.get(rank), choice.id(row, rank), "row " + row + ", rank " + rank);
            double exact = weights[rank] / divisor * routing.scale();
            assertEquals(exact, choice.weight(row, rank), 1e-6 * Math.abs(exact));
        }
    }

    /** Whether fewer groups than are chosen have a larger sum of their two best, or the same and come before. */
    private static boolean isInChosenGroup(int expert, double[] gates, float[] bias, Groups groups) {
        if (groups == null) {
            return true;
        }
        int size = gates.length / groups.count();
        double[] sums = IntStream.range(0, groups.count())
                .mapToDouble(group -> IntStream.range(group * size, (group + 1) * size)
                        .mapToDouble(e -> -gates[e] - bias[e])
                        .sorted()
                        .limit(2)
                        .map(best -> -best)
                        .sum())
                .toArray();
        int own = expert / size;
        return IntStream.range(0, sums.length)
                        .filter(other -> sums[other] > sums[own] || (sums[other] == sums[own] && other < own))
                        .count()
                < groups.used();
    }

    @Test
    void groupsAreChosenBeforeExperts() {
        HeapTensor logits = random(3, ROWS, 12);
        float[] bias = random(4, 1, 12).data();
        for (Gating gating : Gating.values()) {
            for (float[] selection : new float[][] {null, bias}) {
                for (Groups groups : List.of(new Groups(4, 2), new Groups(2, 1), new Groups(12, 5), new Groups(3, 3))) {
                    Routing routing = new Routing(USED, gating, selection, true, 1).within(groups);
                    for (ComputeGrid.Point point : ComputeGrid.points()) {
                        ExpertChoice choice = new ExpertChoice();
                        point.compute().experts().route(logits, routing, choice);
                        for (int row = 0; row < ROWS; row++) {
                            float[] one = Arrays.copyOfRange(logits.data(), row * 12, (row + 1) * 12);
                            checkRow(one, routing, choice, row);
                        }
                    }
                }
            }
        }
    }

    @Test
    void groupsThatAreAlikeAreChosenInTheirOrder() {
        ExpertChoice choice = new ExpertChoice();
        HeapTensor logits = HeapTensor.of(new float[] {1, 0, 3, 1, 3, 1, 2, 2}, 1, 8);
        Routing routing = Routing.normalised(3).within(new Groups(4, 2));
        ComputeGrid.fastest().experts().route(logits, routing, choice);
        assertArrayEquals(
                new int[] {2, 4, 3},
                IntStream.range(0, 3).map(rank -> choice.id(0, rank)).toArray());
        ComputeGrid.fastest().experts().route(logits, Routing.normalised(2).within(new Groups(4, 1)), choice);
        assertArrayEquals(
                new int[] {2, 3},
                IntStream.range(0, 2).map(rank -> choice.id(0, rank)).toArray());
    }

    @Test
    void groupsThatDoNotFitAreRefused() {
        ExpertChoice choice = new ExpertChoice();
        HeapTensor logits = random(5, 2, 8);
        for (Groups groups : List.of(new Groups(3, 2), new Groups(8, 2), new Groups(4, 1))) {
            assertThrows(IllegalArgumentException.class, () -> ComputeGrid.fastest()
                    .experts()
                    .route(logits, Routing.normalised(3).within(groups), choice));
        }
        assertThrows(IllegalArgumentException.class, () -> new Groups(2, 3));
        assertThrows(IllegalArgumentException.class, () -> new Groups(2, 0));
    }

    @Test
    void routersChooseAsDefined() {
        HeapTensor logits = random(1, ROWS, EXPERTS);
        float[] bias = random(2, 1, EXPERTS).data();
        for (Gating gating : Gating.values()) {
            for (float[] selection : new float[][] {null, bias}) {
                for (boolean normalise : new boolean[] {false, true}) {
                    Routing routing = new Routing(USED, gating, selection, normalise, 2.5f);
                    for (ComputeGrid.Point point : ComputeGrid.points()) {
                        ExpertChoice choice = new ExpertChoice();
                        point.compute().experts().route(logits, routing, choice);
                        for (int row = 0; row < ROWS; row++) {
                            float[] one = Arrays.copyOfRange(logits.data(), row * EXPERTS, (row + 1) * EXPERTS);
                            checkRow(one, routing, choice, row);
                            ExpertChoice alone = new ExpertChoice();
                            ComputeGrid.reference().experts().route(logits.rowRange(row, row + 1), routing, alone);
                            for (int rank = 0; rank < USED; rank++) {
                                assertEquals(alone.weight(0, rank), choice.weight(row, rank), point::toString);
                            }
                        }
                    }
                }
            }
        }
    }

    @Test
    void tiesGoToTheLowerIdAndVanishingSumsDivideByTheLeast() {
        Compute compute = ComputeGrid.fastest();
        ExpertChoice choice = new ExpertChoice();
        HeapTensor logits = HeapTensor.of(new float[] {1, 2, 2, 1, 2}, 1, 5);
        compute.experts().route(logits, Routing.normalised(4), choice);
        int[] expected = {1, 2, 4, 0};
        for (int rank = 0; rank < 4; rank++) {
            assertEquals(expected[rank], choice.id(0, rank));
        }
        HeapTensor low = HeapTensor.of(new float[] {-20, -21}, 1, 2);
        compute.experts().route(low, new Routing(1, Gating.SIGMOID, null, true, 1), choice);
        assertEquals(Math.exp(-20) * 0x1p14, choice.weight(0, 0), 1e-10);
    }

    @Test
    void groupsHoldEachRowOnceARank() {
        ExpertChoice choice = new ExpertChoice();
        ComputeGrid.fastest().experts().route(random(1, ROWS, EXPERTS), Routing.normalised(USED), choice);
        int places = 0;
        for (int e = 0; e < EXPERTS; e++) {
            for (int place = choice.begin(e); place < choice.end(e); place++) {
                assertEquals(places++, place);
                int row = choice.rowAt(place);
                int found = 0;
                for (int rank = 0; rank < USED; rank++) {
                    if (choice.place(row, rank) == place) {
                        assertEquals(e, choice.id(row, rank));
                        found++;
                    }
                }
                assertEquals(1, found);
            }
        }
        assertEquals(ROWS * USED, places);
    }

    private static Tensor[] weights(DType type, int n, int k, Arena arena, boolean pack) {
        Tensor[] weights = new Tensor[EXPERTS];
        for (int e = 0; e < EXPERTS; e++) {
            HeapTensor plain = random(50 + e, n, k);
            byte[] bytes = new byte[Math.toIntExact(type.byteSize((long) n * k))];
            type.format().encode(plain.data(), 0, bytes, 0, n * k);
            MemorySegment segment = arena.allocate(bytes.length, 64);
            segment.copyFrom(MemorySegment.ofArray(bytes));
            MappedTensor mapped = new MappedTensor(type, Shape.of(n, k), segment);
            weights[e] = pack ? ComputeGrid.reference().weights().pack(mapped, arena) : mapped;
        }
        return weights;
    }

    /** The whole way of rows through two products, against each row by itself with plain products. */
    @Test
    void aRowHasTheBitsOfItsExpertsAlone() {
        try (Arena arena = Arena.ofShared()) {
            Tensor[] heap = new Tensor[EXPERTS];
            Arrays.setAll(heap, e -> random(70 + e, 40, 32));
            for (Tensor[] weights : List.of(
                    heap,
                    weights(DType.Q8_0, 33, 64, arena, false),
                    weights(DType.MXFP4, 130, 64, arena, false),
                    weights(DType.Q4_0, 260, 64, arena, true))) {
                check(weights);
            }
        }
    }

    private static void check(Tensor[] weights) {
        int n = weights[0].rows();
        int k = weights[0].columns();
        HeapTensor x = random(3, ROWS, k);
        HeapTensor biases = random(4, EXPERTS, n);
        HeapTensor logits = random(5, ROWS, EXPERTS);
        Routing routing = Routing.normalised(USED);
        Compute reference = ComputeGrid.reference();
        ExpertChoice choice = new ExpertChoice();
        reference.experts().route(logits, routing, choice);
        HeapTensor expected = HeapTensor.zeros(ROWS, n);
        for (int row = 0; row < ROWS; row++) {
            HeapTensor y = HeapTensor.zeros(1, n);
            for (int rank = 0; rank < USED; rank++) {
                int expert = choice.id(row, rank);
                reference.matmul(x.rowRange(row, row + 1), weights[expert], y);
                for (int i = 0; i < n; i++) {
                    float value = y.data()[i] + biases.data()[expert * n + i];
                    float sum = expected.data()[row * n + i];
                    expected.data()[row * n + i] = Math.fma(value, choice.weight(row, rank), sum);
                }
            }
        }
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            HeapTensor out = mix(point.compute(), x, logits, weights, biases, 0, ROWS);
            assertArrayEquals(expected.data(), out.data(), () -> weights[0] + " at " + point);
        }
        for (int row = 0; row < ROWS; row += 7) {
            HeapTensor out = mix(ComputeGrid.fastest(), x, logits, weights, biases, row, row + 1);
            assertArrayEquals(
                    Arrays.copyOfRange(expected.data(), row * n, (row + 1) * n), out.data(), "row " + row + " alone");
        }
    }

    private static HeapTensor mix(
            Compute compute, HeapTensor x, HeapTensor logits, Tensor[] weights, HeapTensor biases, int begin, int end) {
        ExpertChoice choice = new ExpertChoice();
        compute.experts().route(logits.rowRange(begin, end), Routing.normalised(USED), choice);
        HeapTensor grouped = HeapTensor.zeros((end - begin) * USED, x.columns());
        HeapTensor y = HeapTensor.zeros((end - begin) * USED, weights[0].rows());
        HeapTensor out = HeapTensor.zeros(end - begin, weights[0].rows());
        compute.experts().gather(x.rowRange(begin, end), choice, grouped);
        compute.experts().matmul(grouped, weights, choice, y);
        compute.experts().addBias(y, biases, choice);
        compute.experts().combine(y, choice, out);
        return out;
    }

    @Test
    void refusals() {
        Compute compute = ComputeGrid.fastest();
        ExpertChoice choice = new ExpertChoice();
        refuses("route: 8 experts a row, but logits [2, 7] have 7", () -> compute.experts()
                .route(HeapTensor.zeros(2, 7), Routing.normalised(8), choice));
        HeapTensor faulty = HeapTensor.zeros(2, 7);
        faulty.data()[9] = Float.NaN;
        refuses("route: row 1 of logits [2, 7] has a maximum of NaN", () -> compute.experts()
                .route(faulty, Routing.normalised(2), choice));
        compute.experts().route(HeapTensor.zeros(2, 7), Routing.normalised(2), choice);
        refuses("gather: grouped [3, 5] must have 4 rows, as the choice has", () -> compute.experts()
                .gather(HeapTensor.zeros(2, 5), choice, HeapTensor.zeros(3, 5)));
        refuses("experts.matmul: weights of 3 experts, of which there are 7", () -> compute.experts()
                .matmul(HeapTensor.zeros(4, 5), new Tensor[3], choice, HeapTensor.zeros(4, 6)));
        refuses("combine: out [4, 6] must have 2 rows, as the choice has", () -> compute.experts()
                .combine(HeapTensor.zeros(4, 6), choice, HeapTensor.zeros(4, 6)));
    }

    private static void refuses(String message, Runnable operation) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, operation::run).getMessage());
    }
}
