// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Tensor;

/**
 * Kernels for one thread that do a short first piece of work in plain loops and all the rest on lanes. Both give the
 * same bits, so only the clock can tell who did what.
 *
 * <p>Lanes run in the interpreter until they are compiled, each kind of work on its own. Plain loops have answered a
 * short prompt to a small model by then. Where the first product shows that there is more to do, products begin on
 * lanes; whatever lies between them stays with plain loops for longer, since compiling it costs as much and gains a
 * hundredth. Of a long prompt it is more than that, and begins on lanes too.
 *
 * <p>Products are those with frozen weights. Their work is a multiply-add of each weight with each row, and
 * {@value #DECODE} more for decoding the weight.
 */
public final class QuickStartKernels implements Kernels {
    /** What it costs plain loops to decode a weight, in multiply-adds. */
    private static final int DECODE = 8;

    /** A first product of more work begins on lanes: of 42 rows at 768 x 768 weights, of none at 2048 x 2048. */
    static final long LARGE = 30_000_000;

    /** The work of a thread after which lanes take its products over: about half a second. */
    static final long ENOUGH = 2_500_000_000L;

    /** A first product of more rows leaves what is not a product to lanes at once. */
    static final int MANY_ROWS = 64;

    /** The outputs of a thread's products after which lanes take over what is not a product: about half a second. */
    static final long ENOUGH_OUTPUTS = 20_000_000;

    private final Kernels lanes;
    private Kernels products;
    private Kernels others;
    private long work;
    private long outputs;
    private boolean done;

    /**
     * Kernels made of two.
     *
     * @param plain those that are fast at once
     * @param lanes those that are faster once they are compiled
     */
    public QuickStartKernels(Kernels plain, Kernels lanes) {
        this.lanes = lanes;
        products = plain;
        others = plain;
    }

    /** What to multiply a range of the rows of w with. */
    private Kernels forProduct(int rows, Tensor w, int rowBegin, int rowEnd) {
        if (!done) {
            long each = (long) w.columns() * (DECODE + rows);
            boolean first = work == 0;
            if (work > ENOUGH || (first && each * w.rows() > LARGE)) {
                products = lanes;
            }
            if (outputs > ENOUGH_OUTPUTS || (first && rows > MANY_ROWS)) {
                others = lanes;
            }
            done = work > ENOUGH && outputs > ENOUGH_OUTPUTS;
            work += each * (rowEnd - rowBegin);
            outputs += (long) rows * (rowEnd - rowBegin);
        }
        return products;
    }

    @Override
    public int vectorBits() {
        return lanes.vectorBits();
    }

    @Override
    public void gemm(HeapTensor x, HeapTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        products.gemm(x, w, y, rowBegin, rowEnd);
    }

    @Override
    public void gemm(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        forProduct(x.rows(), w, rowBegin, rowEnd).gemm(x, w, y, rowBegin, rowEnd);
    }

    @Override
    public void quantize(HeapTensor x, QuantizedRows to, int rowBegin, int rowEnd) {
        others.quantize(x, to, rowBegin, rowEnd);
    }

    @Override
    public void gemm(QuantizedRows x, PackedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        forProduct(x.rows(), w, rowBegin, rowEnd).gemm(x, w, y, rowBegin, rowEnd);
    }

    @Override
    public void gemmBackwardInput(
            HeapTensor dy, HeapTensor w, HeapTensor dx, boolean accumulate, int rowBegin, int rowEnd) {
        products.gemmBackwardInput(dy, w, dx, accumulate, rowBegin, rowEnd);
    }

    @Override
    public void gemmBackwardWeight(
            HeapTensor dy, HeapTensor x, HeapTensor dw, boolean accumulate, int rowBegin, int rowEnd) {
        products.gemmBackwardWeight(dy, x, dw, accumulate, rowBegin, rowEnd);
    }

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        return others.dot(a, aOffset, b, bOffset, length);
    }

    @Override
    public float max(float[] x, int offset, int length) {
        return others.max(x, offset, length);
    }

    @Override
    public int indexOf(float[] x, int offset, int length, float value) {
        return others.indexOf(x, offset, length, value);
    }

    @Override
    public void blockMaxima(float[] x, int xOffset, int length, float[] y, int yOffset) {
        others.blockMaxima(x, xOffset, length, y, yOffset);
    }

    @Override
    public int collectAtLeast(
            float[] x, int xOffset, int begin, int end, float threshold, int[] indices, float[] values, int count) {
        return others.collectAtLeast(x, xOffset, begin, end, threshold, indices, values, count);
    }

    @Override
    public double numerators(float[] x, int xOffset, float[] e, int eOffset, int length, int base, SoftmaxScale scale) {
        return others.numerators(x, xOffset, e, eOffset, length, base, scale);
    }

    @Override
    public void probabilities(float[] e, int eOffset, float[] y, int yOffset, int length, double factor) {
        others.probabilities(e, eOffset, y, yOffset, length, factor);
    }

    @Override
    public void scale(float[] x, int xOffset, float[] y, int yOffset, int length, float factor) {
        others.scale(x, xOffset, y, yOffset, length, factor);
    }

    @Override
    public void logProbs(
            float[] x,
            int xOffset,
            float[] y,
            int yOffset,
            int length,
            float max,
            float inverseTemperature,
            float logSum) {
        others.logProbs(x, xOffset, y, yOffset, length, max, inverseTemperature, logSum);
    }

    @Override
    public void affine(float[] x, int xOffset, float[] y, int yOffset, int length, float factor, float addend) {
        others.affine(x, xOffset, y, yOffset, length, factor, addend);
    }

    @Override
    public void softmaxGradient(
            float[] p,
            int pOffset,
            float[] dp,
            int dpOffset,
            float[] dz,
            int dzOffset,
            int length,
            float mean,
            float inverseTemperature) {
        others.softmaxGradient(p, pOffset, dp, dpOffset, dz, dzOffset, length, mean, inverseTemperature);
    }

    @Override
    public void logSoftmaxGradient(
            float[] p,
            int pOffset,
            float[] dl,
            int dlOffset,
            float[] dz,
            int dzOffset,
            int length,
            float sum,
            float inverseTemperature) {
        others.logSoftmaxGradient(p, pOffset, dl, dlOffset, dz, dzOffset, length, sum, inverseTemperature);
    }

    @Override
    public void exp(float[] x, int xOffset, float[] y, int yOffset, int length) {
        others.exp(x, xOffset, y, yOffset, length);
    }

    @Override
    public void rmsNorm(HeapTensor x, HeapTensor weight, float epsilon, HeapTensor y, int rowBegin, int rowEnd) {
        others.rmsNorm(x, weight, epsilon, y, rowBegin, rowEnd);
    }

    @Override
    public void silu(float[] x, int xOffset, float[] y, int yOffset, int length) {
        others.silu(x, xOffset, y, yOffset, length);
    }

    @Override
    public void swiGlu(float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int length) {
        others.swiGlu(gate, gateOffset, up, upOffset, y, yOffset, length);
    }

    @Override
    public void add(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        others.add(a, aOffset, b, bOffset, y, yOffset, length);
    }

    @Override
    public void mul(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        others.mul(a, aOffset, b, bOffset, y, yOffset, length);
    }

    @Override
    public void rope(HeapTensor x, RopeTable table, int[] positions, int rowBegin, int rowEnd) {
        others.rope(x, table, positions, rowBegin, rowEnd);
    }

    @Override
    public void attention(AttentionCall call, int begin, int end) {
        others.attention(call, begin, end);
    }

    @Override
    public LayerKernels layers() {
        return others.layers();
    }

    @Override
    public TrainingKernels training() {
        return lanes.training();
    }
}
