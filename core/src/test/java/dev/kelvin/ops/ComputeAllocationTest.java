// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.kernel.scalar.ScalarKernels;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AdamWStep;
import dev.kelvin.operand.AttentionBias;
import dev.kelvin.operand.AttentionCall;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.operand.ConvolutionCall;
import dev.kelvin.operand.DeltaNetCall;
import dev.kelvin.operand.DenseAttentionCall;
import dev.kelvin.operand.Epilogue;
import dev.kelvin.operand.Heads;
import dev.kelvin.operand.LossOptions;
import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.MatrixBatch;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.operand.Routing;
import dev.kelvin.operand.SequenceAttentionCall;
import dev.kelvin.operand.SsmScanCall;
import dev.kelvin.operand.Triangle;
import dev.kelvin.parallel.Workers;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.KvSlice;
import dev.kelvin.tensor.RowSpans;
import dev.kelvin.tensor.StateRows;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/**
 * No call allocates once it is warm. With scalar kernels, whose code allocates in no tier of the compiler: vectors are
 * objects until the second tier has seen them, so their absence is the benchmarks' to show (B/op).
 */
class ComputeAllocationTest {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final int CALLS = 200;

    /** Reading the counter allocates a little itself; one object a call would be at least 16 bytes each. */
    private static final long NOISE = 3_000;

    @Test
    void callsAllocateNothing() {
        for (int threads : new int[] {1, 2}) {
            try (Compute compute = new Compute(Workers.start(threads), ScalarKernels::new, 0)) {
                checkAll(compute);
            }
        }
    }

    private static void checkAll(Compute compute) {
        HeapTensor x = HeapTensor.zeros(3, 64);
        HeapTensor w = HeapTensor.zeros(32, 64);
        HeapTensor y = HeapTensor.zeros(3, 32);
        HeapTensor weight = HeapTensor.zeros(64);
        HeapTensor weightColumn = HeapTensor.zeros(3, 1);
        HeapTensor row = HeapTensor.zeros(9000);
        HeapTensor probs = HeapTensor.zeros(9000);
        RopeTable table = RopeTable.of(RopeTable.Pairing.ADJACENT, 16, 8, RopeTable.frequencies(16, 10_000), 1);
        int[] positions = {3, 7, 0};
        KvSlice slice = KvSlice.at(2, 16, 16, 0);
        KvRows rows = KvRows.of(5, 3, new KvPage[] {KvPage.of(DType.F32, slice.end())}, slice);
        AttentionCall call = new AttentionCall(
                x, rows, HeapTensor.zeros(3, 64), 4, 0.25f, AttentionMask.causal(), AttentionScores.PLAIN);
        HeapTensor k = HeapTensor.zeros(3, 32);
        check("matmul", () -> compute.matmul(x, w, y));
        checkProducts(compute.products(), x, w, y);
        check("matmulBackwardInput", () -> compute.training().matmulBackwardInput(y, w, x, true));
        check("matmulBackwardWeight", () -> compute.training().matmulBackwardWeight(y, x, w, false));
        for (float temperature : new float[] {0, 1e-40f, 0.8f, Float.POSITIVE_INFINITY}) {
            check("softmax", () -> compute.softmax(row, temperature, probs));
            check("softmax of rows", () -> compute.softmax(y, temperature, y));
            check("logSoftmax", () -> compute.logSoftmax(row, temperature, probs));
        }
        check("softmaxBackward", () -> compute.training().softmaxBackward(y, y, 0.8f, y));
        check("logSoftmaxBackward", () -> compute.training().logSoftmaxBackward(row, probs, 0.8f, probs));
        check("temperatureGradient", () -> compute.training().temperatureGradient(row, probs, 0.8f));
        int[] labels = {0, 31, -100};
        double[] losses = new double[3];
        CrossEntropyOptions options = CrossEntropyOptions.DEFAULT.withLabelSmoothing(0.1f);
        check("crossEntropy", () -> compute.logits().crossEntropy(y, 0.8f, labels, 0, options, losses));
        check("crossEntropyBackward", () -> compute.training()
                .crossEntropyBackward(y, 0.8f, labels, 0, options, 1, losses, y));
        double[] draws = {0.1, 0.5, 0.9};
        TokenPicks picks = TokenPicks.withTop(3, 4);
        for (float temperature : new float[] {0, 1e-40f, 0.8f, Float.POSITIVE_INFINITY}) {
            float[] temperatures = {temperature, 0, temperature};
            check("pick", () -> compute.logits().pick(y, temperatures, draws, picks));
            check("pickProjected", () -> compute.logits().pickProjected(x, w, temperatures, draws, picks));
        }
        check("max", () -> compute.logits().max(row));
        check("argmax", () -> compute.logits().argmax(row));
        check("rmsNorm", () -> compute.rows().rmsNorm(x, weight, 1e-5f, x));
        check("swiGlu", () -> compute.elements().gated(Activation.SILU, row, probs, row));
        check("add", () -> compute.elements().add(row, probs, row));
        check("pow by a column", () -> compute.elements().pow(x, weightColumn, x));
        check("fma", () -> compute.elements().fma(x, weight, weightColumn, x));
        check("clip", () -> compute.elements().clip(row, -1, 1, row));
        check("leakyRelu", () -> compute.elements().leakyRelu(row, 0.1f, row));
        check("clipBackward", () -> compute.training().clipBackward(row, -1, 1, probs, row));
        HeapTensor first = HeapTensor.zeros(9000);
        HeapTensor second = HeapTensor.zeros(9000);
        check("powBackward", () -> compute.elements().powBackward(row, probs, row, first, second));
        Matrix turned = Matrix.of(HeapTensor.zeros(64, 3)).transposed();
        Matrix halves = Matrix.of(Arena.ofAuto().allocate(2 * 3 * 64), DType.F16, 0, 3, 64, 64, 1);
        check("add of views", () -> compute.elements().add(halves, turned, halves));
        check("mul", () -> compute.elements().mul(row, probs, row));
        check("exp", () -> compute.elements().exp(probs, row));
        checkRows(compute, x);
        checkDenseAttention(compute);
        checkLosses(compute);
        check("silu", () -> compute.elements().activate(Activation.SILU, probs, row));
        check("rope", () -> compute.attention().rope(x, table, positions));
        check("storeKeysAndValues", () -> compute.attention().storeKeysAndValues(k, y, rows));
        check("attention", () -> compute.attention().attend(call));
        checkLayers(compute);
        checkTraining(compute, compute.training());
    }

    private static void checkProducts(Products products, HeapTensor x, HeapTensor w, HeapTensor y) {
        Matrix a = Matrix.of(x);
        Matrix b = Matrix.of(w);
        Matrix c = Matrix.of(y);
        Matrix halves = Matrix.of(Arena.ofAuto().allocate(3 * 64 * 2), DType.F16, 0, 3, 64, 64, 1);
        Epilogue epilogue = Epilogue.NONE.withBias(HeapTensor.zeros(32)).withActivation(Activation.SILU);
        MatrixBatch batch = MatrixBatch.broadcast(a, 1);
        check("gemm", () -> products.gemm(a, b.transposed(), c));
        check("gemm of columns", () -> products.gemm(2, b, a.transposed(), 1, c.transposed()));
        check("gemm with an epilogue", () -> products.gemm(1, a, b.transposed(), 0, c, epilogue));
        check("gemm of halves", () -> products.gemm(1, c, b, 1, halves));
        check("gemm of a batch", () -> products.gemm(1, batch, TURNED, 0, SQUARE));
        check("syrk", () -> products.syrk(Triangle.UPPER, 1, a, 0, SQUARE.first()));
    }

    private static final MatrixBatch SQUARE = MatrixBatch.broadcast(Matrix.of(new float[9], 3, 3), 1);
    private static final MatrixBatch TURNED = MatrixBatch.broadcast(Matrix.of(new float[192], 64, 3), 1);

    private static void checkLayers(Compute compute) {
        HeapTensor x = HeapTensor.zeros(3, 64);
        HeapTensor y = HeapTensor.zeros(3, 64);
        HeapTensor gates = HeapTensor.zeros(3, 4);
        HeapTensor byHead = HeapTensor.zeros(4);
        HeapTensor weight = HeapTensor.zeros(4, 64);
        float[] factors = new float[3];
        for (Activation f : Activation.values()) {
            check("activate " + f, () -> compute.elements().activate(f, x, y));
            check("gated " + f, () -> compute.elements().gated(f, x, y, y));
            check("activateBackward " + f, () -> compute.training().activateBackward(f, x, y, y));
        }
        check("clampedSwiGlu", () -> compute.elements().clampedSwiGlu(x, y, 1.7f, 7, y));
        check("softCap", () -> compute.elements().softCap(x, 30, y));
        check("l2Norm", () -> compute.rows().l2Norm(x, 1e-6f, y));
        check("scaleRows", () -> compute.rows().scaleRows(x, factors, y));
        RowSpans spans = RowSpans.of(5, 3);
        StateRows states = new StateRows(spans, new float[1][4 * 16 * 16], new float[1][4 * 16 * 16]);
        DeltaNetCall deltaNet = new DeltaNetCall(x, x, x, gates, gates, states, y, 4);
        SsmScanCall scan = new SsmScanCall(x, gates, byHead, x, x, byHead, states, y, 4);
        ConvolutionCall convolution =
                new ConvolutionCall(x, weight, null, new StateRows(spans, new float[1][192], new float[1][192]), y);
        check("gatedDeltaNet", () -> compute.recurrences().gatedDeltaNet(deltaNet));
        check("ssmScan", () -> compute.recurrences().ssmScan(scan));
        check("shortConvolution", () -> compute.recurrences().shortConvolution(convolution));
        ExpertChoice choice = new ExpertChoice();
        Routing routing = Routing.normalised(2);
        HeapTensor grouped = HeapTensor.zeros(6, 64);
        check("route", () -> compute.experts().route(gates, routing, choice));
        check("gather", () -> compute.experts().gather(x, choice, grouped));
        check("addBias", () -> compute.experts().addBias(grouped, weight, choice));
        check("combine", () -> compute.experts().combine(grouped, choice, y));
    }

    private static void checkTraining(Compute compute, Training training) {
        HeapTensor x = HeapTensor.zeros(6, 64);
        HeapTensor y = HeapTensor.zeros(6, 64);
        HeapTensor dx = HeapTensor.zeros(6, 64);
        HeapTensor dy = HeapTensor.zeros(6, 64);
        HeapTensor kv = HeapTensor.zeros(6, 32);
        HeapTensor dK = HeapTensor.zeros(6, 32);
        HeapTensor dV = HeapTensor.zeros(6, 32);
        HeapTensor weight = HeapTensor.zeros(64);
        HeapTensor dWeight = HeapTensor.zeros(64);
        HeapTensor dBias = HeapTensor.zeros(64);
        int[] ids = new int[6];
        AdamWStep step = new AdamWStep();
        SequenceAttentionCall call = new SequenceAttentionCall(x, kv, kv, y, 2, 4, 2, 16, 0.25f);
        check("layerNorm", () -> compute.rows().layerNorm(x, weight, dBias, 1e-5f, y));
        check("layerNormBackward", () -> training.layerNormBackward(x, weight, 1e-5f, dy, dx, dWeight, dBias));
        check("rmsNormBackward", () -> training.rmsNormBackward(x, weight, 1e-5f, dy, dx, dWeight));
        check("swiGluBackward", () -> training.swiGluBackward(x, y, dy, x, y));
        check("geluBackward", () -> training.geluBackward(x, dy, dx));
        check("dropout", () -> training.dropout(x, 0.1f, 3, y));
        check("biasBackward", () -> training.biasBackward(dy, dBias));
        check("embedding", () -> compute.rows().embedding(dy, ids, x));
        check("embeddingBackward", () -> training.embeddingBackward(dx, ids, x));
        check("sequence attention", () -> training.attention(call));
        check("its backward pass", () -> training.attentionBackward(call, dy, dx, dK, dV));
        check("squaredNorm", () -> training.squaredNorm(x));
        check("adamW", () -> training.adamW(x, y, dx, dy, step.set(1, 0.9, 0.99, 1e-8, 1e-3, 0.1, 1)));
    }

    private static void check(String what, Runnable operation) {
        for (int i = 0; i < 50; i++) {
            operation.run();
        }
        // Other threads of this JVM are counted too: an operation that allocates does so in each round.
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 3 && least >= NOISE; round++) {
            long before = THREADS.getTotalThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                operation.run();
            }
            least = Math.min(least, THREADS.getTotalThreadAllocatedBytes() - before);
        }
        long bytes = least;
        assertTrue(bytes < NOISE, () -> what + ": " + bytes + " bytes in " + CALLS + " calls");
    }

    private static void checkRows(Compute compute, HeapTensor x) {
        HeapTensor out = HeapTensor.zeros(3);
        HeapTensor values = HeapTensor.zeros(3, 5);
        HeapTensor turned = HeapTensor.zeros(64, 3);
        int[] indices = new int[15];
        int[] axes = {1, 0};
        check("sum", () -> compute.rows().sum(x, out));
        check("variance", () -> compute.rows().variance(x, 1, out));
        check("norm2", () -> compute.rows().norm2(x, out));
        check("min", () -> compute.rows().min(x, out));
        check("logSumExp of rows", () -> compute.rows().logSumExp(x, out));
        check("argmax of rows", () -> compute.rows().argmax(x, true, indices));
        check("topK", () -> compute.rows().topK(x, 5, false, values, indices));
        check("permute", () -> compute.rows().permute(x, axes, turned));
        check("rmsNorm without weights", () -> compute.rows().rmsNorm(x, 1e-5f, x));
        check("layerNorm without weights", () -> compute.rows().layerNorm(x, 1e-5f, x));
    }

    private static void checkDenseAttention(Compute compute) {
        Heads q = Heads.inRows(HeapTensor.zeros(2 * 9, 4 * 6), 2, 4);
        Heads k = Heads.inRows(HeapTensor.zeros(2 * 7, 2 * 6), 2, 2);
        Heads out = Heads.inRows(HeapTensor.zeros(2 * 9, 4 * 6), 2, 4);
        DenseAttentionCall call = DenseAttentionCall.of(q, k, k, out)
                .withMask(AttentionMask.causal())
                .withBias(AttentionBias.of(HeapTensor.zeros(9, 7)));
        check("attend in tensors", () -> compute.attention().attend(call));
    }

    private static void checkLosses(Compute compute) {
        HeapTensor logits = HeapTensor.zeros(3, 40);
        HeapTensor gradient = HeapTensor.zeros(3, 40);
        int[] labels = {1, 2, 3};
        LossOptions options = LossOptions.DEFAULT.withLabelSmoothing(0.1f);
        check("crossEntropy of labels", () -> compute.losses().crossEntropy(logits, labels, options, null));
        check("crossEntropy of targets", () -> compute.losses().crossEntropy(logits, gradient, options, null));
        check("its gradient", () -> compute.losses().crossEntropyBackward(logits, labels, options, 1, gradient));
    }
}
