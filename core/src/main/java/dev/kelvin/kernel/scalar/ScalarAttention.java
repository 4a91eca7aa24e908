// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

import dev.kelvin.kernel.AttentionKernels;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.KvBlocks;
import dev.kelvin.kernel.SoftmaxChunk;
import dev.kelvin.kernel.SoftmaxKernels;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.operand.AttentionCall;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.KvSlice;
import dev.kelvin.tensor.RowSpans;

/**
 * The specification of attention, one query of one head at a time.
 *
 * <p>Scores are scale·(Σᵢ qᵢ·kⱼᵢ), ascending in i by fma from +0, as lanes run along the positions j; a soft cap c
 * makes c·tanh(s/c) of them, with {@link ScalarActivations#tanh} and a division. Keys and values are as their page
 * decodes them. Numerators and sums are those of a softmax at τ = 1 over the positions that the query sees, chunk by
 * chunk of {@value SoftmaxKernels#CHUNK} positions counted from the beginning of the sequence; a
 * {@linkplain SoftmaxChunk#sink sink} is added to the sum last. Within a chunk, oᵢ = Σⱼ eⱼ·vⱼᵢ ascending in j by fma
 * from +0; the chunks' oᵢ are added ascending by fma with 2^(chunk's base − row's base), from +0; the result is that
 * times (float) (1/sum). A maximum that is not finite makes NaN of it.
 */
final class ScalarAttention implements AttentionKernels {
    private static final int CHUNK = SoftmaxKernels.CHUNK;

    private final Kernels kernels;
    private float[] scores = new float[0];
    private final KvBlocks blocks = new KvBlocks();
    private float[] mixed = new float[0];

    ScalarAttention(Kernels kernels) {
        this.kernels = kernels;
    }

    @Override
    public void attention(AttentionCall call, int begin, int end) {
        RowSpans spans = call.rows().spans();
        KvSlice slice = call.rows().slice();
        if (mixed.length < slice.valueDim()) {
            mixed = new float[slice.valueDim()];
        }
        for (int item = begin; item < end; item++) {
            int span = spans.of(item / call.heads());
            int local = item - call.heads() * spans.rowBegin(span);
            int head = local / spans.rows(span);
            int query = local % spans.rows(span);
            int position = spans.position(span) + query;
            int first = call.mask().begin(position);
            int length = call.mask().end(position, spans.end(span)) - first;
            if (scores.length < length) {
                scores = new float[Math.max(length, Math.min(2 * scores.length, 1 << 20))];
            }
            int row = spans.rowBegin(span) + query;
            int kvHead = head / (call.heads() / slice.kvHeads());
            int qOffset = call.q().offset() + row * call.q().columns() + head * slice.keyDim();
            score(call, call.rows().pages()[span], kvHead, qOffset, first, length);
            int outOffset = call.out().offset() + row * call.out().columns() + head * slice.valueDim();
            weigh(call, call.rows().pages()[span], head, outOffset, first, length);
        }
    }

    private void score(AttentionCall call, KvPage[] pages, int kvHead, int qOffset, int first, int length) {
        KvSlice slice = call.rows().slice();
        float[] q = call.q().data();
        float[] keys = null;
        for (int j = first, place; j < first + length; j++) {
            place = j % KvPage.POSITIONS;
            if (j == first || place == 0) {
                keys = blocks.keys(pages[j / KvPage.POSITIONS], slice, kvHead);
            }
            float dot = 0;
            for (int i = 0; i < slice.keyDim(); i++) {
                dot = Math.fma(q[qOffset + i], keys[blocks.offset() + i * KvPage.POSITIONS + place], dot);
            }
            float score = call.scale() * dot;
            if (call.scores().isCapped()) {
                score = ScalarActivations.softCap(score, call.scores().softCap());
            }
            scores[j - first] = score;
        }
    }

    private void weigh(AttentionCall call, KvPage[] pages, int head, int outOffset, int first, int length) {
        SoftmaxScale one = SoftmaxScale.ONE;
        float[] out = call.out().data();
        int dim = call.rows().slice().valueDim();
        int kvHead = head / (call.heads() / call.rows().slice().kvHeads());
        float max = kernels.rows().max(scores, 0, length);
        int rowBase = one.base(max, max);
        for (int i = 0; i < dim; i++) {
            out[outOffset + i] = 0;
        }
        double sum = 0;
        int end = first + length;
        for (int begin = first, next; begin < end; begin = next) {
            next = Math.min(end, (begin / CHUNK + 1) * CHUNK);
            int at = begin - first;
            int count = next - begin;
            int base = one.base(kernels.rows().max(scores, at, count), max);
            double chunkSum = SoftmaxChunk.numerators(kernels, scores, at, scores, at, count, base, max, one);
            sum += SoftmaxChunk.inRow(chunkSum, base, rowBase);
            float weight = (float) SoftmaxChunk.inRow(1, base, rowBase);
            mix(call.rows(), pages, kvHead, first, begin, next);
            for (int i = 0; i < dim; i++) {
                out[outOffset + i] = Math.fma(mixed[i], weight, out[outOffset + i]);
            }
        }
        sum += SoftmaxChunk.sink(call.scores(), head, max);
        float inverse = Float.isFinite(max) ? (float) (1 / sum) : Float.NaN;
        for (int i = 0; i < dim; i++) {
            out[outOffset + i] *= inverse;
        }
    }

    /** Leaves Σ eⱼ·vⱼ over the positions of [begin, end) in {@link #mixed}. */
    private void mix(KvRows rows, KvPage[] pages, int kvHead, int first, int begin, int end) {
        int dim = rows.slice().valueDim();
        for (int i = 0; i < dim; i++) {
            mixed[i] = 0;
        }
        float[] values = null;
        for (int j = begin, place; j < end; j++) {
            place = j % KvPage.POSITIONS;
            if (j == begin || place == 0) {
                values = blocks.values(pages[j / KvPage.POSITIONS], rows.slice(), kvHead);
            }
            for (int i = 0; i < dim; i++) {
                mixed[i] = Math.fma(scores[j - first], values[blocks.offset() + place * dim + i], mixed[i]);
            }
        }
    }
}
