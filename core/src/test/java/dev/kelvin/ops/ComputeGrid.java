// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.LaneWidths;
import dev.kelvin.parallel.Workers;
import java.util.ArrayList;
import java.util.List;

/**
 * Every way to compute that must give the same bits: lane widths {scalar, 128, 256, 512} by threads {1, 2, 3, 7}, with
 * even the smallest region cut up. The reference is scalar on one thread. Public, for the properties in module
 * proptest.
 *
 * <p>The crews are started at first use and live as long as the test's JVM; parked, they cost nothing.
 */
public final class ComputeGrid {
    private static final int[] THREADS = {1, 2, 3, 7};

    private static final List<Point> POINTS = start();

    private ComputeGrid() {}

    /** One way to compute, and its name for messages. */
    public record Point(int vectorBits, int threads, Compute compute) {
        @Override
        public String toString() {
            return vectorBits + " bits, " + threads + " threads";
        }
    }

    /** All points; the first is the reference, scalar on one thread. */
    public static List<Point> points() {
        return POINTS;
    }

    /** Scalar kernels on one thread. */
    public static Compute reference() {
        return POINTS.getFirst().compute();
    }

    /** The widest lanes on one thread, for properties that need many elements. */
    public static Compute fastest() {
        Point fastest = POINTS.getFirst();
        for (Point point : POINTS) {
            if (point.threads() == 1 && point.vectorBits() > fastest.vectorBits()) {
                fastest = point;
            }
        }
        return fastest.compute();
    }

    private static List<Point> start() {
        List<Point> points = new ArrayList<>();
        for (int bits : LaneWidths.ALL) {
            for (int threads : THREADS) {
                points.add(new Point(bits, threads, compute(bits, threads)));
            }
        }
        return List.copyOf(points);
    }

    /** A {@code Compute} of one width that cuts up even the smallest region. */
    static Compute compute(int vectorBits, int threads) {
        return new Compute(Workers.start(threads), LaneWidths.supplier(vectorBits), 0);
    }
}
