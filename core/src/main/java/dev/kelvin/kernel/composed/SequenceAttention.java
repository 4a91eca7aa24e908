// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.composed;

import dev.kelvin.kernel.ChainKernels;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.operand.SequenceAttentionCall;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/**
 * Attention over whole sequences and its derivative, in terms of kernels whose order is fixed elsewhere. No [T, T]
 * matrix is stored: the backward pass computes the probabilities again, one block of {@value #BLOCK} queries at a time.
 *
 * <p>A block of queries takes the keys up to its own end; where a key lies behind a query its probability is +0 and
 * takes part in the sums as such. A query whose largest score is not finite has NaN for its other probabilities. Per
 * block, with all products by {@link ChainKernels#mix}:
 *
 * <pre>
 * S = Q·Kᵀ·scale, ascending over headDim     P = softmax(S) at τ = 1  ({@link SoftmaxRow})
 * out = P·V                                  dP = dOut·Vᵀ
 * dV += Pᵀ·dOut                              dS = P∘(dP − dot(P, dP))·scale
 * dQ = dS·K                                  dK += dSᵀ·Q
 * </pre>
 *
 * dK and dV begin at +0 and take query heads, then blocks, ascending. Source of the form: Dao et al., FlashAttention,
 * arXiv:2205.14135, appendix B.
 *
 * <p>A work item is one key/value head of one sequence with all query heads that read it, so items write apart. An
 * instance owns scratch and belongs to one thread.
 */
public final class SequenceAttention {
    /** Queries that are taken together. */
    public static final int BLOCK = 32;

    private final Kernels kernels;
    private final SoftmaxRow softmax;
    private float[] keysTransposed = new float[0];
    private float[] valuesTransposed = new float[0];
    private float[] probs = new float[0];
    private float[] gradient = new float[0];

    /**
     * Attention computed by these kernels.
     *
     * @param kernels of the same thread
     */
    public SequenceAttention(Kernels kernels) {
        this.kernels = kernels;
        this.softmax = new SoftmaxRow(kernels);
    }

    private void reserve(int length, int headDim) {
        if (keysTransposed.length < headDim * length) {
            keysTransposed = new float[headDim * length];
            valuesTransposed = new float[headDim * length];
        }
        if (probs.length < BLOCK * length) {
            probs = new float[BLOCK * length];
            gradient = new float[BLOCK * length];
        }
    }

    /**
     * The forward pass.
     *
     * @param call what to compute
     * @param begin the first item, b·kvHeads + kvHead
     * @param end the item after the last
     */
    public void forward(SequenceAttentionCall call, int begin, int end) {
        int length = call.length();
        int dim = call.headDim();
        int group = call.heads() / call.kvHeads();
        int kvStride = call.kvHeads() * dim;
        int stride = call.heads() * dim;
        reserve(length, dim);
        for (int item = begin; item < end; item++) {
            int row = item / call.kvHeads() * length;
            int kvHead = item % call.kvHeads();
            int kvAt = row * kvStride + kvHead * dim;
            transpose(call.k().data(), call.k().offset() + kvAt, kvStride, length, dim, keysTransposed);
            for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
                for (int first = 0; first < length; first += BLOCK) {
                    int rows = Math.min(BLOCK, length - first);
                    int at = (row + first) * stride + head * dim;
                    probabilities(call, at, first, rows, length);
                    kernels.chains()
                            .mix(
                                    probs,
                                    0,
                                    length,
                                    1,
                                    call.v().data(),
                                    call.v().offset() + kvAt,
                                    kvStride,
                                    call.out().data(),
                                    call.out().offset() + at,
                                    stride,
                                    rows,
                                    first + rows,
                                    dim,
                                    false);
                }
            }
        }
    }

    /**
     * The backward pass.
     *
     * @param call as in the forward pass
     * @param dOut [B·T, heads·headDim]
     * @param dQ the shape of q, overwritten
     * @param dK the shape of k, overwritten
     * @param dV the shape of v, overwritten
     * @param begin the first item, b·kvHeads + kvHead
     * @param end the item after the last
     */
    public void backward(
            SequenceAttentionCall call,
            HeapTensor dOut,
            HeapTensor dQ,
            HeapTensor dK,
            HeapTensor dV,
            int begin,
            int end) {
        int length = call.length();
        int dim = call.headDim();
        int group = call.heads() / call.kvHeads();
        int kvStride = call.kvHeads() * dim;
        int stride = call.heads() * dim;
        reserve(length, dim);
        for (int item = begin; item < end; item++) {
            int row = item / call.kvHeads() * length;
            int kvHead = item % call.kvHeads();
            int kvAt = row * kvStride + kvHead * dim;
            transpose(call.k().data(), call.k().offset() + kvAt, kvStride, length, dim, keysTransposed);
            transpose(call.v().data(), call.v().offset() + kvAt, kvStride, length, dim, valuesTransposed);
            for (int t = 0; t < length; t++) {
                int kAt = dK.offset() + kvAt + t * kvStride;
                Arrays.fill(dK.data(), kAt, kAt + dim, 0);
                int vAt = dV.offset() + kvAt + t * kvStride;
                Arrays.fill(dV.data(), vAt, vAt + dim, 0);
            }
            for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
                for (int first = 0; first < length; first += BLOCK) {
                    int rows = Math.min(BLOCK, length - first);
                    int at = (row + first) * stride + head * dim;
                    block(call, dOut, dQ, dK, dV, at, kvAt, first, rows);
                }
            }
        }
    }

    private void block(
            SequenceAttentionCall call,
            HeapTensor dOut,
            HeapTensor dQ,
            HeapTensor dK,
            HeapTensor dV,
            int at,
            int kvAt,
            int first,
            int rows) {
        int length = call.length();
        int dim = call.headDim();
        int kvStride = call.kvHeads() * dim;
        int stride = call.heads() * dim;
        int keys = first + rows;
        float[] dOutData = dOut.data();
        int dOutAt = dOut.offset() + at;
        probabilities(call, at, first, rows, length);
        kernels.chains()
                .mix(
                        probs,
                        0,
                        1,
                        length,
                        dOutData,
                        dOutAt,
                        stride,
                        dV.data(),
                        dV.offset() + kvAt,
                        kvStride,
                        keys,
                        rows,
                        dim,
                        true);
        kernels.chains()
                .mix(
                        dOutData,
                        dOutAt,
                        stride,
                        1,
                        valuesTransposed,
                        0,
                        length,
                        gradient,
                        0,
                        length,
                        rows,
                        dim,
                        keys,
                        false);
        for (int i = 0; i < rows; i++) {
            int from = i * length;
            int seen = first + i + 1;
            float mean = kernels.rows().dot(probs, from, gradient, from, seen);
            kernels.softmax().softmaxGradient(probs, from, gradient, from, gradient, from, seen, mean, call.scale());
            Arrays.fill(gradient, from + seen, from + keys, 0);
        }
        kernels.chains()
                .mix(
                        gradient,
                        0,
                        length,
                        1,
                        call.k().data(),
                        call.k().offset() + kvAt,
                        kvStride,
                        dQ.data(),
                        dQ.offset() + at,
                        stride,
                        rows,
                        keys,
                        dim,
                        false);
        kernels.chains()
                .mix(
                        gradient,
                        0,
                        1,
                        length,
                        call.q().data(),
                        call.q().offset() + at,
                        stride,
                        dK.data(),
                        dK.offset() + kvAt,
                        kvStride,
                        keys,
                        rows,
                        dim,
                        true);
    }

    /** Leaves the probabilities of a block of queries in {@link #probs}, [rows][length]. */
    private void probabilities(SequenceAttentionCall call, int at, int first, int rows, int length) {
        int keys = first + rows;
        kernels.chains()
                .mix(
                        call.q().data(),
                        call.q().offset() + at,
                        call.heads() * call.headDim(),
                        1,
                        keysTransposed,
                        0,
                        length,
                        probs,
                        0,
                        length,
                        rows,
                        call.headDim(),
                        keys,
                        false);
        for (int i = 0; i < rows; i++) {
            int from = i * length;
            int seen = first + i + 1;
            kernels.elements().scale(probs, from, probs, from, seen, call.scale());
            if (Float.isFinite(softmax.max(probs, from, seen))) {
                softmax.numerators(probs, from, probs, from, seen, SoftmaxScale.ONE);
                softmax.probabilities(probs, from, probs, from, seen, 1);
            } else {
                Arrays.fill(probs, from, from + seen, Float.NaN);
            }
            Arrays.fill(probs, from + seen, from + keys, 0);
        }
    }

    private static void transpose(float[] from, int offset, int stride, int length, int dim, float[] to) {
        for (int t = 0; t < length; t++) {
            for (int i = 0; i < dim; i++) {
                to[i * length + t] = from[offset + t * stride + i];
            }
        }
    }
}
