// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.AttentionCall;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.ScalarSoftmax;
import dev.kelvin.kernel.SoftmaxRow;
import dev.kelvin.kernel.SoftmaxScale;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Attention, one query of one head at a time: a gemv over the keys, a softmax over one row of scores, a weighted sum of
 * the values.
 */
final class AttentionLanes {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;

    private final HeapGemv gemv;
    private final Kernels kernels;
    private float[] scores = new float[0];

    AttentionLanes(HeapGemv gemv, Kernels kernels) {
        this.gemv = gemv;
        this.kernels = kernels;
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
            gemv.run(call.q().data(), qOffset, call.keys(), cacheOffset, scores, 0, dim, 0, length);
            RowLanes.scale(scores, 0, scores, 0, length, call.scale());
            weigh(length, call.values(), cacheOffset, dim, call.out().data(), outOffset);
        }
    }

    private void weigh(int length, float[] values, int cacheOffset, int dim, float[] out, int outOffset) {
        SoftmaxScale one = SoftmaxScale.ONE;
        float max = SoftmaxLanes.max(scores, 0, length);
        int rowBase = one.base(max, max);
        Arrays.fill(out, outOffset, outOffset + dim, 0);
        double sum = 0;
        for (int chunk = 0; chunk < length; chunk += ScalarSoftmax.CHUNK) {
            int count = Math.min(ScalarSoftmax.CHUNK, length - chunk);
            int base = one.base(SoftmaxLanes.max(scores, chunk, count), max);
            double chunkSum = SoftmaxRow.numerators(kernels, scores, chunk, scores, chunk, count, base, max, one);
            sum += Math.scalb(chunkSum, base - rowBase);
            float weight = Math.scalb(1f, base - rowBase);
            addValues(scores, chunk, count, values, cacheOffset + chunk * dim, dim, out, outOffset, weight);
        }
        float inverse = Float.isFinite(max) ? (float) (1 / sum) : Float.NaN;
        RowLanes.scale(out, outOffset, out, outOffset, dim, inverse);
    }

    /** Adds the values of some positions, each times its numerator, times one weight to {@code out}. */
    private static void addValues(
            float[] weights,
            int begin,
            int length,
            float[] values,
            int offset,
            int dim,
            float[] out,
            int outOffset,
            float weight) {
        FloatVector scale = FloatVector.broadcast(F, weight);
        int i = 0;
        for (; i <= dim - 4 * COUNT; i += 4 * COUNT) {
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            for (int j = 0, at = offset + i; j < length; j++, at += dim) {
                FloatVector e = FloatVector.broadcast(F, weights[begin + j]);
                a = e.fma(FloatVector.fromArray(F, values, at), a);
                b = e.fma(FloatVector.fromArray(F, values, at + COUNT), b);
                c = e.fma(FloatVector.fromArray(F, values, at + 2 * COUNT), c);
                d = e.fma(FloatVector.fromArray(F, values, at + 3 * COUNT), d);
            }
            a.lanewise(VectorOperators.FMA, scale, FloatVector.fromArray(F, out, outOffset + i))
                    .intoArray(out, outOffset + i);
            b.lanewise(VectorOperators.FMA, scale, FloatVector.fromArray(F, out, outOffset + i + COUNT))
                    .intoArray(out, outOffset + i + COUNT);
            c.lanewise(VectorOperators.FMA, scale, FloatVector.fromArray(F, out, outOffset + i + 2 * COUNT))
                    .intoArray(out, outOffset + i + 2 * COUNT);
            d.lanewise(VectorOperators.FMA, scale, FloatVector.fromArray(F, out, outOffset + i + 3 * COUNT))
                    .intoArray(out, outOffset + i + 3 * COUNT);
        }
        for (; i <= dim - COUNT; i += COUNT) {
            FloatVector a = FloatVector.zero(F);
            for (int j = 0, at = offset + i; j < length; j++, at += dim) {
                a = FloatVector.broadcast(F, weights[begin + j]).fma(FloatVector.fromArray(F, values, at), a);
            }
            a.lanewise(VectorOperators.FMA, scale, FloatVector.fromArray(F, out, outOffset + i))
                    .intoArray(out, outOffset + i);
        }
        for (; i < dim; i++) {
            float sum = 0;
            for (int j = 0; j < length; j++) {
                sum = Math.fma(weights[begin + j], values[offset + j * dim + i], sum);
            }
            out[outOffset + i] = Math.fma(sum, weight, out[outOffset + i]);
        }
    }
}
