// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.Epilogue;
import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.Triangle;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Products of matrices in any form have the same bits at every lane width, those of the plain loops. */
class MatrixBitsTest {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final List<Form> FORMS = List.of(Form.values());
    private static final List<Activation> FUNCTIONS = List.of(Activation.values());
    private static final List<Triangle> TRIANGLES = List.of(Triangle.values());

    /** How a matrix lies in memory. */
    private enum Form {
        ROWS,
        COLUMNS,
        APART,
        BACKWARDS,
        F32,
        F16,
        BF16,
        F16_COLUMNS,
        F32_APART
    }

    /** Drawn elements in a form; rows are 5 elements further apart than they need be. */
    private static Matrix drawn(Random random, Form form, int rows, int columns) {
        int length = 3 + Math.max(1, rows + 5) * Math.max(1, columns + 5) * 3;
        float[] data = new float[length];
        for (int i = 0; i < length; i++) {
            data[i] = (float) random.nextGaussian();
        }
        return switch (form) {
            case ROWS -> Matrix.of(data, 3, rows, columns, columns + 5, 1);
            case COLUMNS -> Matrix.of(data, 3, rows, columns, 1, rows + 5);
            case APART -> Matrix.of(data, 3, rows, columns, 2 * columns + 1, 2);
            case BACKWARDS -> Matrix.of(data, length - 3, rows, columns, -columns - 5, -1);
            case F32 -> segment(data, DType.F32, rows, columns, columns + 5, 1);
            case F16 -> segment(data, DType.F16, rows, columns, columns + 5, 1);
            case BF16 -> segment(data, DType.BF16, rows, columns, columns, 1);
            case F16_COLUMNS -> segment(data, DType.F16, rows, columns, 1, rows + 5);
            case F32_APART -> segment(data, DType.F32, rows, columns, 2 * columns + 1, 2);
        };
    }

    /** From an address that is a multiple of the element's size and of nothing larger. */
    private static Matrix segment(float[] data, DType type, int rows, int columns, int rowStride, int columnStride) {
        int bytes = type.blockBytes();
        MemorySegment segment = Arena.ofAuto()
                .allocate((long) bytes * (data.length + 1), 64)
                .asSlice(bytes, (long) bytes * data.length);
        for (int i = 0; i < data.length; i++) {
            switch (type) {
                case F32 -> segment.set(FLOAT, 4L * i, data[i]);
                case F16 -> segment.set(SHORT, 2L * i, Float.floatToFloat16(data[i]));
                default -> segment.set(SHORT, 2L * i, (short) (Float.floatToRawIntBits(data[i]) >>> 16));
            }
        }
        return Matrix.of(segment, type, 3, rows, columns, rowStride, columnStride);
    }

    private static GemmCall call(Matrix a, Matrix b, Matrix c) {
        GemmCall call = new GemmCall();
        call.set(a, b, c);
        return call;
    }

    private static void check(String what, Matrix a, Matrix b) {
        int rows = a.rows();
        int columns = b.columns();
        Guarded initial = Guarded.of(LaneGrid.gaussian(1, rows * columns), 7);
        LaneGrid.sameBits("gemm " + what, initial, (kernels, out) -> kernels.matrices()
                .gemm(call(a, b, Matrix.of(out.data(), 7, rows, columns, columns, 1)), 0, 0, rows, 0, columns));
    }

    @Test
    void everyFormOfBothFactors() {
        Random random = new Random(1);
        for (Form a : Form.values()) {
            for (Form b : Form.values()) {
                int rows = 1 + random.nextInt(30);
                int columns = 1 + random.nextInt(110);
                int inner = random.nextInt(3) == 0 ? 16 * random.nextInt(5) : random.nextInt(70);
                String what = a + " [" + rows + ", " + inner + "] by " + b + " [" + inner + ", " + columns + "]";
                check(what, drawn(random, a, rows, inner), drawn(random, b, inner, columns));
                check("one row of " + what, drawn(random, a, 1, inner), drawn(random, b, inner, columns));
            }
        }
    }

    @Test
    void everyRemainderOfATile() {
        Random random = new Random(2);
        for (int rows = 0; rows <= 9; rows++) {
            for (int columns = 0; columns <= 26; columns++) {
                Form form = FORMS.get(columns % 4);
                int inner = 16 * (rows % 3) + columns % 5;
                String what = form + " " + rows + " x " + inner + " x " + columns;
                check(what, drawn(random, form, rows, inner), drawn(random, form, inner, columns));
            }
        }
    }

    /** A sum of one product is folded with 15 zeros, too: what underflows to −0 becomes +0. */
    @Test
    void singleProductsThatVanish() {
        float[] values = {1e-30f, -1e-30f, 0f, -0f, 1e30f, -1e30f, 3f, -Float.MIN_VALUE, Float.NaN, 0.5f, -0.25f};
        Matrix a = Matrix.of(values, values.length, 1);
        check("[11, 1] by [1, 11]", a, Matrix.of(values, 1, values.length));
        check("[1, 1] by [1, 11]", Matrix.of(values, 1, 1, 1, 1, 1), Matrix.of(values, 1, values.length));
    }

    /** Sums around 64 products, in every form of a factor. */
    @Test
    void fewProducts() {
        Random random = new Random(8);
        int[] widths = {4, 8, 15, 16, 17, 31, 32, 33, 63, 97, 130};
        for (int inner : new int[] {1, 16, 47, 48, 49, 50, 55, 61, 63, 64, 65}) {
            for (int i = 0; i < FORMS.size(); i++) {
                int rows = 31 + random.nextInt(6);
                int columns = widths[random.nextInt(widths.length)];
                Form a = FORMS.get(random.nextInt(FORMS.size()));
                Form b = FORMS.get(i);
                String what = a + " [" + rows + ", " + inner + "] by " + b + " [" + inner + ", " + columns + "]";
                check(what, drawn(random, a, rows, inner), drawn(random, b, inner, columns));
            }
        }
    }

    /** Zeros keep their sign, infinities and NaN their lane, whatever fills a last step. */
    @Test
    void specialValuesInFewProducts() {
        Random random = new Random(9);
        for (int inner = 40; inner <= 66; inner += 3) {
            float[] a = new float[37 * inner];
            float[] b = new float[inner * 35];
            for (float[] to : List.of(a, b)) {
                for (int i = 0; i < to.length; i++) {
                    boolean special = random.nextInt(2 * inner) == 0;
                    to[i] = special ? LaneGrid.SPECIAL[random.nextInt(LaneGrid.SPECIAL.length)] : -0f;
                }
            }
            check("special values, K " + inner, Matrix.of(a, 37, inner), Matrix.of(b, inner, 35));
            check(
                    "turned, K " + inner,
                    Matrix.of(a, inner, 37).transposed(),
                    Matrix.of(b, 35, inner).transposed());
        }
    }

    /** Rows of a in several cache blocks, columns in several strips and chunks of lanes. */
    @Test
    void severalBlocks() {
        Random random = new Random(3);
        check("blocks", drawn(random, Form.COLUMNS, 18, 65550), drawn(random, Form.ROWS, 65550, 4));
        check("in place", drawn(random, Form.ROWS, 21, 65600), drawn(random, Form.COLUMNS, 65600, 2));
        check("strips", drawn(random, Form.COLUMNS, 70, 33), drawn(random, Form.ROWS, 33, 301));
        check("lanes of columns", drawn(random, Form.ROWS, 1, 35), drawn(random, Form.ROWS, 35, 1100));
    }

    @Test
    void onlyPart() {
        Random random = new Random(4);
        Matrix a = drawn(random, Form.COLUMNS, 37, 50);
        Matrix b = drawn(random, Form.ROWS, 50, 61);
        for (int from = 0; from < 30; from += 7) {
            int begin = from;
            LaneGrid.sameBits("from " + begin, Guarded.of(37 * 61, 0), (kernels, out) -> kernels.matrices()
                    .gemm(call(a, b, Matrix.of(out.data(), 0, 37, 61, 61, 1)), 0, begin, 36, begin + 1, 60));
        }
    }

    /** Every part of what becomes of a sum, alone and together, into every form of result. */
    @Test
    void epilogues() {
        Random random = new Random(5);
        for (Form form : Form.values()) {
            // All parts into rows, every fifth of them into what else there is.
            for (int parts = 0; parts < 64; parts += form == Form.ROWS ? 1 : 5) {
                boolean few = parts % 3 == 0; // as many products and rows as ShortSums takes, or not
                int inner = few ? 49 + random.nextInt(16) : 35;
                int rows = (few ? 32 : 1) + random.nextInt(9);
                int columns = 90 + random.nextInt(20);
                Matrix a = drawn(random, Form.ROWS, rows, inner);
                Matrix b = drawn(random, Form.ROWS, inner, columns);
                boolean ofRows = (parts & 32) != 0;
                HeapTensor bias = HeapTensor.of(LaneGrid.gaussian(parts, ofRows ? rows : columns));
                Epilogue epilogue = new Epilogue(
                        (parts & 1) != 0 ? bias : null,
                        (parts & 2) != 0 ? FUNCTIONS.get(random.nextInt(FUNCTIONS.size())) : null,
                        (parts & 4) != 0 ? drawn(random, form, rows, columns) : null);
                float alpha = (parts & 8) != 0 ? -1.7f : 1;
                float beta = (parts & 16) != 0 ? random.nextBoolean() ? 1 : 0.3f : 0;
                Triangle triangle = random.nextInt(3) == 0 ? TRIANGLES.get(random.nextInt(2)) : null;
                long seed = random.nextLong();
                LaneGrid.sameBits(
                        "epilogue " + parts + " into " + form, Guarded.of(rows * columns, 1), (kernels, out) -> {
                            Matrix c = drawn(new Random(seed), form, rows, columns);
                            GemmCall call = call(a, b, c);
                            call.scale(alpha, beta);
                            call.finish(epilogue, ofRows);
                            call.restrict(triangle);
                            kernels.matrices().gemm(call, 0, 0, rows, 0, columns);
                            MatrixLines lines = new MatrixLines();
                            for (int i = 0; i < rows; i++) {
                                long at = c.offset() + (long) i * c.rowStride();
                                lines.read(c, at, c.columnStride(), out.data(), 1 + i * columns, columns);
                            }
                        });
            }
        }
    }

    @Test
    void batches() {
        float[] a = LaneGrid.gaussian(6, 5 * 7 * 20);
        float[] b = LaneGrid.gaussian(7, 20 * 13);
        for (int i = 0; i < 5; i++) {
            int item = i;
            LaneGrid.sameBits("item " + i, Guarded.of(5 * 7 * 13, 0), (kernels, out) -> {
                GemmCall call = call(
                        Matrix.of(a, 0, 7, 20, 20, 1),
                        Matrix.of(b, 0, 20, 13, 13, 1),
                        Matrix.of(out.data(), 0, 7, 13, 13, 1));
                call.batch(7 * 20, 0, 7 * 13);
                kernels.matrices().gemm(call, item, 0, 7, 0, 13);
            });
        }
    }

    /** With α = 0 nothing of the factors is seen, with β = 0 nothing of the result, NaN least of all. */
    @Test
    void nothingIsReadInVain() {
        Matrix nan = Matrix.of(new float[] {Float.NaN, Float.NaN, Float.NaN, Float.NaN}, 2, 2);
        LaneGrid.sameBits("alpha 0", Guarded.of(new float[] {1, 2, 3, 4}, 0), (kernels, out) -> {
            GemmCall call = call(nan, nan, Matrix.of(out.data(), 0, 2, 2, 2, 1));
            call.scale(0, 2);
            kernels.matrices().gemm(call, 0, 0, 2, 0, 2);
            Guarded.of(new float[] {2, 4, 6, 8}, 0).assertSameBits(out, "twice");
        });
    }
}
