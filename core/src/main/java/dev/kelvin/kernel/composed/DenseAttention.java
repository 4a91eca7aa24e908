// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.composed;

import dev.kelvin.kernel.ChainKernels;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.SoftmaxChunk;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.operand.AttentionBias;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.DenseAttentionCall;
import dev.kelvin.operand.Heads;
import dev.kelvin.tensor.BlockFormat;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Attention over keys and values in tensors, in terms of kernels whose order is fixed elsewhere; no [T, S] matrix is
 * stored. A work item is a block of {@value #BLOCK} queries of one head.
 *
 * <p>Scores are q·k by {@link ChainKernels#mix}, ascending over keyDim, times the scale, through the soft cap, plus the
 * bias. A query's softmax at τ = 1 runs over the keys from the first to the last that its {@link AttentionMask} shows,
 * hidden ones with probability +0; a sink is added to the sum last. The values are added by {@code mix}, ascending over
 * the keys that the block sees, those that the query does not see with +0; where a value is not finite, over those that
 * it sees alone. Who sees no key has +0; whose largest score is NaN or +∞ has NaN.
 *
 * <p>An instance owns scratch and belongs to one thread.
 */
public final class DenseAttention {
    /** Queries that are taken together. */
    public static final int BLOCK = 32;

    private final Kernels kernels;
    private final SoftmaxRow softmax;
    private float[] keysTransposed = new float[0];
    private float[] decoded = new float[0];
    private float[] row = new float[0];
    private float[] probs = new float[0];
    private byte[] bytes = new byte[0];

    /** The key/value head that is loaded, and where its values lie. */
    private int loaded;

    private float[] values;
    private int valuesOffset;
    private int valuesStride;
    private boolean finite;

    /**
     * Attention computed by these kernels.
     *
     * @param kernels of the same thread
     */
    public DenseAttention(Kernels kernels) {
        this.kernels = kernels;
        softmax = new SoftmaxRow(kernels);
    }

    /** The blocks of queries that a head has. */
    public static int blocks(DenseAttentionCall call) {
        return Math.ceilDiv(call.q().rows(), BLOCK);
    }

    /**
     * Some items: blocks of queries within heads within sequences.
     *
     * @param call what to compute
     * @param begin the first item
     * @param end the item after the last
     */
    public void attend(DenseAttentionCall call, int begin, int end) {
        int blocks = blocks(call);
        int heads = call.q().heads();
        int kvHeads = call.k().heads();
        loaded = -1;
        for (int item = begin; item < end; item++) {
            int sequence = item / (blocks * heads);
            int head = item / blocks % heads;
            int kvHead = head / (heads / kvHeads);
            if (loaded != sequence * kvHeads + kvHead) {
                load(call, sequence, kvHead);
                loaded = sequence * kvHeads + kvHead;
            }
            int first = item % blocks * BLOCK;
            block(call, sequence, head, first, Math.min(BLOCK, call.q().rows() - first));
        }
        values = null;
    }

    private void load(DenseAttentionCall call, int sequence, int kvHead) {
        Heads k = call.k();
        Heads v = call.v();
        int length = call.keyLength(sequence);
        if (keysTransposed.length < k.dim() * length) {
            keysTransposed = new float[k.dim() * length];
        }
        if (row.length < k.dim()) {
            row = new float[k.dim()];
        }
        for (int t = 0; t < length; t++) {
            read(k, k.at(sequence, t, kvHead), row, 0);
            for (int i = 0; i < k.dim(); i++) {
                keysTransposed[i * length + t] = row[i];
            }
        }
        if (v.tensor() instanceof HeapTensor heap) {
            values = heap.data();
            valuesOffset = heap.offset() + v.at(sequence, 0, kvHead);
            valuesStride = v.rowStride();
        } else {
            if (decoded.length < v.dim() * length) {
                decoded = new float[v.dim() * length];
            }
            for (int t = 0; t < length; t++) {
                read(v, v.at(sequence, t, kvHead), decoded, t * v.dim());
            }
            values = decoded;
            valuesOffset = 0;
            valuesStride = v.dim();
        }
        finite = true;
        for (int t = 0; t < length && finite; t++) {
            finite = allFinite(values, valuesOffset + t * valuesStride, v.dim());
        }
    }

    private static boolean allFinite(float[] x, int offset, int length) {
        float sum = 0;
        for (int i = offset; i < offset + length; i++) {
            sum += x[i] * 0; // NaN if anything is infinite or NaN
        }
        return sum == 0;
    }

    private void read(Heads heads, int at, float[] to, int offset) {
        if (heads.tensor() instanceof HeapTensor heap) {
            System.arraycopy(heap.data(), heap.offset() + at, to, offset, heads.dim());
        } else if (heads.tensor() instanceof MappedTensor mapped) {
            BlockFormat format = mapped.dtype().format();
            int length = heads.dim() / format.blockSize() * format.blockBytes();
            if (bytes.length < length) {
                bytes = new byte[length];
            }
            long from = mapped.dtype().byteSize(at);
            MemorySegment.copy(mapped.segment(), ValueLayout.JAVA_BYTE, from, bytes, 0, length);
            format.decode(bytes, 0, to, offset, heads.dim());
        }
    }

    private void block(DenseAttentionCall call, int sequence, int head, int first, int rows) {
        int length = call.keyLength(sequence);
        // What a later query sees begins and ends no earlier.
        int begin = call.begin(sequence, first);
        int width = Math.max(0, call.end(sequence, first + rows - 1) - begin);
        if (probs.length < BLOCK * width) {
            probs = new float[BLOCK * Math.max(width, Math.min(2 * width, length))];
        }
        Heads q = call.q();
        HeapTensor queries = (HeapTensor) q.tensor();
        int qAt = queries.offset() + q.at(sequence, first, head);
        kernels.chains()
                .mix(
                        queries.data(),
                        qAt,
                        q.rowStride(),
                        1,
                        keysTransposed,
                        begin,
                        length,
                        probs,
                        0,
                        width,
                        rows,
                        q.dim(),
                        width,
                        false);
        for (int i = 0; i < rows; i++) {
            int from = call.begin(sequence, first + i);
            int seen = Math.max(0, call.end(sequence, first + i) - from);
            int at = i * width + from - begin;
            if (seen > 0) {
                probabilities(call, sequence, head, first + i, from, at, seen);
                Arrays.fill(probs, i * width, at, 0);
                Arrays.fill(probs, at + seen, (i + 1) * width, 0);
            } else {
                Arrays.fill(probs, i * width, (i + 1) * width, 0);
            }
        }
        weigh(call, sequence, head, first, rows, begin, width);
    }

    /** Makes probabilities of the products of a query with the keys it sees. */
    private void probabilities(DenseAttentionCall call, int sequence, int head, int query, int from, int at, int seen) {
        kernels.elements().scale(probs, at, probs, at, seen, call.scale());
        if (call.scores().isCapped()) {
            kernels.elements().softCap(probs, at, probs, at, seen, call.scores().softCap());
        }
        AttentionBias bias = call.bias();
        if (bias != null) {
            float[] added = bias.values().data();
            int step = bias.keyStride();
            int biasAt = bias.at(sequence, head, query) + from * step;
            for (int j = 0; j < seen; j++) {
                float addend = added[biasAt + j * step];
                probs[at + j] = addend == Float.NEGATIVE_INFINITY ? addend : probs[at + j] + addend;
            }
        }
        float max = softmax.max(probs, at, seen);
        if (Float.isFinite(max)) {
            double sum = softmax.numerators(probs, at, probs, at, seen, SoftmaxScale.ONE);
            double sink = SoftmaxChunk.sink(call.scores(), head, max);
            softmax.probabilities(probs, at, probs, at, seen, sink == 0 ? 1 : sum / (sum + sink));
        } else {
            Arrays.fill(probs, at, at + seen, max == Float.NEGATIVE_INFINITY ? 0 : Float.NaN);
        }
    }

    private void weigh(DenseAttentionCall call, int sequence, int head, int first, int rows, int begin, int width) {
        Heads out = call.out();
        HeapTensor result = (HeapTensor) out.tensor();
        if (finite) {
            kernels.chains()
                    .mix(
                            probs,
                            0,
                            width,
                            1,
                            values,
                            valuesOffset + begin * valuesStride,
                            valuesStride,
                            result.data(),
                            result.offset() + out.at(sequence, first, head),
                            out.rowStride(),
                            rows,
                            width,
                            out.dim(),
                            false);
            return;
        }
        for (int i = 0; i < rows; i++) {
            int to = result.offset() + out.at(sequence, first + i, head);
            Arrays.fill(result.data(), to, to + out.dim(), 0);
            int end = call.end(sequence, first + i);
            for (int j = call.begin(sequence, first + i); j < end; j++) {
                if (!hides(call.bias(), sequence, head, first + i, j)) {
                    int from = valuesOffset + j * valuesStride;
                    float weight = probs[i * width + j - begin];
                    kernels.elements().addMultiple(values, from, result.data(), to, out.dim(), weight);
                }
            }
        }
    }

    private static boolean hides(AttentionBias bias, int sequence, int head, int query, int key) {
        return bias != null
                && bias.values().data()[bias.at(sequence, head, query) + key * bias.keyStride()]
                        == Float.NEGATIVE_INFINITY;
    }
}
