// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import org.junit.jupiter.api.Test;

/** The kernels behind the gradients of softmax have the same bits at every lane width, in place too. */
class SoftmaxGradientBitsTest {
    @FunctionalInterface
    private interface Gradient {
        void run(
                Kernels kernels,
                float[] p,
                int pOffset,
                float[] d,
                int dOffset,
                float[] dz,
                int dzOffset,
                int length,
                float sum,
                float inverseTemperature);
    }

    private static void gradient(String name, Gradient kernel) {
        for (int length : LaneGrid.LENGTHS) {
            for (int offset : LaneGrid.OFFSETS) {
                String what = name + " of " + length + " from " + offset;
                Guarded p = Guarded.of(LaneGrid.gaussian(length, length), offset);
                Guarded d = Guarded.of(LaneGrid.anyBits(length + 1, length), offset + 3);
                LaneGrid.sameBits(
                        what,
                        Guarded.of(length, offset + 2),
                        (kernels, out) -> kernel.run(
                                kernels,
                                p.data(),
                                offset,
                                d.data(),
                                offset + 3,
                                out.data(),
                                offset + 2,
                                length,
                                0.3f,
                                1.7f));
                LaneGrid.sameBits(
                        what + " into p",
                        p,
                        (kernels, out) -> kernel.run(
                                kernels,
                                out.data(),
                                offset,
                                d.data(),
                                offset + 3,
                                out.data(),
                                offset,
                                length,
                                -2f,
                                0.1f));
                LaneGrid.sameBits(
                        what + " into d",
                        d,
                        (kernels, out) -> kernel.run(
                                kernels,
                                p.data(),
                                offset,
                                out.data(),
                                offset + 3,
                                out.data(),
                                offset + 3,
                                length,
                                1e-3f,
                                0f));
            }
        }
    }

    @Test
    void softmaxGradient() {
        gradient("softmaxGradient", (kernels, p, pAt, d, dAt, dz, dzAt, length, sum, inverse) -> kernels.softmax()
                .softmaxGradient(p, pAt, d, dAt, dz, dzAt, length, sum, inverse));
    }

    @Test
    void logSoftmaxGradient() {
        gradient("logSoftmaxGradient", (kernels, p, pAt, d, dAt, dz, dzAt, length, sum, inverse) -> kernels.softmax()
                .logSoftmaxGradient(p, pAt, d, dAt, dz, dzAt, length, sum, inverse));
    }

    @Test
    void affine() {
        for (int length : LaneGrid.LENGTHS) {
            for (int offset : LaneGrid.OFFSETS) {
                String what = "affine of " + length + " from " + offset;
                Guarded x = Guarded.of(LaneGrid.anyBits(length, length), offset);
                LaneGrid.sameBits(what, Guarded.of(length, offset + 2), (kernels, out) -> kernels.elements()
                        .affine(x.data(), offset, out.data(), offset + 2, length, 0.7f, -1e-3f));
                LaneGrid.sameBits(what + " in place", x, (kernels, out) -> kernels.elements()
                        .affine(out.data(), offset, out.data(), offset, length, -3f, 0f));
            }
        }
    }
}
