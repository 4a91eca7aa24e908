// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.AttentionCall;
import dev.kelvin.kernel.SoftmaxScale;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Attention, one query of one head at a time: a gemv over the keys, a softmax over one row of scores, a weighted sum of
 * the values.
 */
final class AttentionLanes {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private final HeapGemm gemm;
    private final SoftmaxLanes softmax;
    private float[] scores = new float[0];

    AttentionLanes(HeapGemm gemm, SoftmaxLanes softmax) {
        this.gemm = gemm;
        this.softmax = softmax;
    }

    void run(AttentionCall call, int begin, int end) {
        int queries = call.q().rows();
        int dim = call.headDim();
        int group = call.heads() / call.kvHeads();
        if (scores.length < call.position() + queries) {
            scores = new float[call.capacity()];
        }
        for (int item = begin; item < end; item++) {
            int head = item / queries;
            int row = item % queries;
            int length = call.position() + row + 1;
            int cacheOffset = head / group * call.capacity() * dim;
            int qOffset = call.q().offset() + row * call.q().columns() + head * dim;
            int outOffset = call.out().offset() + row * call.out().columns() + head * dim;
            gemm.run(call.q().data(), qOffset, call.keys(), cacheOffset, scores, 0, 1, dim, length, 0, length);
            RowLanes.scale(scores, 0, scores, 0, length, call.scale());
            float max = SoftmaxLanes.max(scores, 0, length);
            double sum = softmax.expSum(scores, 0, scores, 0, length, max, SoftmaxScale.ONE);
            weigh(scores, length, call.values(), cacheOffset, dim, call.out().data(), outOffset, (float) (1 / sum));
        }
    }

    private static void weigh(
            float[] weights,
            int length,
            float[] values,
            int offset,
            int dim,
            float[] out,
            int outOffset,
            float inverse) {
        int i = 0;
        for (; i <= dim - 4 * COUNT; i += 4 * COUNT) {
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            for (int j = 0, at = offset + i; j < length; j++, at += dim) {
                FloatVector weight = FloatVector.broadcast(F, weights[j]);
                a = weight.fma(FloatVector.fromArray(F, values, at), a);
                b = weight.fma(FloatVector.fromArray(F, values, at + COUNT), b);
                c = weight.fma(FloatVector.fromArray(F, values, at + 2 * COUNT), c);
                d = weight.fma(FloatVector.fromArray(F, values, at + 3 * COUNT), d);
            }
            a.mul(inverse).intoArray(out, outOffset + i);
            b.mul(inverse).intoArray(out, outOffset + i + COUNT);
            c.mul(inverse).intoArray(out, outOffset + i + 2 * COUNT);
            d.mul(inverse).intoArray(out, outOffset + i + 3 * COUNT);
        }
        for (; i <= dim - COUNT; i += COUNT) {
            FloatVector a = FloatVector.zero(F);
            for (int j = 0, at = offset + i; j < length; j++, at += dim) {
                a = FloatVector.broadcast(F, weights[j]).fma(FloatVector.fromArray(F, values, at), a);
            }
            a.mul(inverse).intoArray(out, outOffset + i);
        }
        for (; i < dim; i++) {
            float sum = 0;
            for (int j = 0; j < length; j++) {
                sum = Math.fma(weights[j], values[offset + j * dim + i], sum);
            }
            out[outOffset + i] = sum * inverse;
        }
    }
}
