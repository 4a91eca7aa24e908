// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.blas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.ops.Compute;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Each routine against netlib's on drawn arguments, legal or not: the same results up to rounding, the same refusals.
 */
class BlasTest {
    private static final int TRIALS = 1000;
    private static final dev.ludovic.netlib.blas.BLAS NETLIB = reference();
    private static final BLAS OURS = BLAS.getInstance();
    private static final float[] GAUSSIAN = gaussian();
    private static final List<String> TRANSPOSITIONS = List.of("N", "T", "C", "n", "t", "c", "Trans", "X");

    private static float[] gaussian() {
        Random random = new Random(1);
        float[] values = new float[4000];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** The translation of the Fortran routines, which netlib's others fall back to. */
    private static dev.ludovic.netlib.blas.BLAS reference() {
        try {
            Method instance = Class.forName("dev.ludovic.netlib.blas.F2jBLAS").getMethod("getInstance");
            instance.setAccessible(true);
            return (dev.ludovic.netlib.blas.BLAS) instance.invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("F2jBLAS", e);
        }
    }

    /** Drawn arguments; with the same seed the same. */
    private static final class Drawn {
        final Random random;
        final String trans;
        final String other;
        final int m;
        final int n;
        final int k;
        final int incx;
        final int incy;
        final int offset;
        final float alpha;
        final float beta;
        final float[] a;
        final float[] b;
        final float[] c;

        Drawn(long seed) {
            random = new Random(seed);
            trans = TRANSPOSITIONS.get(random.nextInt(random.nextInt(4) == 0 ? 8 : 7));
            other = TRANSPOSITIONS.get(random.nextInt(random.nextInt(4) == 0 ? 8 : 7));
            m = extent();
            n = extent();
            k = extent();
            incx = random.nextInt(8) - 3;
            incy = random.nextInt(8) - 3;
            offset = random.nextInt(20) == 0 ? -1 : random.nextInt(5);
            alpha = random.nextInt(4) == 0 ? random.nextInt(2) : (float) random.nextGaussian();
            beta = random.nextInt(3) == 0 ? random.nextInt(2) : (float) random.nextGaussian();
            a = floats();
            b = floats();
            c = floats();
        }

        private int extent() {
            return switch (random.nextInt(12)) {
                case 0 -> 0;
                case 1 -> -1;
                case 2 -> 1;
                default -> random.nextInt(40);
            };
        }

        /** Sometimes too few for what is asked. */
        private float[] floats() {
            int from = random.nextInt(1000);
            int length = random.nextInt(5) == 0 ? random.nextInt(300) : 3000;
            return Arrays.copyOfRange(GAUSSIAN, from, from + length);
        }

        /** A leading dimension that is mostly enough. */
        int leading(int least) {
            return random.nextInt(10) == 0 ? least - 1 : Math.max(1, least) + random.nextInt(4);
        }

        boolean plain(String trans) {
            return trans.equalsIgnoreCase("N");
        }
    }

    /** What a call does to the arrays of the arguments, and the number it gives back, if it does. */
    @FunctionalInterface
    private interface Arguments {
        Object[] of(Drawn drawn);
    }

    /** Calls a routine by its name, so that both have the same ones with the same parameters. */
    private static Object invoke(Object blas, String routine, Object... arguments) {
        for (Method method : blas.getClass().getMethods()) {
            if (method.getName().equals(routine) && method.getParameterCount() == arguments.length) {
                try {
                    method.setAccessible(true);
                    return method.invoke(blas, arguments);
                } catch (InvocationTargetException e) {
                    return e.getCause() instanceof IndexOutOfBoundsException
                            ? "outside" // which of several elements is named is left open
                            : e.getCause().toString();
                } catch (IllegalAccessException e) {
                    throw new LinkageError(routine, e);
                }
            }
        }
        throw new AssertionError(routine);
    }

    private static void check(String routine, Arguments arguments) {
        int legal = 0;
        for (int seed = 0; seed < TRIALS; seed++) {
            Drawn expected = new Drawn(seed);
            Drawn actual = new Drawn(seed);
            String what = routine + ", seed " + seed;
            Object theirs = invoke(NETLIB, routine, arguments.of(expected));
            Object ours = invoke(BLAS.getInstance(), routine, arguments.of(actual));
            if (expected.offset < 0 && !(theirs instanceof String)) {
                continue; // netlib does not look for a first element that it does not read
            }
            if (theirs instanceof Float number && ours instanceof Float result) {
                assertEquals(number, result, 1e-4f * Math.max(1, Math.abs(number)), what);
            } else {
                assertEquals(theirs, ours, what);
            }
            if (!(theirs instanceof String)) {
                legal++;
                assertArrayEquals(expected.a, actual.a, 1e-3f, what);
                assertArrayEquals(expected.b, actual.b, 1e-3f, what);
                assertArrayEquals(expected.c, actual.c, 1e-3f, what);
            }
        }
        assertTrue(legal > TRIALS / 5 && legal < TRIALS, routine + ": " + legal + " legal calls");
    }

    @Test
    void sgemm() {
        check("sgemm", d -> {
            int k = d.k == 0 ? 1 : d.k; // without terms netlib looks for element -1 of a
            int lda = d.leading(d.plain(d.trans) ? d.m : k);
            int ldb = d.leading(d.plain(d.other) ? k : d.n);
            return new Object[] {
                d.trans, d.other, d.m, d.n, k, d.alpha, d.a, d.offset, lda, d.b, 1, ldb, d.beta, d.c, 2, d.leading(d.m)
            };
        });
    }

    @Test
    void sgemmWithoutTerms() {
        float[] c = {1, 2, 3, 4};
        OURS.sgemm("N", "T", 2, 2, 0, 5, new float[0], 2, new float[0], 2, 3, c, 2);
        assertArrayEquals(new float[] {3, 6, 9, 12}, c);
    }

    @Test
    void sgemv() {
        check("sgemv", d -> new Object[] {
            d.trans, d.m, d.n, d.alpha, d.a, d.offset, d.leading(d.m), d.b, 3, d.incx, d.beta, d.c, d.offset, d.incy
        });
    }

    @Test
    void sger() {
        check("sger", d ->
                new Object[] {d.m, d.n, d.alpha, d.a, d.offset, d.incx, d.b, 2, d.incy, d.c, d.offset, d.leading(d.m)});
    }

    @Test
    void ssyrk() {
        check("ssyrk", d -> {
            int k = d.k == 0 ? 1 : d.k;
            int lda = d.leading(d.plain(d.other) ? d.n : k);
            String uplo = d.m % 4 == 0 ? "U" : d.m % 4 == 1 ? "l" : d.m % 4 == 2 ? "lower" : d.trans;
            return new Object[] {
                uplo, d.other, d.n, k, d.alpha, d.a, d.offset, lda, d.beta, d.c, d.offset, d.leading(d.n)
            };
        });
    }

    @Test
    void vectors() {
        check("saxpy", d -> new Object[] {d.n, d.alpha, d.a, d.offset, d.incx, d.b, 4, d.incy});
        check("sscal", d -> new Object[] {d.n, d.alpha, d.a, d.offset, d.incx});
        check("scopy", d -> new Object[] {d.n, d.a, d.offset, d.incx, d.b, 4, d.incy});
        check("sswap", d -> new Object[] {d.n, d.a, d.offset, d.incx, d.b, 4, d.incy});
        check("srot", d -> new Object[] {d.n, d.a, d.offset, d.incx, d.b, 4, d.incy, 0.6f, 0.8f});
        check("sdot", d -> new Object[] {d.n, d.a, d.offset, d.incx, d.b, 4, d.incy});
        check("snrm2", d -> new Object[] {d.n, d.a, d.offset, d.incx});
        check("sasum", d -> new Object[] {d.n, d.a, d.offset, d.incx});
        check("isamax", d -> new Object[] {d.n, d.a, d.offset, d.incx});
    }

    /** The forms without offsets are those with offsets of 0. */
    @Test
    void withoutOffsets() {
        float[] x = {3, -4, 0, 5, 1, 2};
        float[] y = {1, 2, 3, 4, 5, 6};
        assertEquals(NETLIB.sdot(3, x, 2, y, -1), OURS.sdot(3, x, 2, y, -1));
        assertEquals(5, OURS.snrm2(2, x, 1));
        assertEquals(NETLIB.sasum(3, x, 2), OURS.sasum(3, x, 2));
        assertEquals(3, OURS.isamax(6, x, 1));
        OURS.scopy(2, x, 1, y, 3);
        assertArrayEquals(new float[] {3, 2, 3, -4, 5, 6}, y);
        OURS.sswap(2, x, 1, y, 1);
        assertArrayEquals(new float[] {3, 2, 0, 5, 1, 2}, x);
        OURS.sscal(2, 2, x, 2);
        assertArrayEquals(new float[] {6, 2, 0, 5, 1, 2}, x);
        OURS.saxpy(2, -1, x, 1, y, 1);
        assertArrayEquals(new float[] {-3, -6, 3, -4, 5, 6}, y);
        OURS.srot(1, x, 1, y, 1, 0, 1);
        assertArrayEquals(new float[] {-3, 2, 0, 5, 1, 2}, x);
        float[] a = {1, 2, 3, 4};
        float[] c = new float[4];
        OURS.sgemm("N", "N", 2, 2, 2, 1, a, 2, a, 2, 0, c, 2);
        assertArrayEquals(new float[] {7, 10, 15, 22}, c);
        float[] z = new float[2];
        OURS.sgemv("N", 2, 2, 1, a, 2, new float[] {1, 1}, 1, 0, z, 1);
        assertArrayEquals(new float[] {4, 6}, z);
        OURS.sger(2, 2, 1, z, 1, z, 1, a, 2);
        assertArrayEquals(new float[] {17, 26, 27, 40}, a);
        OURS.ssyrk("L", "N", 2, 1, 1, z, 2, 0, c, 2);
        assertArrayEquals(new float[] {16, 24, 15, 36}, c);
    }

    /** Row-major A·B is column-major Bᵀ·Aᵀ of the same arrays. */
    @Test
    void rowMajor() {
        try (Compute compute = Compute.start(2)) {
            for (BLAS blas : List.of(OURS.rowMajor(), BLAS.on(compute).rowMajor())) {
                rowMajor(blas);
            }
        }
    }

    private static void rowMajor(BLAS blas) {
        for (int seed = 0; seed < 300; seed++) {
            Drawn d = new Drawn(seed);
            Drawn e = new Drawn(seed);
            Random random = new Random(seed);
            int m = 1 + random.nextInt(20);
            int n = 1 + random.nextInt(20);
            int k = 1 + random.nextInt(20);
            String ta = random.nextBoolean() ? "N" : "T";
            String tb = random.nextBoolean() ? "N" : "T";
            int lda = (ta.equals("N") ? k : m) + 2;
            int ldb = (tb.equals("N") ? n : k) + 1;
            if (Math.min(d.a.length, Math.min(d.b.length, d.c.length)) < 3000) {
                continue;
            }
            NETLIB.sgemm(tb, ta, n, m, k, d.alpha, d.b, ldb, d.a, lda, d.beta, d.c, n + 3);
            blas.sgemm(ta, tb, m, n, k, e.alpha, e.a, lda, e.b, ldb, e.beta, e.c, n + 3);
            assertArrayEquals(d.c, e.c, 1e-3f, "sgemm, seed " + seed);
            NETLIB.sgemv(ta.equals("N") ? "T" : "N", n, m, d.alpha, d.b, n, d.a, 2, d.beta, d.c, -1);
            blas.sgemv(ta, m, n, e.alpha, e.b, n, e.a, 2, e.beta, e.c, -1);
            assertArrayEquals(d.c, e.c, 1e-3f, "sgemv, seed " + seed);
            NETLIB.sger(n, m, d.alpha, d.a, 1, d.b, 1, d.c, n + 1);
            blas.sger(m, n, e.alpha, e.b, 1, e.a, 1, e.c, n + 1);
            assertArrayEquals(d.c, e.c, 1e-3f, "sger, seed " + seed);
            NETLIB.ssyrk("U", ta.equals("N") ? "T" : "N", n, k, d.alpha, d.a, 30, d.beta, d.c, n);
            blas.ssyrk("L", ta, n, k, e.alpha, e.a, 30, e.beta, e.c, n);
            assertArrayEquals(d.c, e.c, 1e-3f, "ssyrk, seed " + seed);
        }
    }
}
