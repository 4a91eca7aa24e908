// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.tensor.HeapTensor;
import org.junit.jupiter.api.Test;

/** Element-wise kernels, RMSNorm and RoPE have the same bits at every lane width, in place too. */
class RowBitsTest {
    /** y from x, all of one length. */
    @FunctionalInterface
    private interface Unary {
        void run(Kernels kernels, float[] x, int xOffset, float[] y, int yOffset, int length);
    }

    /** y from a and b, all of one length. */
    @FunctionalInterface
    private interface Binary {
        void run(Kernels kernels, float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length);
    }

    private static void unary(String name, Unary kernel) {
        for (int length : LaneGrid.LENGTHS) {
            for (int offset : LaneGrid.OFFSETS) {
                String what = name + " of " + length + " from " + offset;
                for (float[] values :
                        new float[][] {LaneGrid.gaussian(length, length, 20), LaneGrid.anyBits(length + 1, length)}) {
                    Guarded x = Guarded.of(values, offset);
                    Guarded before = x.copy();
                    LaneGrid.sameBits(
                            what,
                            Guarded.of(length, offset + 2),
                            (kernels, out) -> kernel.run(kernels, x.data(), offset, out.data(), out.offset(), length));
                    before.assertSameBits(x, what + ": its input");
                    LaneGrid.sameBits(
                            what + " in place",
                            x,
                            (kernels, out) -> kernel.run(kernels, out.data(), offset, out.data(), offset, length));
                }
            }
        }
    }

    private static void binary(String name, Binary kernel) {
        for (int length : LaneGrid.LENGTHS) {
            for (int offset : LaneGrid.OFFSETS) {
                String what = name + " of " + length + " from " + offset;
                Guarded a = Guarded.of(LaneGrid.anyBits(length, length), offset);
                Guarded b = Guarded.of(LaneGrid.gaussian(length + 1, length, 20), offset + 3);
                LaneGrid.sameBits(
                        what,
                        Guarded.of(length, offset + 2),
                        (kernels, out) -> kernel.run(
                                kernels, a.data(), offset, b.data(), offset + 3, out.data(), offset + 2, length));
                LaneGrid.sameBits(
                        what + " into a",
                        a,
                        (kernels, out) -> kernel.run(
                                kernels, out.data(), offset, b.data(), offset + 3, out.data(), offset, length));
                LaneGrid.sameBits(
                        what + " into b",
                        b,
                        (kernels, out) -> kernel.run(
                                kernels, a.data(), offset, out.data(), offset + 3, out.data(), offset + 3, length));
            }
        }
    }

    @Test
    void scale() {
        for (float factor : new float[] {0.7f, -0f, 1e-40f, Float.POSITIVE_INFINITY}) {
            unary("scale by " + factor, (kernels, x, xOffset, y, yOffset, length) -> kernels.elements()
                    .scale(x, xOffset, y, yOffset, length, factor));
        }
    }

    @Test
    void exp() {
        unary("exp", (kernels, x, xOffset, y, yOffset, length) -> kernels.elements()
                .exp(x, xOffset, y, yOffset, length));
    }

    /** One pattern in 65,537 of all floats, which is every exponent and, over the widths, every lane. */
    @Test
    void expOfAllFloats() {
        float[] values = new float[65_535];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(i * 65_537);
        }
        Guarded x = Guarded.of(values, 1);
        LaneGrid.sameBits("exp of all floats", Guarded.of(values.length, 0), (kernels, out) -> kernels.elements()
                .exp(x.data(), 1, out.data(), 0, values.length));
    }

    /** Blocks go one way or another by their largest magnitude: on either side of the bound, wherever it stands. */
    @Test
    void expAndWhatStandsOnItAtTheBoundOfModerateBlocks() {
        int length = 2048 + 40;
        for (float edge : new float[] {87, Math.nextUp(87f), -87, -Math.nextUp(87f), Float.NaN, 1e30f}) {
            for (int place : new int[] {-1, 0, 33, 1023, 1024, 2047, 2048, length - 1}) {
                float[] values = LaneGrid.gaussian(place, length, 20);
                for (int i = 0; i < length; i++) {
                    values[i] = Math.clamp(values[i], -87, 87);
                }
                if (place >= 0) {
                    values[place] = edge;
                }
                String what = edge + " at " + place + ": ";
                LaneGrid.sameBits(what + "exp", Guarded.of(length, 3), (kernels, out) -> kernels.elements()
                        .exp(values, 0, out.data(), 3, length));
                LaneGrid.sameBits(what + "silu in place", Guarded.of(values, 3), (kernels, out) -> kernels.elements()
                        .activate(Activation.SILU, out.data(), 3, out.data(), 3, length));
                LaneGrid.sameBits(
                        what + "swiGlu into its gate", Guarded.of(values, 3), (kernels, out) -> kernels.elements()
                                .gated(Activation.SILU, out.data(), 3, values, 0, out.data(), 3, length));
            }
        }
    }

    @Test
    void silu() {
        unary("silu", (kernels, x, xOffset, y, yOffset, length) -> kernels.elements()
                .activate(Activation.SILU, x, xOffset, y, yOffset, length));
    }

    @Test
    void swiGlu() {
        binary("swiGlu", (kernels, a, aOffset, b, bOffset, y, yOffset, length) -> kernels.elements()
                .gated(Activation.SILU, a, aOffset, b, bOffset, y, yOffset, length));
    }

    @Test
    void add() {
        binary("add", (kernels, a, aOffset, b, bOffset, y, yOffset, length) -> kernels.elements()
                .add(a, aOffset, b, bOffset, y, yOffset, length));
    }

    @Test
    void mul() {
        binary("mul", (kernels, a, aOffset, b, bOffset, y, yOffset, length) -> kernels.elements()
                .mul(a, aOffset, b, bOffset, y, yOffset, length));
    }

    @Test
    void rmsNorm() {
        for (int dim : LaneGrid.LENGTHS) {
            for (int offset : LaneGrid.OFFSETS) {
                int rows = dim > 1000 ? 2 : 4;
                String what = "rmsNorm [" + rows + ", " + dim + "] from " + offset;
                Guarded x = Guarded.of(LaneGrid.gaussian(dim, rows * dim, 3), offset);
                HeapTensor weight =
                        Guarded.of(LaneGrid.gaussian(dim + 1, dim), offset + 1).tensor(dim);
                for (float epsilon : new float[] {0, 1e-5f}) {
                    LaneGrid.sameBits(what, Guarded.of(rows * dim, offset + 2), (kernels, out) -> kernels.rows()
                            .rmsNorm(x.tensor(rows, dim), weight, epsilon, out.tensor(rows, dim), 1, rows));
                    LaneGrid.sameBits(what + " in place", x, (kernels, out) -> kernels.rows()
                            .rmsNorm(out.tensor(rows, dim), weight, epsilon, out.tensor(rows, dim), 0, rows - 1));
                }
            }
        }
    }

    @Test
    void rmsNormOfZerosAndExtremes() {
        for (float factor : new float[] {0, 1e-30f, Float.MIN_VALUE, 1e18f, 1e30f}) {
            Guarded x = Guarded.of(LaneGrid.gaussian(5, 2 * 99, factor), 3);
            HeapTensor weight = HeapTensor.of(LaneGrid.gaussian(6, 99));
            LaneGrid.sameBits("rmsNorm of 99 times " + factor, Guarded.of(2 * 99, 1), (kernels, out) -> kernels.rows()
                    .rmsNorm(x.tensor(2, 99), weight, 1e-6f, out.tensor(2, 99), 0, 2));
        }
    }

    @Test
    void deviations() {
        for (int length : LaneGrid.LENGTHS) {
            for (int offset : LaneGrid.OFFSETS) {
                for (float rest : new float[] {0, 0.01f}) {
                    String what = "deviations of " + length + " from " + offset + " with " + rest;
                    Guarded x = Guarded.of(LaneGrid.gaussian(length, length), offset);
                    LaneGrid.sameBits(what, Guarded.of(2, 0), (kernels, out) -> kernels.rows()
                            .deviations(x.data(), offset, length, 0.3f, rest, out.data()));
                }
            }
        }
    }

    /** The sums are those of double within their bounds. */
    @Test
    void deviationsAgainstDouble() {
        float[] x = LaneGrid.gaussian(3, 777);
        double sum = 0;
        double magnitude = 0;
        double squares = 0;
        for (float value : x) {
            double c = (double) value - 0.3f - 0.01f;
            sum += c;
            magnitude += Math.abs(c);
            squares += c * c;
        }
        float[] sums = new float[2];
        LaneGrid.scalar().rows().deviations(x, 0, x.length, 0.3f, 0.01f, sums);
        assertEquals(sum, sums[0], 22 * 0x1p-24 * magnitude);
        assertEquals(squares, sums[1], 24 * 0x1p-24 * squares);
    }

    @Test
    void normalize() {
        unary("normalize", (kernels, x, xOffset, y, yOffset, length) -> kernels.rows()
                .normalize(x, xOffset, 0.3f, -0.01f, 1.7f, y, yOffset, length));
    }

    @Test
    void normalizeAffine() {
        binary("normalizeAffine", (kernels, a, aOffset, b, bOffset, y, yOffset, length) -> kernels.rows()
                .normalizeAffine(a, aOffset, 0.3f, -0.01f, 1.7f, b, bOffset, b, bOffset, y, yOffset, length));
    }

    @Test
    void rope() {
        for (int headDim : new int[] {1, 2, 8, 16, 30, 32, 34, 48, 64, 66, 80, 96, 128, 130}) {
            for (int dims = headDim / 2 * 2; dims >= 0; dims = dims > 34 ? dims / 4 * 2 : dims - 2) {
                double[] frequencies = RopeTable.frequencies(dims, 10_000);
                int[] positions = {8, 2, 7, 0};
                for (RopeTable.Pairing pairing : RopeTable.Pairing.values()) {
                    RopeTable table = RopeTable.of(pairing, headDim, 9, frequencies, 1.25);
                    for (int offset : LaneGrid.OFFSETS) {
                        Guarded x = Guarded.of(LaneGrid.gaussian(headDim + dims, 4 * 3 * headDim), offset);
                        LaneGrid.sameBits(
                                "rope of " + dims + " of " + headDim + " from " + offset + ", " + pairing,
                                x,
                                (kernels, out) ->
                                        kernels.rows().rope(out.tensor(4, 3 * headDim), table, positions, 1, 4));
                    }
                }
            }
        }
    }
}
