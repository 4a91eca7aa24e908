// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.kernel.scalar.ScalarKernels;

/** The order of causal attention, written for one sequence whose positions simply follow one another. */
final class ContiguousAttention {
    private ContiguousAttention() {}

    /** One row of the first sequence of a batch, one head. */
    static float[] row(AttentionBatch batch, int row, int head, float scale) {
        int keyDim = batch.slice().keyDim();
        int dim = batch.slice().valueDim();
        int length = batch.spans().position(0) + row + 1;
        int kvHead = head / (batch.heads() / batch.slice().kvHeads());
        float[] scores = new float[length];
        for (int j = 0; j < length; j++) {
            float dot = 0;
            for (int i = 0; i < keyDim; i++) {
                float q = batch.q().data()[(row * batch.heads() + head) * keyDim + i];
                dot = Math.fma(q, batch.key(0, j, kvHead, i), dot);
            }
            scores[j] = scale * dot;
        }
        ScalarKernels kernels = LaneGrid.scalar();
        SoftmaxScale one = SoftmaxScale.ONE;
        float max = kernels.rows().max(scores, 0, length);
        int rowBase = one.base(max, max);
        float[] out = new float[dim];
        double sum = 0;
        for (int chunk = 0; chunk < length; chunk += SoftmaxKernels.CHUNK) {
            int count = Math.min(SoftmaxKernels.CHUNK, length - chunk);
            int base = one.base(kernels.rows().max(scores, chunk, count), max);
            double chunkSum = SoftmaxChunk.numerators(kernels, scores, chunk, scores, chunk, count, base, max, one);
            sum += Math.scalb(chunkSum, base - rowBase);
            for (int i = 0; i < dim; i++) {
                float o = 0;
                for (int j = chunk; j < chunk + count; j++) {
                    o = Math.fma(scores[j], batch.value(0, j, kvHead, i), o);
                }
                out[i] = Math.fma(o, Math.scalb(1f, base - rowBase), out[i]);
            }
        }
        for (int i = 0; i < dim; i++) {
            out[i] *= (float) (1 / sum);
        }
        return out;
    }
}
