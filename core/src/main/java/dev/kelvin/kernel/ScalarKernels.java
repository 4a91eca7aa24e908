// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.RowDecoder;

/**
 * The specification of the kernels: plain loops that fix the order of every floating-point operation. It also serves
 * where there are no lanes.
 *
 * <p><b>Sums over k</b> (dot, gemm) keep {@value #LANES} lanes: lane l takes the products with k ≡ l (mod 16),
 * ascending, by fma from +0, and the lanes are folded by halves, a[i] + a[i + half], down to one. Error: |ŷ − y| ≤
 * (⌈K/16⌉ + 4)·u·Σ|aₖbₖ| to first order, u = 2⁻²⁴.
 *
 * <p><b>Sums of the gradients of a product</b> are one chain each: by fma, ascending in n (dX) or in m (dW), from +0 or
 * from the value that was there. So a sum may be cut into consecutive pieces, one call each, without changing a bit.
 * Error: at most N·u·Σₙ|dyₙwₙ| (or M·u·Σ) to first order.
 *
 * <p><b>Products with packed weights</b> are {@link ScalarPacked}.
 *
 * <p><b>Sums of squares</b> (RMSNorm) do the same with {@value #SQUARE_LANES} lanes, since a single row offers no other
 * independent chains.
 *
 * <p><b>Softmax</b> is {@link ScalarSoftmax}.
 *
 * <p>Java evaluates floats strictly, {@link Math#fma} is exact by definition, and nothing here calls a function that a
 * platform may approximate in its own way.
 */
public final class ScalarKernels implements Kernels {
    /** Lanes of a dot product. */
    public static final int LANES = 16;

    /** Lanes of a sum of squares. */
    public static final int SQUARE_LANES = 64;

    /** 1.5·2²³: adding and subtracting it rounds to the nearest integer, which then stands in the low bits. */
    public static final float ROUND = 0x1.8p23f;

    /** log₂ e, rounded to float. */
    public static final float LOG2_E_HIGH = 0x1.715476p+0f;

    /** What the rounding left of log₂ e. */
    public static final float LOG2_E_LOW = 0x1.4ae0cp-26f;

    /** Below, exp rounds to 0. */
    public static final float EXP_UNDERFLOW = -104;

    /** Above, exp is +∞ (from 88.722839 on, which the arithmetic itself finds). */
    public static final float EXP_OVERFLOW = 89;

    // 2^f on [-1/2, 1/2] as 1 + f·(P1 + f·(P2 + ...)): least maximal relative error, 3.0e-9 after rounding the
    // coefficients to float.
    public static final float P1 = 0x1.62e43p-1f;
    public static final float P2 = 0x1.ebfbdcp-3f;
    public static final float P3 = 0x1.c6af7cp-5f;
    public static final float P4 = 0x1.3b2dep-7f;
    public static final float P5 = 0x1.5f082ep-10f;
    public static final float P6 = 0x1.416b52p-13f;

    private final float[] lanes = new float[SQUARE_LANES];
    private final ScalarSoftmax softmax = new ScalarSoftmax();
    private final RowDecoder decoder = new RowDecoder();
    private float[] weights = new float[0];

    private final ScalarGemm manyRows = new ScalarGemm();
    private final ScalarPacked packed = new ScalarPacked();
    private final ScalarAttention attention = new ScalarAttention(this);
    private final ScalarLayers layers = new ScalarLayers();
    private final ScalarTraining training = new ScalarTraining();

    /** Kernels of plain loops. */
    public ScalarKernels() {}

    @Override
    public int vectorBits() {
        return 0;
    }

    @Override
    public void gemm(HeapTensor x, HeapTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        if (x.rows() >= ScalarGemm.MIN_ROWS) {
            manyRows.run(x, w, y, rowBegin, rowEnd);
            return;
        }
        int inner = x.columns();
        int columns = y.columns();
        for (int n = rowBegin; n < rowEnd; n++) {
            for (int m = 0; m < x.rows(); m++) {
                y.data()[y.offset() + m * columns + n] =
                        dot(x.data(), x.offset() + m * inner, w.data(), w.offset() + n * inner, inner);
            }
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>The order is that of the dot product with the decoded weights, whatever their type.
     */
    @Override
    public void gemm(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        if (x.rows() >= ScalarGemm.MIN_ROWS) {
            manyRows.run(x, w, y, rowBegin, rowEnd);
            return;
        }
        int inner = x.columns();
        int columns = y.columns();
        if (weights.length < inner) {
            weights = new float[inner];
        }
        for (int n = rowBegin; n < rowEnd; n++) {
            decoder.decode(w, n, weights, 0);
            for (int m = 0; m < x.rows(); m++) {
                y.data()[y.offset() + m * columns + n] = dot(x.data(), x.offset() + m * inner, weights, 0, inner);
            }
        }
    }

    @Override
    public void quantize(HeapTensor x, QuantizedRows to, int rowBegin, int rowEnd) {
        ScalarPacked.quantize(x, to, rowBegin, rowEnd);
    }

    @Override
    public void gemm(QuantizedRows x, PackedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        packed.gemm(x, w, y, rowBegin, rowEnd);
    }

    @Override
    public void gemmBackwardInput(
            HeapTensor dy, HeapTensor w, HeapTensor dx, boolean accumulate, int rowBegin, int rowEnd) {
        int terms = w.rows();
        for (int m = rowBegin; m < rowEnd; m++) {
            int dxOffset = dx.offset() + m * dx.columns();
            chains(dy.data(), dy.offset() + m * terms, 1, w, terms, dx.data(), dxOffset, accumulate);
        }
    }

    @Override
    public void gemmBackwardWeight(
            HeapTensor dy, HeapTensor x, HeapTensor dw, boolean accumulate, int rowBegin, int rowEnd) {
        for (int n = rowBegin; n < rowEnd; n++) {
            int dwOffset = dw.offset() + n * dw.columns();
            chains(dy.data(), dy.offset() + n, dy.columns(), x, x.rows(), dw.data(), dwOffset, accumulate);
        }
    }

    /** One row of a gradient: out[k] continues by fma with a[t·step]·b[t, k], t ascending. */
    private static void chains(
            float[] a, int aOffset, int step, HeapTensor b, int terms, float[] out, int outOffset, boolean accumulate) {
        int columns = b.columns();
        for (int k = 0; k < columns; k++) {
            float sum = accumulate ? out[outOffset + k] : 0;
            for (int t = 0; t < terms; t++) {
                sum = Math.fma(a[aOffset + t * step], b.data()[b.offset() + t * columns + k], sum);
            }
            out[outOffset + k] = sum;
        }
    }

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        clear(LANES);
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                lanes[l] = Math.fma(a[aOffset + i + l], b[bOffset + i + l], lanes[l]);
            }
        }
        for (int l = 0; i + l < length; l++) {
            lanes[l] = Math.fma(a[aOffset + i + l], b[bOffset + i + l], lanes[l]);
        }
        return fold(LANES);
    }

    private void clear(int count) {
        for (int l = 0; l < count; l++) {
            lanes[l] = 0;
        }
    }

    private float fold(int count) {
        for (int half = count / 2; half > 0; half /= 2) {
            for (int l = 0; l < half; l++) {
                lanes[l] += lanes[l + half];
            }
        }
        return lanes[0];
    }

    @Override
    public float max(float[] x, int offset, int length) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            max = Math.max(max, x[offset + i]);
        }
        return Float.isNaN(max) ? Float.NaN : max;
    }

    @Override
    public int indexOf(float[] x, int offset, int length, float value) {
        for (int i = 0; i < length; i++) {
            if (x[offset + i] == value) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public void blockMaxima(float[] x, int xOffset, int length, float[] y, int yOffset) {
        BlockSearch.maxima(x, xOffset, length, y, yOffset);
    }

    @Override
    public int collectAtLeast(
            float[] x, int xOffset, int begin, int end, float threshold, int[] indices, float[] values, int count) {
        return BlockSearch.collect(x, xOffset, begin, end, threshold, indices, values, count);
    }

    @Override
    public double numerators(float[] x, int xOffset, float[] e, int eOffset, int length, int base, SoftmaxScale scale) {
        return softmax.numerators(x, xOffset, e, eOffset, length, base, scale);
    }

    @Override
    public void probabilities(float[] e, int eOffset, float[] y, int yOffset, int length, double factor) {
        ScalarSoftmax.probabilities(e, eOffset, y, yOffset, length, factor);
    }

    /**
     * exp within 1 ULP over all floats: the worst error is 0.85 ULP, exp(±0) = 1, exp(−∞) = 0, subnormal results are
     * right, from 88.722839 on the result is +∞, NaN gives NaN. Monotone.
     *
     * @param x any float
     * @return eˣ
     */
    public static float exp(float x) {
        if (x < EXP_UNDERFLOW) {
            return 0;
        }
        if (x > EXP_OVERFLOW) {
            return Float.POSITIVE_INFINITY;
        }
        if (Float.isNaN(x)) {
            return Float.NaN;
        }
        float y = x * LOG2_E_HIGH;
        float q = Math.fma(x, LOG2_E_HIGH, -y);
        q = Math.fma(x, LOG2_E_LOW, q);
        float r = y + ROUND;
        float p = pow2((y - (r - ROUND)) + q);
        // 2^n in two factors, each normal: n runs from -150 to 128.
        int n = Float.floatToRawIntBits(r) - Float.floatToRawIntBits(ROUND);
        int half = n >> 1;
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (half << 23))
                * Float.intBitsToFloat((n - half + 127) << 23);
    }

    /**
     * 2^f for |f| ≤ 1/2; exactly 1 at 0. The linear part 1 + P1·f is carried as high + low, so that the only rounding
     * of weight is the last: Horner's rule to the end would round P1·f by as much as neighbouring arguments differ, and
     * not be monotone.
     */
    private static float pow2(float f) {
        float p = Math.fma(P6, f, P5);
        p = Math.fma(p, f, P4);
        p = Math.fma(p, f, P3);
        p = Math.fma(p, f, P2);
        float high = Math.fma(f, P1, 1);
        float low = Math.fma(f, P1, 1 - high);
        return high + Math.fma(f * f, p, low);
    }

    @Override
    public void scale(float[] x, int xOffset, float[] y, int yOffset, int length, float factor) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = x[xOffset + i] * factor;
        }
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
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = Math.fma(x[xOffset + i] - max, inverseTemperature, -logSum);
        }
    }

    @Override
    public void affine(float[] x, int xOffset, float[] y, int yOffset, int length, float factor, float addend) {
        SoftmaxGradient.affine(x, xOffset, y, yOffset, length, factor, addend);
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
        SoftmaxGradient.ofSoftmax(p, pOffset, dp, dpOffset, dz, dzOffset, length, mean, inverseTemperature);
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
        SoftmaxGradient.ofLogSoftmax(p, pOffset, dl, dlOffset, dz, dzOffset, length, sum, inverseTemperature);
    }

    @Override
    public void exp(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = exp(x[xOffset + i]);
        }
    }

    @Override
    public void rmsNorm(HeapTensor x, HeapTensor weight, float epsilon, HeapTensor y, int rowBegin, int rowEnd) {
        int dim = x.columns();
        for (int row = rowBegin; row < rowEnd; row++) {
            int xOffset = x.offset() + row * dim;
            int yOffset = y.offset() + row * dim;
            clear(SQUARE_LANES);
            for (int i = 0; i < dim; i++) {
                float value = x.data()[xOffset + i];
                lanes[i % SQUARE_LANES] = Math.fma(value, value, lanes[i % SQUARE_LANES]);
            }
            float inverse = inverseRootMeanSquare(fold(SQUARE_LANES), dim, epsilon);
            for (int i = 0; i < dim; i++) {
                y.data()[yOffset + i] = (x.data()[xOffset + i] * inverse) * weight.data()[weight.offset() + i];
            }
        }
    }

    /**
     * 1/√(squares/dim + ε), in double and rounded once.
     *
     * @param squares Σx²
     * @param dim elements summed
     * @param epsilon ε
     * @return the factor of an RMSNorm
     */
    public static float inverseRootMeanSquare(float squares, int dim, float epsilon) {
        return (float) (1 / Math.sqrt((double) squares / dim + epsilon));
    }

    @Override
    public void silu(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = silu(x[xOffset + i]);
        }
    }

    /**
     * x/(1 + exp(−x)). Below −88.722839 the denominator is +∞ and the result −0, where the exact value is above
     * −2.6e−37; at −∞ too, which counts as the lowest finite float.
     *
     * @param x any float
     * @return silu(x)
     */
    public static float silu(float x) {
        return Math.max(x, -Float.MAX_VALUE) / (1 + exp(-x));
    }

    @Override
    public void swiGlu(float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = silu(gate[gateOffset + i]) * up[upOffset + i];
        }
    }

    @Override
    public void add(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = a[aOffset + i] + b[bOffset + i];
        }
    }

    @Override
    public void mul(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = a[aOffset + i] * b[bOffset + i];
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>(x₀, x₁) becomes (fma(x₀, cos, −(x₁·sin)), fma(x₁, cos, x₀·sin)).
     */
    @Override
    public void rope(HeapTensor x, RopeTable table, int[] positions, int rowBegin, int rowEnd) {
        int pairs = table.dims() / 2;
        int heads = x.columns() / table.headDim();
        for (int row = rowBegin; row < rowEnd; row++) {
            for (int head = 0; head < heads; head++) {
                int offset = x.offset() + row * x.columns() + head * table.headDim();
                rotate(x.data(), offset, table, positions[row] * pairs, 0, pairs);
            }
        }
    }

    /**
     * Rotates some pairs of one head.
     *
     * @param x holds the head
     * @param offset its first element
     * @param table cosines and sines
     * @param tableOffset those of its position
     * @param pairBegin the first pair
     * @param pairEnd the pair after the last
     */
    public static void rotate(float[] x, int offset, RopeTable table, int tableOffset, int pairBegin, int pairEnd) {
        boolean adjacent = table.pairing() == RopeTable.Pairing.ADJACENT;
        int step = adjacent ? 2 : 1;
        int apart = adjacent ? 1 : table.dims() / 2;
        for (int i = pairBegin; i < pairEnd; i++) {
            float cos = table.cos()[tableOffset + i];
            float sin = table.sin()[tableOffset + i];
            int first = offset + step * i;
            float x0 = x[first];
            float x1 = x[first + apart];
            x[first] = Math.fma(x0, cos, -(x1 * sin));
            x[first + apart] = Math.fma(x1, cos, x0 * sin);
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>The order is that of {@link ScalarAttention}.
     */
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
