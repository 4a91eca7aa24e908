// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.operand.Matrix;
import dev.kelvin.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Products of bytes are exact, at every width and thread, with scales rounded as said. */
class ByteProductsTest {
    private static byte[] random(long seed, int length) {
        byte[] values = new byte[length];
        new Random(seed).nextBytes(values);
        return values;
    }

    private static int[] naive(byte[] a, byte[] b, int m, int n, int k) {
        int[] c = new int[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                for (int t = 0; t < k; t++) {
                    c[i * n + j] += a[i * k + t] * b[t * n + j];
                }
            }
        }
        return c;
    }

    private static Matrix turned(byte[] data, int rows, int columns) {
        byte[] turned = new byte[data.length];
        for (int i = 0; i < data.length; i++) {
            turned[i % columns * rows + i / columns] = data[i];
        }
        MemorySegment segment = Arena.ofAuto().allocate(Math.max(1, turned.length));
        MemorySegment.copy(turned, 0, segment, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, turned.length);
        return Matrix.of(segment, DType.I8, 0, columns, rows, rows, 1).transposed();
    }

    @Test
    void exactInEveryForm() {
        int[][] shapes = {{1, 1, 1}, {3, 5, 0}, {7, 30, 1023}, {20, 50, 1025}, {1, 40, 2100}, {30, 1, 70}, {520, 3, 9}};
        for (int[] shape : shapes) {
            int m = shape[0];
            int n = shape[1];
            int k = shape[2];
            byte[] a = random(1, m * k);
            byte[] b = random(2, k * n);
            int[] expected = naive(a, b, m, n, k);
            for (ComputeGrid.Point point : ComputeGrid.points()) {
                for (Matrix left : new Matrix[] {Matrix.of(a, m, k), turned(a, m, k)}) {
                    for (Matrix right : new Matrix[] {Matrix.of(b, k, n), turned(b, k, n)}) {
                        int[] c = new int[5 + m * (n + 2)];
                        Arrays.fill(c, 7);
                        point.compute().products().gemm(left, right, c, 5, n + 2);
                        for (int i = 0; i < m * n; i++) {
                            assertEquals(expected[i], c[5 + i / n * (n + 2) + i % n], "at " + point);
                        }
                        assertEquals(7, c[4], "before");
                        assertEquals(7, c[5 + n], "between rows");
                    }
                }
            }
        }
    }

    /** Partial sums of 1024 products that are as large as they can be, and a total that just fits. */
    @Test
    void theLargest() {
        int k = 131071;
        byte[] least = new byte[k];
        Arrays.fill(least, Byte.MIN_VALUE);
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            int[] c = new int[2];
            point.compute().products().gemm(Matrix.of(least, 1, k), Matrix.of(least, k, 1), c, 1, 1);
            assertArrayEquals(new int[] {0, k << 14}, c, "at " + point);
        }
    }

    @Test
    void scales() {
        int m = 9;
        int n = 31;
        int k = 1500;
        byte[] a = random(3, m * k);
        byte[] b = random(4, k * n);
        float[] aScales = new float[m];
        float[] bScales = new float[n];
        Random random = new Random(5);
        for (int i = 0; i < n; i++) {
            aScales[i % m] = random.nextFloat();
            bScales[i] = random.nextFloat();
        }
        int[] sums = naive(a, b, m, n, k);
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            float[] c = new float[m * n];
            Matrix columns = Matrix.of(c, 0, m, n, 1, m);
            point.compute().products().gemm(Matrix.of(a, m, k), aScales, Matrix.of(b, k, n), bScales, columns);
            for (int i = 0; i < m * n; i++) {
                float expected = sums[i] * (aScales[i / n] * bScales[i % n]);
                assertEquals(expected, c[i % n * m + i / n], "at " + point);
            }
        }
    }

    @Test
    void refusals() {
        Products products = ComputeGrid.reference().products();
        Matrix a = Matrix.of(new byte[6], 2, 3);
        Matrix b = Matrix.of(new byte[12], 3, 4);
        Matrix c = Matrix.of(new float[8], 2, 4);
        refuses("gemm: a [2, 3] and b [2, 3] must have as many columns in a as rows in b", () ->
                products.gemm(a, a, new int[9], 0, 3));
        refuses("gemm: c [2, 4] from offset 1 with a stride of 4 does not lie within 8 ints", () ->
                products.gemm(a, b, new int[8], 1, 4));
        refuses("gemm: a is of type F32 and b of I8, but I8 is wanted", () -> products.gemm(c, b, new int[8], 0, 4));
        refuses("gemm: 3 scales of a and 4 of b for c [2, 4]", () ->
                products.gemm(a, new float[3], b, new float[4], c));
        refuses("gemm: c [2, 3] is of bytes, to be read", () -> products.gemm(
                1, Matrix.of(new float[4], 2, 2), Matrix.of(new float[6], 2, 3), 0, a));
    }

    private static void refuses(String message, Runnable call) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
