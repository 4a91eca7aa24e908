// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * exp by bit pattern, from the lowest negative float to the highest: error against {@link StrictMath#exp} (within 2⁻⁵²
 * of the exact value), order, saturation. One pattern in {@value #SPARSE} and a stretch of neighbours every so often;
 * every pattern there is, in some minutes, with {@code mvn test -pl core -Dtest=ExponentialSweepTest
 * -Dkelvin.test.args=-Dkelvin.sweep=all}.
 */
class ExponentialSweepTest {
    private static final int SPARSE = 4093;
    private static final int PIECE = 1 << 16;

    /** Patterns of one sign up to infinity. */
    private static final long PATTERNS = 0x7f800001L;

    /** The worst error published for exp, in ULP. */
    private static final double WORST = 0.86;

    private static final boolean ALL = "all".equals(System.getProperty("kelvin.sweep"));

    @Test
    void everyFloatIsWithinOneUlpAndRises() {
        double worst = Math.max(sweep(true), sweep(false));
        assertTrue(worst <= WORST, "off by " + worst + " ULP");
        assertTrue(worst > 0.5, "off by only " + worst + " ULP: was anything measured?");
        if (ALL) {
            System.out.println("exp over all floats: worst error " + worst + " ULP");
        }
    }

    private static double sweep(boolean negative) {
        int pieces = (int) ((PATTERNS + PIECE - 1) / PIECE);
        return IntStream.range(0, pieces)
                .parallel()
                .mapToDouble(piece -> piece(negative, piece))
                .max()
                .orElseThrow();
    }

    /**
     * The worst error of a piece; its results must fall where the argument does, over the edge to the next piece too.
     */
    private static double piece(boolean negative, int piece) {
        long begin = (long) piece * PIECE;
        int length = (int) Math.min(PIECE + 1, PATTERNS - begin);
        int step = ALL || piece % 97 == 0 ? 1 : SPARSE;
        int count = (length + step - 1) / step;
        float[] x = new float[count];
        float[] y = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = Float.intBitsToFloat((int) (begin + (long) i * step) | (negative ? Integer.MIN_VALUE : 0));
        }
        LaneWidths.kernels(512).elements().exp(x, 0, y, 0, count);
        double worst = 0;
        for (int i = 0; i < count; i++) {
            worst = Math.max(worst, error(x[i], y[i]));
            if (i > 0 && (negative ? y[i] > y[i - 1] : y[i] < y[i - 1])) {
                throw new AssertionError("exp falls from " + x[i - 1] + " to " + x[i]);
            }
        }
        return worst;
    }

    private static double error(float x, float y) {
        double exact = Math.abs(x) < 0x1p-60f ? 1 : StrictMath.exp(x);
        if (exact >= 0x1.ffffffp127) {
            // It rounds to infinity.
            return y == Float.POSITIVE_INFINITY ? 0 : Double.POSITIVE_INFINITY;
        }
        return Math.abs(y - exact) / Math.ulp((float) exact);
    }

    @Test
    void theEdges() {
        for (int bits : LaneWidths.ALL) {
            Kernels kernels = LaneWidths.kernels(bits);
            float[] x = {0, -0f, Float.MIN_VALUE, -Float.MIN_VALUE, 88.72283f, 88.72284f, 1e38f, -103.97f, -103.98f};
            float[] y = new float[x.length];
            kernels.elements().exp(x, 0, y, 0, x.length);
            assertEquals(1, y[0]);
            assertEquals(1, y[1]);
            assertEquals(1, y[2]);
            assertEquals(1, y[3]);
            assertTrue(y[4] < Float.POSITIVE_INFINITY && y[4] > 3.4e38f);
            assertEquals(Float.POSITIVE_INFINITY, y[5]);
            assertEquals(Float.POSITIVE_INFINITY, y[6]);
            assertEquals(Float.MIN_VALUE, y[7]);
            assertEquals(0, y[8]);
        }
    }
}
