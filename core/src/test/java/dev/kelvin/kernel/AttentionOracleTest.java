// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.kernel.scalar.ScalarActivations;
import dev.kelvin.operand.AttentionCall;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import org.junit.jupiter.api.Test;

/** Attention against a softmax in double that is written down from the formula. */
class AttentionOracleTest {
    /** u = 2⁻²⁴, the rounding of a float. */
    private static final double U = 0x1p-24;

    private static AttentionBatch batch(int seed, DType type) {
        return new AttentionBatch(seed, type, 4, 2, 32, 64, 0, 70, 200, 1, 63, 3);
    }

    @Test
    void causal() {
        check(batch(1, DType.F32), AttentionMask.causal(), AttentionScores.PLAIN, 0);
        check(new AttentionBatch(2, DType.F32, 2, 1, 8, 8, 4094, 4), AttentionMask.causal(), AttentionScores.PLAIN, 0);
    }

    @Test
    void masks() {
        check(batch(3, DType.F32), AttentionMask.window(20), AttentionScores.PLAIN, 0);
        check(batch(4, DType.F32), AttentionMask.full(), AttentionScores.PLAIN, 0);
        check(batch(5, DType.F32), AttentionMask.symmetric(11), AttentionScores.PLAIN, 0);
    }

    @Test
    void sinks() {
        float[] sinks = {-3, 0, 1.5f, 20};
        check(batch(6, DType.F32), AttentionMask.causal(), AttentionScores.withSinks(sinks), 0);
        check(batch(7, DType.F32), AttentionMask.window(3), new AttentionScores(2, sinks), 0);
    }

    @Test
    void softCap() {
        check(batch(8, DType.F32), AttentionMask.causal(), AttentionScores.softCapped(0.7f), 0);
        check(batch(9, DType.F32), AttentionMask.causal(), AttentionScores.softCapped(50), 0);
    }

    /** The error of the storage: half of its last place, and half a step of at most 1/127 of what shares a scale. */
    @Test
    void storage() {
        check(batch(10, DType.F16), AttentionMask.causal(), AttentionScores.PLAIN, 0x1p-10);
        check(batch(11, DType.Q8_0), AttentionMask.causal(), AttentionScores.PLAIN, 0x1p-5);
    }

    @Test
    void tanhIsWithinTwoUnitsOverAllMagnitudes() {
        for (int bits = 0; bits < 0x7f800000; bits += 997) {
            float x = Float.intBitsToFloat(bits);
            double exact = Math.tanh(x);
            float actual = ScalarActivations.tanh(x);
            double unit = Math.ulp((float) exact);
            assertTrue(Math.abs(actual - exact) <= 2 * unit, () -> "tanh(" + x + ") is " + actual + ", not " + exact);
            assertEquals(-actual, ScalarActivations.tanh(-x));
        }
        assertTrue(Float.isNaN(ScalarActivations.tanh(Float.NaN)));
        assertEquals(1, ScalarActivations.tanh(Float.POSITIVE_INFINITY));
    }

    private static void check(AttentionBatch batch, AttentionMask mask, AttentionScores scores, double storage) {
        int rows = batch.spans().rows();
        int heads = batch.heads();
        int dim = batch.slice().valueDim();
        float scale = (float) (1 / Math.sqrt(batch.slice().keyDim()));
        HeapTensor out = HeapTensor.zeros(rows, heads * dim);
        AttentionCall call = new AttentionCall(batch.q(), batch.rows(), out, heads, scale, mask, scores);
        LaneGrid.scalar().attention().attention(call, 0, call.items());
        for (int row = 0; row < rows; row++) {
            for (int head = 0; head < heads; head++) {
                checkRow(batch, call, row, head, storage);
            }
        }
    }

    private static void checkRow(AttentionBatch batch, AttentionCall call, int row, int head, double storage) {
        int s = batch.spans().of(row);
        int position = batch.spans().position(s) + row - batch.spans().rowBegin(s);
        int kvHead = head / (call.heads() / batch.slice().kvHeads());
        int end = batch.spans().end(s);
        double[] weights = new double[end];
        double sum = call.scores().sinks() == null ? 0 : Math.exp(call.scores().sinks()[head]);
        double scoreError = 0;
        for (int j = 0; j < end; j++) {
            if (j < (long) position - call.mask().before()
                    || j > (long) position + call.mask().after()) {
                continue;
            }
            double dot = 0;
            double magnitude = 0;
            for (int i = 0; i < batch.slice().keyDim(); i++) {
                double q = call.q()
                        .data()[row * call.q().columns() + head * batch.slice().keyDim() + i];
                dot += q * batch.key(s, j, kvHead, i);
                magnitude += Math.abs(q * batch.key(s, j, kvHead, i));
            }
            double score = dot * call.scale();
            float cap = call.scores().softCap();
            weights[j] = Math.exp(Float.isInfinite(cap) ? score : cap * Math.tanh(score / cap));
            sum += weights[j];
            double rounding = (batch.slice().keyDim() + 8) * U + storage;
            scoreError = Math.max(scoreError, rounding * magnitude * call.scale());
        }
        for (int i = 0; i < batch.slice().valueDim(); i++) {
            double exact = 0;
            double magnitude = 0;
            for (int j = 0; j < end; j++) {
                exact += weights[j] / sum * batch.value(s, j, kvHead, i);
                magnitude += weights[j] / sum * (Math.abs(batch.value(s, j, kvHead, i)) + (storage > 0 ? 1 : 0));
            }
            float actual = call.out()
                    .data()[row * call.out().columns() + head * batch.slice().valueDim() + i];
            double bound = magnitude * (2 * scoreError + (end + 16) * U + storage) + 1e-30;
            assertEquals(exact, actual, bound, "row " + row + ", head " + head + ", element " + i);
        }
    }
}
