// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AdamWStep;
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
import dev.kelvin.operand.Neighbours;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.operand.Routing;
import dev.kelvin.operand.SequenceAttentionCall;
import dev.kelvin.operand.Similarity;
import dev.kelvin.operand.SsmScanCall;
import dev.kelvin.operand.Triangle;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.KvSlice;
import dev.kelvin.tensor.RowSpans;
import dev.kelvin.tensor.StateRows;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * NaN, infinities, subnormal numbers and zeros of both signs through every public operation: the same bits, or the same
 * refusal, at every lane width and number of threads. What each operation makes of them is in
 * {@link SpecialResultsTest}.
 */
class SpecialValuesTest {
    private static final int SEEDS = 2;

    /** One thread, and more than there are rows in some calls. */
    private static final List<ComputeGrid.Point> POINTS = ComputeGrid.points().stream()
            .filter(point -> point.threads() == 1 || point.threads() == 7)
            .toList();

    private static final int R = 3;
    private static final int D = 67;
    private static final int[] LABELS = {0, 66, -100};
    private static final int[] IDS = {8, 0, 5};
    private static final float[] TEMPERATURES = {0, 1e-38f, 0.7f, Float.POSITIVE_INFINITY};
    private static final float[] ROUTER = {1, 3, -2, 0, 2, 2, -1, 0, 0, 0, 0, 0, 0, 0, -5, 4, 3, 2, 1, 0, 9};

    /** An operation on operands that it draws. */
    @FunctionalInterface
    private interface Call {
        void run(Compute compute, SpecialOperands o);
    }

    private final Map<String, Call> calls = new TreeMap<>();

    private void add(String names, Call call) {
        calls.put(names, call);
    }

    /** What each call makes at every point, for some draws of each kind. */
    private void sameEverywhere() {
        calls.forEach((name, call) -> {
            for (SpecialOperands.Diet diet : SpecialOperands.Diet.values()) {
                for (int seed = 0; seed < SEEDS; seed++) {
                    List<String> expected = made(call, ComputeGrid.reference(), seed, diet);
                    for (ComputeGrid.Point point : POINTS) {
                        String what = name + ", " + diet + ", seed " + seed + ", " + point;
                        assertEquals(expected, made(call, point.compute(), seed, diet), what);
                    }
                }
            }
        });
    }

    private static List<String> made(Call call, Compute compute, long seed, SpecialOperands.Diet diet) {
        SpecialOperands operands = new SpecialOperands(seed, diet);
        try {
            call.run(compute, operands);
        } catch (IllegalArgumentException refused) {
            operands.result(refused.getMessage());
        }
        return operands.bits();
    }

    @Test
    void everyOperationHasTheSameBits() {
        addProducts();
        addElements();
        addRows();
        addLogitsAndLosses();
        addAttention();
        addExpertsAndRecurrences();
        addTraining();
        addGradients();
        sameEverywhere();
        Set<String> tried = calls.keySet().stream()
                .map(name -> name.replaceFirst(" .*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> all = OneCallerTest.operations().stream()
                .map(method -> method.getDeclaringClass().getSimpleName() + "." + method.getName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(all, tried, "operations that there are, and those that were tried");
    }

    private void addProducts() {
        add("Compute.matmul", (c, o) -> c.matmul(o.in(R, D), o.in(5, D), o.out(R, 5)));
        for (DType type : DType.values()) {
            if (type.isDecodable()) {
                add("Compute.matmul " + type, (c, o) -> c.matmul(o.in(R, 256), o.bytes(type, 5, 256), o.out(R, 5)));
                add("Weights.pack " + type, (c, o) -> {
                    Tensor packed = c.weights().pack(o.bytes(type, 64, 256), Arena.ofAuto());
                    o.result(packed.getClass().getSimpleName());
                    c.matmul(o.in(R, 256), packed, o.out(R, 64));
                });
            }
            if (type.isEncodable()) {
                add("Weights.encode " + type, (c, o) -> {
                    byte[] to = o.result(new byte[Math.toIntExact(type.byteSize(2 * 256))]);
                    o.result(c.weights().encode(o.bytes(DType.F32, 2, 256), 0, 2, type, to));
                });
            }
        }
        add("Products.gemm", (c, o) -> c.products()
                .gemm(1.5f, Matrix.of(o.in(5, 7)), Matrix.of(o.in(7, 9)), 0.5f, Matrix.of(o.inOut(5, 9))));
        add("Products.gemm with an epilogue", (c, o) -> {
            Epilogue epilogue = Epilogue.NONE
                    .withBias(o.in(9))
                    .withActivation(Activation.SILU)
                    .withResidual(Matrix.of(o.in(5, 9)));
            c.products().gemm(1, Matrix.of(o.in(5, 7)), Matrix.of(o.in(7, 9)), 0, Matrix.of(o.inOut(5, 9)), epilogue);
        });
        add("Products.gemm of a batch", (c, o) -> {
            MatrixBatch a = MatrixBatch.broadcast(Matrix.of(o.in(5, 7)), 2);
            MatrixBatch b = MatrixBatch.broadcast(Matrix.of(o.in(7, 9)), 2);
            Matrix first = Matrix.of(o.inOut(2, 45).data(), 0, 5, 9, 9, 1);
            c.products().gemm(2, a, b, 1, new MatrixBatch(first, 2, 45));
        });
        add("Products.syrk", (c, o) -> c.products()
                .syrk(Triangle.LOWER, 1, Matrix.of(o.in(9, 17)), 0.5f, Matrix.of(o.inOut(9, 9))));
        for (Similarity by : Similarity.values()) {
            add("Search.nearest " + by, (c, o) -> {
                Neighbours found = Neighbours.of(9);
                c.search().nearest(by, o.floats(17), Matrix.of(o.in(33, 17)), found);
                for (int i = 0; i < found.count(); i++) {
                    o.result(found.row(i));
                    o.result(new float[] {found.score(i)});
                }
            });
        }
    }

    private void addElements() {
        add("Elements.add", (c, o) -> c.elements().add(o.in(R, D), o.in(R, D), o.out(R, D)));
        add("Elements.sub", (c, o) -> c.elements().sub(o.in(R, D), o.in(1, D), o.out(R, D)));
        add("Elements.mul", (c, o) -> c.elements().mul(o.in(R, D), o.in(R, 1), o.out(R, D)));
        add("Elements.div", (c, o) -> c.elements().div(o.in(R, D), o.in(R, D), o.out(R, D)));
        add("Elements.min", (c, o) -> c.elements().min(o.in(R, D), o.in(R, D), o.out(R, D)));
        add("Elements.max", (c, o) -> c.elements().max(o.in(R, D), o.in(R, D), o.out(R, D)));
        add("Elements.pow", (c, o) -> c.elements().pow(o.in(R, D), o.in(R, D), o.out(R, D)));
        add("Elements.fma", (c, o) -> c.elements().fma(o.in(R, D), o.in(R, D), o.in(R, D), o.out(R, D)));
        add("Elements.clip", (c, o) -> c.elements().clip(o.in(R, D), -1, Float.POSITIVE_INFINITY, o.out(R, D)));
        add("Elements.leakyRelu", (c, o) -> c.elements().leakyRelu(o.in(R, D), 0.1f, o.out(R, D)));
        add("Elements.scale", (c, o) -> c.elements().scale(o.in(R, D), -3, o.out(R, D)));
        add("Elements.clear", (c, o) -> c.elements().clear(o.inOut(R, D)));
        add("Elements.exp", (c, o) -> c.elements().exp(o.in(R, D), o.out(R, D)));
        add("Elements.clampedSwiGlu", (c, o) -> c.elements()
                .clampedSwiGlu(o.in(R, D), o.in(R, D), 1.7f, 7, o.out(R, D)));
        add("Elements.minBackward", (c, o) -> c.elements()
                .minBackward(o.in(R, D), o.in(R, D), o.in(R, D), o.out(R, D), o.out(R, D)));
        add("Elements.maxBackward", (c, o) -> c.elements()
                .maxBackward(o.in(R, D), o.in(R, D), o.in(R, D), o.out(R, D), o.out(R, D)));
        add("Elements.powBackward", (c, o) -> c.elements()
                .powBackward(o.in(R, D), o.in(R, D), o.in(R, D), o.out(R, D), o.out(R, D)));
        add("Elements.div of views", (c, o) -> c.elements()
                .div(Matrix.of(o.in(D, R)).transposed(), Matrix.of(o.in(1, D)), Matrix.of(o.out(R, D))));
        add("Elements.softCap", (c, o) -> c.elements().softCap(o.in(R, D), 30, o.out(R, D)));
        for (Activation f : Activation.values()) {
            add("Elements.activate " + f, (c, o) -> c.elements().activate(f, o.in(R, D), o.out(R, D)));
            add("Elements.gated " + f, (c, o) -> c.elements().gated(f, o.in(R, D), o.in(R, D), o.out(R, D)));
        }
    }

    private void addRows() {
        add("Rows.rmsNorm", (c, o) -> c.rows().rmsNorm(o.in(R, D), o.in(D), 1e-5f, o.out(R, D)));
        add("Rows.layerNorm", (c, o) -> c.rows().layerNorm(o.in(R, D), o.in(D), o.in(D), 1e-5f, o.out(R, D)));
        add("Rows.l2Norm", (c, o) -> c.rows().l2Norm(o.in(R, D), 1e-5f, o.out(R, D)));
        add("Rows.sum", (c, o) -> c.rows().sum(o.in(R, D), o.out(R)));
        add("Rows.mean", (c, o) -> c.rows().mean(o.in(R, D), o.out(R)));
        add("Rows.variance", (c, o) -> c.rows().variance(o.in(R, D), 1, o.out(R)));
        add("Rows.max", (c, o) -> c.rows().max(o.in(R, D), o.out(R)));
        add("Rows.min", (c, o) -> c.rows().min(o.in(R, D), o.out(R)));
        add("Rows.norm1", (c, o) -> c.rows().norm1(o.in(R, D), o.out(R)));
        add("Rows.norm2", (c, o) -> c.rows().norm2(o.in(R, D), o.out(R)));
        add("Rows.normInf", (c, o) -> c.rows().normInf(o.in(R, D), o.out(R)));
        add("Rows.logSumExp", (c, o) -> c.rows().logSumExp(o.in(R, D), o.out(R)));
        add("Rows.argmax", (c, o) -> c.rows().argmax(o.in(R, D), true, o.result(new int[R])));
        add("Rows.argmin", (c, o) -> c.rows().argmin(o.in(R, D), false, o.result(new int[R])));
        add("Rows.topK", (c, o) -> c.rows().topK(o.in(R, D), 5, true, o.out(R, 5), o.result(new int[5 * R])));
        add("Rows.permute", (c, o) -> c.rows().permute(o.in(R, D), new int[] {1, 0}, o.out(D, R)));
        add("Rows.addBias", (c, o) -> c.rows().addBias(o.inOut(R, D), o.in(D)));
        add("Rows.scaleRows", (c, o) -> c.rows().scaleRows(o.in(R, D), o.floats(R), o.out(R, D)));
        add("Rows.scaleColumns", (c, o) -> c.rows().scaleColumns(o.in(R, D), o.in(D), o.out(R, D)));
        add("Rows.embedding", (c, o) -> c.rows().embedding(o.in(9, D), IDS, o.out(R, D)));
    }

    private void addLogitsAndLosses() {
        for (float t : TEMPERATURES) {
            add("Compute.softmax at " + t, (c, o) -> c.softmax(o.in(R, D), t, o.out(R, D)));
            add("Compute.logSoftmax at " + t, (c, o) -> c.logSoftmax(o.in(R, D), t, o.out(R, D)));
            add("Logits.pick at " + t, (c, o) -> {
                TokenPicks picks = TokenPicks.of(R);
                c.logits().pick(o.in(R, D), new float[] {t, t, 1}, new double[] {0, 0.5, 0.99}, picks);
                tell(o, picks);
            });
        }
        add("Logits.pickProjected", (c, o) -> {
            TokenPicks picks = TokenPicks.of(R);
            float[] temperatures = {0, 1, 0.5f};
            c.logits().pickProjected(o.in(R, 16), o.in(D, 16), temperatures, new double[] {0, 0.5, 0.99}, picks);
            tell(o, picks);
        });
        add("Logits.logSumExp", (c, o) -> c.logits().logSumExp(o.in(R, D), 0.7f, o.out(R)));
        add("Logits.max", (c, o) -> o.result(new float[] {c.logits().max(o.in(D))}));
        add("Logits.argmax", (c, o) -> o.result(c.logits().argmax(o.in(D))));
        add("Logits.blockMaxima", (c, o) -> c.logits().blockMaxima(o.in(D), o.result(new float[D])));
        add("Logits.collectAtLeast", (c, o) -> {
            int[] indices = o.result(new int[D]);
            o.result(c.logits().collectAtLeast(o.in(D), 3, D, -0f, indices, o.result(new float[D]), 0));
        });
        add("Logits.crossEntropy", (c, o) -> c.logits()
                .crossEntropy(o.in(R, D), 0.7f, LABELS, 0, CrossEntropyOptions.DEFAULT, o.result(new double[R])));
        add(
                "Losses.crossEntropy",
                (c, o) -> o.result(c.losses().crossEntropy(o.in(R, D), LABELS, LossOptions.DEFAULT, o.out(R))));
        add(
                "Losses.crossEntropy of targets",
                (c, o) -> o.result(c.losses().crossEntropy(o.in(R, D), o.in(R, D), LossOptions.DEFAULT, o.out(R))));
        add(
                "Losses.negativeLogLikelihood",
                (c, o) ->
                        o.result(c.losses().negativeLogLikelihood(o.in(R, D), LABELS, LossOptions.DEFAULT, o.out(R))));
        add("Losses.crossEntropyBackward", (c, o) -> c.losses()
                .crossEntropyBackward(o.in(R, D), LABELS, LossOptions.DEFAULT, 1, o.out(R, D)));
        add("Losses.crossEntropyBackward of targets", (c, o) -> c.losses()
                .crossEntropyBackward(o.in(R, D), o.in(R, D), LossOptions.DEFAULT, 1, o.out(R, D)));
        add("Losses.negativeLogLikelihoodBackward", (c, o) -> c.losses()
                .negativeLogLikelihoodBackward(o.in(R, D), LABELS, LossOptions.DEFAULT, 1, o.out(R, D)));
    }

    private static void tell(SpecialOperands o, TokenPicks picks) {
        for (int row = 0; row < R; row++) {
            o.result(picks.token(row));
            o.result(new float[] {picks.logProb(row)});
        }
    }

    private void addAttention() {
        RopeTable table = RopeTable.of(RopeTable.Pairing.ADJACENT, 8, 8, RopeTable.frequencies(8, 10_000), 1);
        add("Attention.rope", (c, o) -> c.attention().rope(o.inOut(R, 16), table, new int[] {0, 1, 5}));
        KvSlice slice = KvSlice.at(2, 8, 8, 0);
        for (DType type : new DType[] {DType.F32, DType.F16, DType.Q8_0}) {
            add("Attention.storeKeysAndValues " + type, (c, o) -> {
                KvRows rows = KvRows.of(0, R, new KvPage[] {KvPage.of(type, slice.end())}, slice);
                c.attention().storeKeysAndValues(o.in(R, 16), o.in(R, 16), rows);
                HeapTensor q = o.in(R, 32);
                c.attention()
                        .attend(new AttentionCall(
                                q, rows, o.out(R, 32), 4, 0.3f, AttentionMask.causal(), AttentionScores.PLAIN));
            });
        }
        add("Attention.attend", (c, o) -> {
            Heads q = Heads.inRows(o.in(R, 32), 1, 4);
            Heads k = Heads.inRows(o.in(5, 16), 1, 2);
            Heads v = Heads.inRows(o.in(5, 16), 1, 2);
            c.attention().attend(DenseAttentionCall.of(q, k, v, Heads.inRows(o.out(R, 32), 1, 4)));
        });
    }

    private void addExpertsAndRecurrences() {
        add("Experts.route", (c, o) -> {
            ExpertChoice choice = new ExpertChoice();
            c.experts().route(o.in(R, 7), Routing.normalised(2), choice);
            for (int row = 0; row < R; row++) {
                o.result(choice.id(row, 0) + " and " + choice.id(row, 1));
                o.result(new float[] {choice.weight(row, 0), choice.weight(row, 1)});
            }
        });
        add("Experts.gather", (c, o) -> c.experts().gather(o.in(R, 16), choice(c), o.out(2 * R, 16)));
        add("Experts.matmul", (c, o) -> {
            Tensor[] weights = new Tensor[7];
            for (int expert = 0; expert < weights.length; expert++) {
                weights[expert] = o.in(5, 16);
            }
            c.experts().matmul(o.in(2 * R, 16), weights, choice(c), o.out(2 * R, 5));
        });
        add("Experts.addBias", (c, o) -> c.experts().addBias(o.inOut(2 * R, 16), o.in(7, 16), choice(c)));
        add("Experts.combine", (c, o) -> c.experts().combine(o.in(2 * R, 16), choice(c), o.out(R, 16)));
        add("Recurrences.gatedDeltaNet", (c, o) -> c.recurrences()
                .gatedDeltaNet(new DeltaNetCall(
                        o.in(R, 8), o.in(R, 8), o.in(R, 20), o.in(R, 4), o.in(R, 4), states(o, 80), o.out(R, 20), 2)));
        add("Recurrences.ssmScan", (c, o) -> c.recurrences()
                .ssmScan(new SsmScanCall(
                        o.in(R, 20),
                        o.in(R, 4),
                        o.in(4),
                        o.in(R, 6),
                        o.in(R, 6),
                        o.in(4),
                        states(o, 60),
                        o.out(R, 20),
                        2)));
        add("Recurrences.shortConvolution", (c, o) -> c.recurrences()
                .shortConvolution(new ConvolutionCall(o.in(R, D), o.in(4, D), o.in(D), states(o, 3 * D), o.out(R, D))));
    }

    private static ExpertChoice choice(Compute compute) {
        ExpertChoice choice = new ExpertChoice();
        compute.experts().route(HeapTensor.of(ROUTER, R, 7), Routing.normalised(2), choice);
        return choice;
    }

    private static StateRows states(SpecialOperands o, int floats) {
        float[][] after = {o.result(new float[floats])};
        return new StateRows(RowSpans.of(7, R), new float[][] {o.floats(floats)}, after);
    }

    private void addTraining() {
        add("Training.matmulBackwardInput", (c, o) -> c.training()
                .matmulBackwardInput(o.in(R, 5), o.in(5, D), o.inOut(R, D), true));
        add("Training.matmulBackwardWeight", (c, o) -> c.training()
                .matmulBackwardWeight(o.in(R, 5), o.in(R, D), o.inOut(5, D), true));
        add("Training.softmaxBackward", (c, o) -> c.training()
                .softmaxBackward(o.in(R, D), o.in(R, D), 0.7f, o.out(R, D)));
        add("Training.logSoftmaxBackward", (c, o) -> c.training()
                .logSoftmaxBackward(o.in(R, D), o.in(R, D), 0.7f, o.out(R, D)));
        add(
                "Training.temperatureGradient",
                (c, o) -> o.result(c.training().temperatureGradient(o.in(R, D), o.in(R, D), 0.7f)));
        add("Training.crossEntropyBackward", (c, o) -> c.training()
                .crossEntropyBackward(
                        o.in(R, D),
                        0.7f,
                        LABELS,
                        0,
                        CrossEntropyOptions.DEFAULT,
                        1,
                        o.result(new double[R]),
                        o.out(R, D)));
        add("Training.dropout", (c, o) -> c.training().dropout(o.in(R, D), 0.5f, 9, o.out(R, D)));
        add("Training.biasBackward", (c, o) -> c.training().biasBackward(o.in(R, D), o.inOut(D)));
        add("Training.embeddingBackward", (c, o) -> c.training().embeddingBackward(o.in(R, D), IDS, o.inOut(9, D)));
        add("Training.attention", (c, o) -> c.training().attention(attention(o, o.out(R, 32))));
        add("Training.attentionBackward", (c, o) -> {
            SequenceAttentionCall call = attention(o, HeapTensor.zeros(R, 32));
            c.training().attentionBackward(call, o.in(R, 32), o.out(R, 32), o.out(R, 16), o.out(R, 16));
        });
        add("Training.squaredNorm", (c, o) -> o.result(c.training().squaredNorm(o.in(R, D))));
        AdamWStep step = new AdamWStep().set(3, 0.9, 0.99, 1e-8, 1e-3, 0.1, 0.5);
        add("Training.adamW", (c, o) -> c.training().adamW(o.inOut(D), o.in(D), o.inOut(D), o.inOut(D), step));
    }

    private static SequenceAttentionCall attention(SpecialOperands o, HeapTensor out) {
        return new SequenceAttentionCall(o.in(R, 32), o.in(R, 16), o.in(R, 16), out, 1, 4, 2, 8, 0.3f);
    }

    private void addGradients() {
        add("Training.layerNormBackward", (c, o) -> c.training()
                .layerNormBackward(o.in(R, D), o.in(D), 1e-5f, o.in(R, D), o.inOut(R, D), o.inOut(D), o.inOut(D)));
        add("Training.rmsNormBackward", (c, o) -> c.training()
                .rmsNormBackward(o.in(R, D), o.in(D), 1e-5f, o.in(R, D), o.inOut(R, D), o.inOut(D)));
        add("Training.swiGluBackward", (c, o) -> c.training()
                .swiGluBackward(o.in(R, D), o.in(R, D), o.in(R, D), o.out(R, D), o.out(R, D)));
        add("Training.geluBackward", (c, o) -> c.training().geluBackward(o.in(R, D), o.in(R, D), o.out(R, D)));
        add("Training.leakyReluBackward", (c, o) -> c.training()
                .leakyReluBackward(o.in(R, D), 0.1f, o.in(R, D), o.out(R, D)));
        add("Training.clipBackward", (c, o) -> c.training().clipBackward(o.in(R, D), -1, 1, o.in(R, D), o.out(R, D)));
        for (Activation f : Activation.values()) {
            add("Training.activateBackward " + f, (c, o) -> c.training()
                    .activateBackward(f, o.in(R, D), o.in(R, D), o.out(R, D)));
        }
    }
}
