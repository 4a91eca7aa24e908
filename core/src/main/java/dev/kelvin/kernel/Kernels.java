// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;

/**
 * The loops over numbers. Each method has one canonical order of floating-point operations, stated and written as plain
 * loops in {@link ScalarKernels}; every implementation gives the same bits.
 *
 * <p>A kernel works serially on the range it is given, allocates nothing once its scratch has grown, and checks
 * nothing: its caller has proved shapes and ranges. An instance owns scratch and so belongs to one thread at a time.
 * Null is never allowed.
 */
public interface Kernels {
    /** The width of a vector in bits: 128, 256 or 512; 0 for plain loops. */
    int vectorBits();

    /**
     * Some columns of Y = X·Wᵀ: y[m, n] = Σₖ x[m, k]·w[n, k] for n in [rowBegin, rowEnd).
     *
     * @param x [M, K]
     * @param w [N, K]
     * @param y [M, N]; may not overlap the others
     * @param rowBegin the first row of w
     * @param rowEnd the row of w after the last
     */
    void gemm(HeapTensor x, HeapTensor w, HeapTensor y, int rowBegin, int rowEnd);

    /**
     * {@link #gemm(HeapTensor, HeapTensor, HeapTensor, int, int)} with weights in a memory segment.
     *
     * @param x [M, K]
     * @param w [N, K], of a type that can be decoded
     * @param y [M, N]
     * @param rowBegin the first row of w
     * @param rowEnd the row of w after the last
     */
    void gemm(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd);

    /**
     * Takes rows of x in codes of 8 bits, for products with packed weights.
     *
     * @param x [M, K]
     * @param to {@linkplain QuantizedRows#prepare prepared} for M, K and the layout of the weights
     * @param rowBegin the first row
     * @param rowEnd the row after the last
     */
    void quantize(HeapTensor x, QuantizedRows to, int rowBegin, int rowEnd);

    /**
     * {@link #gemm(HeapTensor, HeapTensor, HeapTensor, int, int)} with packed weights and activations in codes.
     *
     * @param x [M, K], prepared for the layout of w
     * @param w [N, K]
     * @param y [M, N]
     * @param rowBegin the first row of w, a multiple of {@value dev.kelvin.tensor.PackedLayout#STRIP}
     * @param rowEnd the row of w after the last; such a multiple too, or N
     */
    void gemm(QuantizedRows x, PackedTensor w, HeapTensor y, int rowBegin, int rowEnd);

    /**
     * Some rows of dX = dY·W, the gradient of the input of Y = X·Wᵀ: dx[m, k] = Σₙ dy[m, n]·w[n, k] for m in [rowBegin,
     * rowEnd).
     *
     * @param dy [M, N]
     * @param w [N, K]
     * @param dx [M, K]; may not overlap the others
     * @param accumulate whether the sums continue from what dx holds, or start from +0
     * @param rowBegin the first row of dx
     * @param rowEnd the row of dx after the last
     */
    void gemmBackwardInput(HeapTensor dy, HeapTensor w, HeapTensor dx, boolean accumulate, int rowBegin, int rowEnd);

    /**
     * Some rows of dW = dYᵀ·X, the gradient of the weights of Y = X·Wᵀ: dw[n, k] = Σₘ dy[m, n]·x[m, k] for n in
     * [rowBegin, rowEnd).
     *
     * @param dy [M, N]
     * @param x [M, K]
     * @param dw [N, K]; may not overlap the others
     * @param accumulate whether the sums continue from what dw holds, or start from +0
     * @param rowBegin the first row of dw
     * @param rowEnd the row of dw after the last
     */
    void gemmBackwardWeight(HeapTensor dy, HeapTensor x, HeapTensor dw, boolean accumulate, int rowBegin, int rowEnd);

    /** The dot product Σᵢ a[i]·b[i] over {@code length} elements from the offsets on. */
    float dot(float[] a, int aOffset, float[] b, int bOffset, int length);

    /** The largest element; NaN if any is NaN, −∞ if there is none. */
    float max(float[] x, int offset, int length);

    /** The first i with x[offset + i] == value, in [0, length); −1 if there is none. */
    int indexOf(float[] x, int offset, int length, float value);

    /**
     * The largest element of each block of {@value BlockSearch#BLOCK} elements, NaN where any is NaN; the last block
     * may be shorter.
     *
     * @param x holds the elements
     * @param xOffset the first element
     * @param length the number of elements
     * @param y receives {@link BlockSearch#count} maxima; not {@code x}
     * @param yOffset where the first maximum goes
     */
    void blockMaxima(float[] x, int xOffset, int length, float[] y, int yOffset);

    /**
     * Collects the elements x[xOffset + i] ≥ threshold for i in [begin, end), ascending.
     *
     * @param indices receives the i from place {@code count} on; must have room for all of the range
     * @param values receives the elements at the same places; not {@code x}
     * @param count how many stand in both already
     * @return how many stand there then
     */
    int collectAtLeast(
            float[] x, int xOffset, int begin, int end, float threshold, int[] indices, float[] values, int count);

    /**
     * The numerators of a softmax over one chunk, e[i] = 2^(32 − base)·exp(x[i]/τ), and their sum; see
     * {@link ScalarSoftmax}.
     *
     * @param x logits, none NaN or above the chunk's maximum
     * @param xOffset the first logit
     * @param e receives the numerators; may be {@code x} at the same offset
     * @param eOffset where the first numerator goes
     * @param length the number of logits, at most {@link ScalarSoftmax#CHUNK}
     * @param base {@link SoftmaxScale#base} of the chunk's maximum
     * @param scale of τ
     * @return the sum
     */
    double numerators(float[] x, int xOffset, float[] e, int eOffset, int length, int base, SoftmaxScale scale);

    /**
     * Probabilities from the numerators of one chunk: y[i] = e[i]·factor, rounded once, as the factor is taken as a
     * pair of floats; {@code y} may be {@code e} at the same offset.
     *
     * @param factor 2^(base − the row's base)/(the row's sum)
     */
    void probabilities(float[] e, int eOffset, float[] y, int yOffset, int length, double factor);

    /** y[i] = x[i]·factor; {@code y} may be {@code x} at the same offset. */
    void scale(float[] x, int xOffset, float[] y, int yOffset, int length, float factor);

    /**
     * Log-probabilities: y[i] = (x[i] − max)·inverseTemperature − logSum, as one fused multiply-add; {@code y} may be
     * {@code x} at the same offset.
     */
    void logProbs(
            float[] x,
            int xOffset,
            float[] y,
            int yOffset,
            int length,
            float max,
            float inverseTemperature,
            float logSum);

    /** y[i] = x[i]·factor + addend, as one fused multiply-add; {@code y} may be {@code x} at the same offset. */
    void affine(float[] x, int xOffset, float[] y, int yOffset, int length, float factor, float addend);

    /**
     * The gradient of a softmax by its logits: dz[i] = ((dp[i] − mean)·p[i])·inverseTemperature, in this order.
     *
     * @param p probabilities
     * @param pOffset the first probability
     * @param dp the gradient by the probabilities
     * @param dpOffset its first element
     * @param dz receives the gradient by the logits; may be {@code p} or {@code dp} at the same offset
     * @param dzOffset where its first element goes
     * @param length the number of elements
     * @param mean Σp·dp of the whole row
     * @param inverseTemperature 1/τ
     */
    void softmaxGradient(
            float[] p,
            int pOffset,
            float[] dp,
            int dpOffset,
            float[] dz,
            int dzOffset,
            int length,
            float mean,
            float inverseTemperature);

    /**
     * The gradient of a log-softmax by its logits: dz[i] = fma(p[i], −sum, dl[i])·inverseTemperature.
     *
     * @param p probabilities
     * @param pOffset the first probability
     * @param dl the gradient by the log-probabilities
     * @param dlOffset its first element
     * @param dz receives the gradient by the logits; may be {@code p} or {@code dl} at the same offset
     * @param dzOffset where its first element goes
     * @param length the number of elements
     * @param sum Σdl of the whole row
     * @param inverseTemperature 1/τ
     */
    void logSoftmaxGradient(
            float[] p,
            int pOffset,
            float[] dl,
            int dlOffset,
            float[] dz,
            int dzOffset,
            int length,
            float sum,
            float inverseTemperature);

    /** y[i] = exp(x[i]) within 1 ULP; {@code y} may be {@code x} at the same offset. */
    void exp(float[] x, int xOffset, float[] y, int yOffset, int length);

    /**
     * RMSNorm of rows: y = x/√(mean(x²) + ε)·weight.
     *
     * @param x [T, D]
     * @param weight [D]
     * @param epsilon ε
     * @param y [T, D]; may be x
     * @param rowBegin the first row
     * @param rowEnd the row after the last
     */
    void rmsNorm(HeapTensor x, HeapTensor weight, float epsilon, HeapTensor y, int rowBegin, int rowEnd);

    /** y[i] = x[i]/(1 + exp(−x[i])); {@code y} may be {@code x} at the same offset. */
    void silu(float[] x, int xOffset, float[] y, int yOffset, int length);

    /** y[i] = silu(gate[i])·up[i]; {@code y} may be either at the same offset. */
    void swiGlu(float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int length);

    /** y[i] = a[i] + b[i]; {@code y} may be either at the same offset. */
    void add(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length);

    /** y[i] = a[i]·b[i]; {@code y} may be either at the same offset. */
    void mul(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int length);

    /**
     * Rotates, in place, the pairs among the first {@code table.dims()} elements of each head.
     *
     * @param x [T, H·table.headDim()]
     * @param table covers the positions
     * @param positions of the rows of x
     * @param rowBegin the first row
     * @param rowEnd the row after the last
     */
    void rope(HeapTensor x, RopeTable table, int[] positions, int rowBegin, int rowEnd);

    /**
     * Part of an attention: the work items in [begin, end), one query of one head each. The items of a span of rows
     * follow those of the spans before it, and among them item h·T + t is query t of its T in head h.
     *
     * @param call what to compute
     * @param begin the first item
     * @param end the item after the last
     */
    void attention(AttentionCall call, int begin, int end);

    /** The loops that only some architectures' layers need, on the same lanes. */
    LayerKernels layers();

    /** The loops that only training needs, on the same lanes. */
    TrainingKernels training();
}
