// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.kernel.scalar.ScalarKernels;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * One kernel call at every lane width against the plain loops. The instances live as long as the JVM, as a worker's do,
 * so that scratch left over from one call would spoil the next.
 */
final class LaneGrid {
    /** Lengths around every boundary of the kernels, primes, and the sizes of real models. */
    static final int[] LENGTHS = {
        0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 65, 79, 81, 127, 128, 129, 191, 257, 288,
        509, 511, 512, 513, 575, 577, 997, 1023, 1025, 2048, 4032, 4095, 4096, 4097, 4608, 8191, 8193, 32000
    };

    /** Offsets that put vectors of every width across their natural alignment. */
    static final int[] OFFSETS = {0, 1, 7, 16};

    /** What arithmetic treats apart. */
    static final float[] SPECIAL = {
        0f,
        -0f,
        1f,
        -1f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        -Float.MIN_NORMAL,
        Math.nextDown(Float.MIN_NORMAL),
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN,
        Float.intBitsToFloat(0xffc01234),
        88.72283f,
        88.72284f,
        -103.97f,
        -103.98f,
        -87.34f
    };

    private static final ScalarKernels SCALAR = new ScalarKernels();
    private static final List<Kernels> LANES =
            LaneWidths.SIMD.stream().map(LaneWidths::kernels).toList();

    private LaneGrid() {}

    /** A call that writes to one array. */
    @FunctionalInterface
    interface Writing {
        void run(Kernels kernels, Guarded out);
    }

    static ScalarKernels scalar() {
        return SCALAR;
    }

    /** Kernels of every width but 0. */
    static List<Kernels> lanes() {
        return LANES;
    }

    /**
     * Demands the same bits at every width, and canaries alive.
     *
     * @param what seed and shape, for the message
     * @param initial what stands where results go
     * @param call the kernel call
     */
    static void sameBits(String what, Guarded initial, Writing call) {
        Guarded expected = initial.copy();
        call.run(SCALAR, expected);
        expected.assertCanaries(what + " (plain loops)");
        for (Kernels kernels : LANES) {
            Guarded actual = initial.copy();
            call.run(kernels, actual);
            expected.assertSameBits(actual, message(what, kernels));
        }
    }

    /** Demands that a number has the same bits at every width. */
    static void sameNumber(String what, ToDoubleFunction<Kernels> call) {
        long expected = Double.doubleToRawLongBits(call.applyAsDouble(SCALAR));
        for (Kernels kernels : LANES) {
            assertEquals(
                    expected, Double.doubleToRawLongBits(call.applyAsDouble(kernels)), () -> message(what, kernels));
        }
    }

    private static String message(String what, Kernels kernels) {
        return what + ", " + kernels.vectorBits() + " bits (again: mvn -pl core test -Dtest='*BitsTest')";
    }

    /** Normal deviates. */
    static float[] gaussian(long seed, int length) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Normal deviates times a factor. */
    static float[] gaussian(long seed, int length, float factor) {
        float[] values = gaussian(seed, length);
        for (int i = 0; i < length; i++) {
            values[i] *= factor;
        }
        return values;
    }

    /** Any bits: every exponent, NaN and infinities; the special values now and then. */
    static float[] anyBits(long seed, int length) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextInt(4) == 0
                    ? SPECIAL[random.nextInt(SPECIAL.length)]
                    : Float.intBitsToFloat(random.nextInt());
        }
        return values;
    }
}
