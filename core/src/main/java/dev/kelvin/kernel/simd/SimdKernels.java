// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.AttentionCall;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.LayerKernels;
import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.kernel.RopeTable;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.kernel.TrainingKernels;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;

/**
 * The kernels on lanes. Found reflectively by {@link dev.kelvin.kernel.KernelProvider}, so that core loads where the
 * JVM has no lanes.
 */
public final class SimdKernels implements Kernels {
    private final HeapGemm heapGemm = new HeapGemm();
    private final HeapGemv heapGemv = new HeapGemv();
    private final MappedGemm mappedGemm = new MappedGemm();
    private final F16Gemv f16Gemv = new F16Gemv();
    private final Bf16Gemv bf16Gemv = new Bf16Gemv();
    private final DecodedGemm decodedGemm = new DecodedGemm();
    private final Q8_0Gemm q80Gemm = new Q8_0Gemm();
    private final PackedGemv packedGemv = new PackedGemv();
    private final PackedGemm packedGemm = new PackedGemm();
    private final ChainGemm chainGemm = new ChainGemm();
    private final SoftmaxLanes softmax = new SoftmaxLanes();
    private final RowLanes rows = new RowLanes();
    private final AttentionLanes attention = new AttentionLanes(this, softmax);

    private final TrainingLanes training = new TrainingLanes();
    private final LayerLanes layers = new LayerLanes(training);

    /** Kernels of the width that the JVM has chosen. */
    public SimdKernels() {}

    @Override
    public int vectorBits() {
        return Lanes.F.vectorBitSize();
    }

    @Override
    public void gemm(HeapTensor x, HeapTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        heapGemm.run(x, w, y, rowBegin, rowEnd);
    }

    @Override
    public void gemm(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        switch (w.dtype()) {
            case F32 -> mappedGemm.run(x, w, y, rowBegin, rowEnd);
            case F16 -> {
                if (x.rows() == 1) {
                    f16Gemv.run(x, w, y, rowBegin, rowEnd);
                } else {
                    decodedGemm.run(x, w, y, rowBegin, rowEnd);
                }
            }
            case BF16 -> {
                if (x.rows() == 1) {
                    bf16Gemv.run(x, w, y, rowBegin, rowEnd);
                } else {
                    decodedGemm.run(x, w, y, rowBegin, rowEnd);
                }
            }
            case Q8_0 -> q80Gemm.run(x, w, y, rowBegin, rowEnd);
            default -> decodedGemm.run(x, w, y, rowBegin, rowEnd);
        }
    }

    @Override
    public void quantize(HeapTensor x, QuantizedRows to, int rowBegin, int rowEnd) {
        ActivationCodes.quantize(x, to, rowBegin, rowEnd);
    }

    @Override
    public void gemm(QuantizedRows x, PackedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        if (x.isFew()) {
            packedGemv.run(x, w, y, rowBegin, rowEnd);
        } else {
            packedGemm.run(x, w, y, rowBegin, rowEnd);
        }
    }

    @Override
    public void gemmBackwardInput(
            HeapTensor dy, HeapTensor w, HeapTensor dx, boolean accumulate, int rowBegin, int rowEnd) {
        chainGemm.run(dy.data(), dy.offset(), dy.columns(), 1, w, dx, accumulate, rowBegin, rowEnd);
    }

    @Override
    public void gemmBackwardWeight(
            HeapTensor dy, HeapTensor x, HeapTensor dw, boolean accumulate, int rowBegin, int rowEnd) {
        chainGemm.run(dy.data(), dy.offset(), 1, dy.columns(), x, dw, accumulate, rowBegin, rowEnd);
    }

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        return heapGemv.dot(a, aOffset, b, bOffset, length);
    }

    @Override
    public float max(float[] x, int offset, int length) {
        return SoftmaxLanes.max(x, offset, length);
    }

    @Override
    public int indexOf(float[] x, int offset, int length, float value) {
        return RowLanes.indexOf(x, offset, length, value);
    }

    @Override
    public void blockMaxima(float[] x, int xOffset, int length, float[] y, int yOffset) {
        BlockSearchLanes.maxima(x, xOffset, length, y, yOffset);
    }

    @Override
    public int collectAtLeast(
            float[] x, int xOffset, int begin, int end, float threshold, int[] indices, float[] values, int count) {
        return BlockSearchLanes.collect(x, xOffset, begin, end, threshold, indices, values, count);
    }

    @Override
    public double numerators(float[] x, int xOffset, float[] e, int eOffset, int length, int base, SoftmaxScale scale) {
        return softmax.numerators(x, xOffset, e, eOffset, length, base, scale);
    }

    @Override
    public void probabilities(float[] e, int eOffset, float[] y, int yOffset, int length, double factor) {
        SoftmaxLanes.probabilities(e, eOffset, y, yOffset, length, factor);
    }

    @Override
    public void scale(float[] x, int xOffset, float[] y, int yOffset, int length, float factor) {
        RowLanes.scale(x, xOffset, y, yOffset, length, factor);
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
        SoftmaxLanes.logProbs(x, xOffset, y, yOffset, length, max, inverseTemperature, logSum);
    }

    @Override
    public void affine(float[] x, int xOffset, float[] y, int yOffset, int length, float factor, float addend) {
        SoftmaxGradientLanes.affine(x, xOffset, y, yOffset, length, factor, addend);
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
        SoftmaxGradientLanes.ofSoftmax(p, pOffset, dp, dpOffset, dz, dzOffset, length, mean, inverseTemperature);
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
        SoftmaxGradientLanes.ofLogSoftmax(p, pOffset, dl, dlOffset, dz, dzOffset, length, sum, inverseTemperature);
    }

    @Override
    public void exp(float[] x, int xOffset, float[] y, int yOffset, int length) {
        Exponential.exp(x, xOffset, y, yOffset, length);
    }

    @Override
    public void rmsNorm(HeapTensor x, HeapTensor weight, float epsilon, HeapTensor y, int rowBegin, int rowEnd) {
        rows.rmsNorm(x, weight, epsilon, y, rowBegin, rowEnd);
    }

    @Override
    public void silu(float[] x, int xOffset, float[] y, int yOffset, int length) {
        Exponential.silu(x, xOffset, y, yOffset, length);
    }

    @Override
    public void swiGlu(float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int length) {
        Exponential.swiGlu(gate, gateOffset, up, upOffset, y, yOffset, length);
    }

    @Override
    public void add(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        RowLanes.add(a, aOffset, b, bOffset, y, yOffset, length);
    }

    @Override
    public void mul(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        RowLanes.mul(a, aOffset, b, bOffset, y, yOffset, length);
    }

    @Override
    public void rope(HeapTensor x, RopeTable table, int[] positions, int rowBegin, int rowEnd) {
        rows.rope(x, table, positions, rowBegin, rowEnd);
    }

    @Override
    public void attention(AttentionCall call, int begin, int end) {
        attention.run(call, begin, end);
    }

    @Override
    public LayerKernels layers() {
        return layers;
    }

    @Override
    public TrainingKernels training() {
        return training;
    }
}
