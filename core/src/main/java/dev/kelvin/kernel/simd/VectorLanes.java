// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import static dev.kelvin.kernel.scalar.ScalarVectors.LANES;

import dev.kelvin.kernel.VectorKernels;

/** Sums over vectors: which loop takes them. */
final class VectorLanes implements VectorKernels {
    /** Whether vectors hold all lanes of a sum in registers. */
    private static final boolean IN_REGISTERS = Lanes.COUNT >= 8;

    /** Lanes of up to three sums, where registers do not hold them. */
    private static final ThreadLocal<float[][]> SCRATCH = ThreadLocal.withInitial(() -> new float[3][LANES]);

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        return IN_REGISTERS
                ? DotProduct.inRegisters(a, aOffset, b, bOffset, length)
                : DotProduct.byGroups(a, aOffset, b, bOffset, length, SCRATCH.get()[0]);
    }

    @Override
    public float squaredDistance(float[] a, int aOffset, float[] b, int bOffset, int length) {
        return IN_REGISTERS
                ? SquaredDistance.inRegisters(a, aOffset, b, bOffset, length)
                : SquaredDistance.byGroups(a, aOffset, b, bOffset, length, SCRATCH.get()[0]);
    }

    @Override
    public float cosine(float[] a, int aOffset, float[] b, int bOffset, int length) {
        return IN_REGISTERS
                ? CosineSums.inRegisters(a, aOffset, b, bOffset, length)
                : CosineSums.byGroups(a, aOffset, b, bOffset, length, SCRATCH.get());
    }

    @Override
    public float sum(float[] x, int offset, int length) {
        return IN_REGISTERS
                ? ElementSums.inRegisters(x, offset, length)
                : ElementSums.byGroups(x, offset, length, SCRATCH.get()[0]);
    }

    @Override
    public float absoluteSum(float[] x, int offset, int length) {
        return IN_REGISTERS
                ? ElementSums.absoluteInRegisters(x, offset, length)
                : ElementSums.absoluteByGroups(x, offset, length, SCRATCH.get()[0]);
    }

    @Override
    public int dot(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        return ByteLanes.dot(a, aOffset, b, bOffset, length);
    }

    @Override
    public int squaredDistance(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        return ByteLanes.squaredDistance(a, aOffset, b, bOffset, length);
    }

    @Override
    public float cosine(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        return ByteLanes.cosine(a, aOffset, b, bOffset, length);
    }

    @Override
    public float cosine(byte[] a, int aOffset, int aSquares, byte[] b, int bOffset, int length) {
        return ByteLanes.cosine(a, aOffset, aSquares, b, bOffset, length);
    }
}
