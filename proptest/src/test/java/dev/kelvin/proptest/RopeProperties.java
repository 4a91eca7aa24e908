// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.proptest;

import dev.kelvin.operand.RopeTable;
import dev.kelvin.ops.ComputeGrid;
import dev.kelvin.tensor.HeapTensor;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.constraints.IntRange;

/**
 * Rotary position embedding turns pairs and does nothing else.
 *
 * <p>Bounds, with u = 2⁻²⁴ and v = (a, b) one pair: a·cos - b·sin has at most three roundings, of both products and of
 * the difference, so it is within 2u(|a·cos| + |b·sin|) ≤ 2u·|v|; two such components make 2√2·u·|v|. The table's
 * cosine and sine are rounded once each, which turns and stretches v by at most u·|v|. Together (2√2 + 1)u &lt;
 * {@link #ROTATION}·u.
 */
@PropertyDefaults(edgeCases = EdgeCasesMode.NONE)
class RopeProperties {
    private static final double U = 0x1p-24;
    private static final double ROTATION = 4;
    private static final int POSITIONS = 300;
    private static final int HEADS = 2;

    private static HeapTensor random(long seed, int exponent, int rows, int columns) {
        SplittableRandom random = new SplittableRandom(seed);
        HeapTensor tensor = HeapTensor.zeros(rows, columns);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) Math.scalb(random.nextDouble(-1, 1), exponent);
        }
        return tensor;
    }

    private static RopeTable table(RopeTable.Pairing pairing, int pairs, int still) {
        return RopeTable.of(pairing, 2 * pairs + still, POSITIONS, RopeTable.frequencies(2 * pairs, 10_000), 1);
    }

    private static int[] from(int position, int rows) {
        return IntStream.range(position, position + rows).toArray();
    }

    @Property(tries = 500)
    void everyPairKeepsItsNorm(
            @ForAll RopeTable.Pairing pairing,
            @ForAll @IntRange(min = 1, max = 40) int pairs,
            @ForAll @IntRange(max = 5) int still,
            @ForAll @IntRange(min = 1, max = 9) int rows,
            @ForAll @IntRange(max = POSITIONS - 9) int position,
            @ForAll @IntRange(min = -30, max = 60) int exponent,
            @ForAll long seed) {
        RopeTable table = table(pairing, pairs, still);
        HeapTensor before = random(seed, exponent, rows, HEADS * table.headDim());
        HeapTensor after = HeapTensor.of(before.data().clone(), rows, HEADS * table.headDim());
        ComputeGrid.fastest().attention().rope(after, table, from(position, rows));
        for (int head = 0; head < rows * HEADS; head++) {
            int start = head * table.headDim();
            boolean adjacent = pairing == RopeTable.Pairing.ADJACENT;
            for (int pair = 0; pair < pairs; pair++) {
                int i = start + (adjacent ? 2 * pair : pair);
                int j = i + (adjacent ? 1 : pairs);
                double norm = Math.hypot(before.data()[i], before.data()[j]);
                double off = Math.abs(Math.hypot(after.data()[i], after.data()[j]) - norm);
                // A component next to zero may round to a subnormal of its own.
                double bound = ROTATION * U * norm + 4 * Float.MIN_VALUE;
                Law.holds(off <= bound, () -> "norm " + norm + " is off by " + off + ", bound " + bound);
            }
            Law.sameBits(
                    before.data(),
                    start + 2 * pairs,
                    after.data(),
                    start + 2 * pairs,
                    still,
                    () -> "elements beyond the rotated ones");
        }
    }

    /** At position 0 nothing turns; only the sign of a zero may change. */
    @Property(tries = 50)
    void positionZeroIsTheIdentity(
            @ForAll RopeTable.Pairing pairing,
            @ForAll @IntRange(min = 1, max = 40) int pairs,
            @ForAll @IntRange(max = 5) int still,
            @ForAll long seed) {
        RopeTable table = table(pairing, pairs, still);
        HeapTensor before = random(seed, 0, 1, HEADS * table.headDim());
        HeapTensor after = HeapTensor.of(before.data().clone(), 1, HEADS * table.headDim());
        ComputeGrid.fastest().attention().rope(after, table, new int[1]);
        for (int i = 0; i < before.data().length; i++) {
            float expected = before.data()[i];
            float actual = after.data()[i];
            Law.holds(expected == actual, () -> expected + " became " + actual);
        }
    }

    /** T rows at once are T single rows at their positions, at every width and number of threads, to the bit. */
    @Property(tries = 200)
    void batchedIsSingle(
            @ForAll RopeTable.Pairing pairing,
            @ForAll @IntRange(min = 1, max = 40) int pairs,
            @ForAll @IntRange(max = 5) int still,
            @ForAll @IntRange(min = 1, max = 9) int rows,
            @ForAll @IntRange(max = POSITIONS - 9) int position,
            @ForAll long seed) {
        RopeTable table = table(pairing, pairs, still);
        HeapTensor expected = random(seed, 1, rows, HEADS * table.headDim());
        float[] before = expected.data().clone();
        for (int row = 0; row < rows; row++) {
            ComputeGrid.reference().attention().rope(expected.rowRange(row, row + 1), table, from(position + row, 1));
        }
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            HeapTensor actual = HeapTensor.of(before.clone(), rows, HEADS * table.headDim());
            point.compute().attention().rope(actual, table, from(position, rows));
            Law.sameBits(expected.data(), actual.data(), point::toString);
        }
    }

    /**
     * Only distance counts: the product of a rotated query and a rotated key depends on the difference of their
     * positions. Each rotated vector is within 4u of the exact one, so each product is within 8u·|q|·|k| (and the two
     * together within 16u).
     */
    @Property(tries = 300)
    void productsDependOnTheDistanceAlone(
            @ForAll RopeTable.Pairing pairing,
            @ForAll @IntRange(min = 1, max = 40) int pairs,
            @ForAll @IntRange(max = 99) int distance,
            @ForAll @IntRange(max = 199) int near,
            @ForAll @IntRange(max = 199) int far,
            @ForAll long seed) {
        RopeTable table = table(pairing, pairs, 0);
        double first = product(table, near, distance, seed);
        double second = product(table, far, distance, seed);
        double bound = 16.01 * U * norm(random(seed, 0, 1, 2 * pairs)) * norm(random(seed + 1, 0, 1, 2 * pairs));
        Law.holds(Math.abs(first - second) <= bound, () -> first + " and " + second + ", bound " + bound);
    }

    private static double product(RopeTable table, int position, int distance, long seed) {
        HeapTensor q = random(seed, 0, 1, table.headDim());
        HeapTensor k = random(seed + 1, 0, 1, table.headDim());
        ComputeGrid.fastest().attention().rope(q, table, from(position + distance, 1));
        ComputeGrid.fastest().attention().rope(k, table, from(position, 1));
        double product = 0;
        for (int i = 0; i < table.headDim(); i++) {
            product += (double) q.data()[i] * k.data()[i];
        }
        return product;
    }

    private static double norm(HeapTensor v) {
        double squares = 0;
        for (float x : v.data()) {
            squares += (double) x * x;
        }
        return Math.sqrt(squares);
    }
}
