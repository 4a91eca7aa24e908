// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.operand.Matrix;

/**
 * What becomes of the sums of a product: t = α·Σ, then fma(β, c, t), then + bias, then f, then + residual, each step
 * only if it is asked for; β = 1 adds c. A piece of a row at a time, by other kernels, so that they are the same bits
 * whoever computed the sums. For one thread.
 */
public final class ProductLine {
    private final MatrixLines lines = new MatrixLines();
    private float[] scratch = new float[0];

    /** Without scratch yet. */
    public ProductLine() {}

    /**
     * Finishes the sums of one row and stores them.
     *
     * @param kernels for the arithmetic
     * @param call what to compute
     * @param item of the batch
     * @param sums of the columns from {@code column} on; changed
     * @param offset the first
     * @param row of c
     * @param column of c
     * @param count how many columns
     */
    public void finish(
            Kernels kernels, GemmCall call, int item, float[] sums, int offset, int row, int column, int count) {
        int begin = call.columnBegin(row, column);
        int length = call.columnEnd(row, column + count) - begin;
        if (length <= 0) {
            return;
        }
        int at = offset + begin - column;
        Matrix c = call.c();
        long cAt = call.cOffset(item) + (long) row * c.rowStride() + (long) begin * c.columnStride();
        if (call.alpha() != 1) {
            kernels.elements().scale(sums, at, sums, at, length, call.alpha());
        }
        if (call.beta() != 0) {
            add(kernels, c, cAt, c.columnStride(), sums, at, length, call.beta());
        }
        if (call.bias() != null) {
            float[] bias = call.bias().data();
            int first = call.bias().offset();
            if (call.biasOfRows()) {
                kernels.elements().affine(sums, at, sums, at, length, 1, bias[first + row]);
            } else {
                kernels.elements().add(sums, at, bias, first + begin, sums, at, length);
            }
        }
        if (call.activation() != null) {
            kernels.elements().activate(call.activation(), sums, at, sums, at, length);
        }
        Matrix residual = call.residual();
        if (residual != null) {
            long from = residual.offset() + (long) row * residual.rowStride() + (long) begin * residual.columnStride();
            add(kernels, residual, from, residual.columnStride(), sums, at, length, 1);
        }
        lines.write(c, cAt, c.columnStride(), sums, at, length);
    }

    /** sums += factor·m, fused. */
    private void add(Kernels kernels, Matrix m, long from, int stride, float[] sums, int at, int length, float factor) {
        float[] data = m.data();
        int first = (int) from;
        if (data == null || stride != 1) {
            if (scratch.length < length) {
                scratch = new float[length];
            }
            lines.read(m, from, stride, scratch, 0, length);
            data = scratch;
            first = 0;
        }
        if (factor == 1) {
            kernels.elements().add(sums, at, data, first, sums, at, length);
        } else {
            kernels.elements().addMultiple(data, first, sums, at, length, factor);
        }
    }
}
