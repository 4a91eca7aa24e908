// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.onnx;

import dev.kelvin.onnx.OnnxCase.Value;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.LossOptions;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.ops.Compute;
import dev.kelvin.ops.Elements;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * ONNX's operators as public calls of {@link Compute}: how a case is computed, as the outputs it names, in their order.
 * What a case has and the operator's element type does not cover is refused by a word.
 */
final class OnnxOperators {
    private final Compute compute;

    OnnxOperators(Compute compute) {
        this.compute = compute;
    }

    /** Why a case is not one for floats; empty if it is. */
    static Optional<String> leftOut(OnnxCase c) {
        // Labels, indices, lengths, positions and boolean masks stand beside floats; the first input is what is
        // computed.
        if (!c.input(0).isFloat()) {
            return Optional.of("elements are " + c.input(0).type());
        }
        return Optional.empty();
    }

    List<HeapTensor> run(OnnxCase c) {
        return switch (c.op()) {
            case "Abs" -> unary(c, Activation.ABS);
            case "Exp" -> unary(c, Activation.EXP);
            case "Log" -> unary(c, Activation.LOG);
            case "Sqrt" -> unary(c, Activation.SQRT);
            case "Reciprocal" -> unary(c, Activation.RECIPROCAL);
            case "Relu" -> unary(c, Activation.RELU);
            case "Sigmoid" -> unary(c, Activation.SIGMOID);
            case "Softplus" -> unary(c, Activation.SOFTPLUS);
            case "Tanh" -> unary(c, Activation.TANH);
            case "Gelu" ->
                unary(c, c.text("approximate", "none").equals("tanh") ? Activation.GELU_TANH : Activation.GELU_ERF);
            case "Swish" -> swish(c);
            case "HardSwish" -> hardSwish(c);
            case "Neg" -> neg(c);
            case "LeakyRelu" -> leakyRelu(c);
            case "Clip" -> clip(c);
            case "Add" -> binary(c, Elements::add);
            case "Sub" -> binary(c, Elements::sub);
            case "Mul" -> binary(c, Elements::mul);
            case "Div" -> binary(c, Elements::div);
            case "Pow" -> binary(c, Elements::pow);
            case "ArgMax" -> argMax(c);
            case "TopK" -> topK(c);
            case "ReduceLogSumExp" -> reduceLogSumExp(c);
            case "Transpose" -> transpose(c);
            case "Softmax" -> softmax(c, false);
            case "LogSoftmax" -> softmax(c, true);
            case "LayerNormalization" -> layerNormalization(c);
            case "RMSNormalization" -> rmsNormalization(c);
            case "RotaryEmbedding" -> rotaryEmbedding(c);
            case "Gemm" -> gemm(c);
            case "MatMul" -> matMul(c);
            case "Attention" -> new OnnxAttention(compute).run(c);
            case "SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss" -> loss(c);
            default -> throw new IllegalStateException("no operator " + c.op());
        };
    }

    private List<HeapTensor> unary(OnnxCase c, Activation f) {
        HeapTensor x = c.input(0).tensor();
        compute.elements().activate(f, x, x);
        return List.of(x);
    }

    private List<HeapTensor> swish(OnnxCase c) {
        HeapTensor x = c.input(0).tensor();
        HeapTensor gate = c.input(0).tensor();
        compute.elements().scale(gate, (float) c.number("alpha", 1), gate);
        compute.elements().gated(Activation.SIGMOID, gate, x, x);
        return List.of(x);
    }

    private List<HeapTensor> hardSwish(OnnxCase c) {
        HeapTensor x = c.input(0).tensor();
        HeapTensor gate = c.input(0).tensor();
        compute.elements().fma(gate, scalar(1f / 6), scalar(0.5f), gate);
        compute.elements().clip(gate, 0, 1, gate);
        compute.elements().mul(x, gate, x);
        return List.of(x);
    }

    private List<HeapTensor> neg(OnnxCase c) {
        HeapTensor x = c.input(0).tensor();
        compute.elements().scale(x, -1, x);
        return List.of(x);
    }

    private List<HeapTensor> leakyRelu(OnnxCase c) {
        HeapTensor x = c.input(0).tensor();
        compute.elements().leakyRelu(x, (float) c.number("alpha", 0.01), x);
        return List.of(x);
    }

    private List<HeapTensor> clip(OnnxCase c) {
        HeapTensor x = c.input(0).tensor();
        float lower = c.has("min") ? c.inputs().get("min").number() : Float.NEGATIVE_INFINITY;
        float upper = c.has("max") ? c.inputs().get("max").number() : Float.POSITIVE_INFINITY;
        compute.elements().clip(x, lower, upper, x);
        return List.of(x);
    }

    private static HeapTensor scalar(float value) {
        return HeapTensor.of(new float[] {value}, 1);
    }

    @FunctionalInterface
    private interface Binary {
        void run(Elements elements, HeapTensor a, HeapTensor b, HeapTensor y);
    }

    private List<HeapTensor> binary(OnnxCase c, Binary call) {
        HeapTensor y = HeapTensor.zeros(c.outputs().values().iterator().next().shape());
        call.run(compute.elements(), c.input(0).tensor(), c.input(1).tensor(), y);
        return List.of(y);
    }

    private static int axis(OnnxCase c, int otherwise, int rank) {
        int axis = c.integer("axis", otherwise);
        return axis < 0 ? axis + rank : axis;
    }

    /** The tensor with one axis last; the same call brings it back where {@code back}. */
    private HeapTensor moved(HeapTensor x, int axis, boolean back) {
        int rank = x.shape().rank();
        int[] axes = IntStream.range(0, rank)
                .map(i -> back
                        ? i < axis ? i : i == axis ? rank - 1 : i - 1
                        : i < axis ? i : i == rank - 1 ? axis : i + 1)
                .toArray();
        int[] dims = Arrays.stream(axes).map(a -> x.shape().dim(a)).toArray();
        HeapTensor y = HeapTensor.zeros(dims);
        compute.rows().permute(x, axes, y);
        return y;
    }

    private List<HeapTensor> argMax(OnnxCase c) {
        HeapTensor x = c.input(0).tensor();
        HeapTensor rows = moved(x, axis(c, 0, x.shape().rank()), false);
        int[] indices = new int[rows.rows()];
        compute.rows().argmax(rows, c.integer("select_last_index", 0) == 1, indices);
        return List.of(floats(indices));
    }

    private static HeapTensor floats(int[] ints) {
        float[] floats = new float[ints.length];
        for (int i = 0; i < ints.length; i++) {
            floats[i] = ints[i];
        }
        return HeapTensor.of(floats, floats.length);
    }

    private List<HeapTensor> topK(OnnxCase c) {
        HeapTensor x = c.input(0).tensor();
        int axis = axis(c, -1, x.shape().rank());
        HeapTensor rows = moved(x, axis, false);
        int k = c.inputs().get("k").ints()[0];
        int[] dims = rows.shape().dims();
        dims[dims.length - 1] = k;
        HeapTensor values = HeapTensor.zeros(dims);
        int[] indices = new int[values.data().length];
        compute.rows().topK(rows, k, c.integer("largest", 1) == 1, values, indices);
        HeapTensor places = HeapTensor.of(floats(indices).data(), dims);
        return List.of(moved(values, axis, true), moved(places, axis, true));
    }

    private List<HeapTensor> reduceLogSumExp(OnnxCase c) {
        HeapTensor x = c.input(0).tensor();
        int rank = x.shape().rank();
        int axis = c.inputs().get("axes").ints()[0];
        HeapTensor rows = moved(x, axis < 0 ? axis + rank : axis, false);
        HeapTensor out = HeapTensor.zeros(rows.rows());
        compute.rows().logSumExp(rows, out);
        return List.of(out);
    }

    private List<HeapTensor> transpose(OnnxCase c) {
        HeapTensor x = c.input(0).tensor();
        int rank = x.shape().rank();
        int[] axes = c.attributes().containsKey("perm")
                ? Arrays.stream(c.text("perm", "").replaceAll("[()\\[\\] ]", "").split(","))
                        .mapToInt(Integer::parseInt)
                        .toArray()
                : IntStream.range(0, rank).map(i -> rank - 1 - i).toArray();
        HeapTensor y = HeapTensor.zeros(c.outputs().values().iterator().next().shape());
        compute.rows().permute(x, axes, y);
        return List.of(y);
    }

    private List<HeapTensor> softmax(OnnxCase c, boolean log) {
        HeapTensor x = c.input(0).tensor();
        int axis = axis(c, -1, x.shape().rank());
        HeapTensor rows = moved(x, axis, false);
        if (log) {
            compute.logSoftmax(rows, 1, rows);
        } else {
            compute.softmax(rows, 1, rows);
        }
        return List.of(moved(rows, axis, true));
    }

    /** The dimensions from an axis on as one row. */
    private static HeapTensor rowsFrom(HeapTensor x, int axis) {
        int columns = 1;
        for (int i = axis; i < x.shape().rank(); i++) {
            columns *= x.shape().dim(i);
        }
        return HeapTensor.of(x.data(), x.data().length / columns, columns);
    }

    private List<HeapTensor> layerNormalization(OnnxCase c) {
        HeapTensor whole = c.input(0).tensor();
        HeapTensor x = rowsFrom(whole, axis(c, -1, whole.shape().rank()));
        float epsilon = (float) c.number("epsilon", 1e-5);
        HeapTensor y = HeapTensor.zeros(x.rows(), x.columns());
        HeapTensor weight = HeapTensor.of(c.input(1).tensor().data(), x.columns());
        if (c.inputs().size() > 2) {
            compute.rows()
                    .layerNorm(x, weight, HeapTensor.of(c.input(2).tensor().data(), x.columns()), epsilon, y);
        } else {
            compute.rows().layerNorm(x, weight, epsilon, y);
        }
        HeapTensor mean = HeapTensor.zeros(x.rows());
        HeapTensor inverse = HeapTensor.zeros(x.rows());
        compute.rows().mean(x, mean);
        compute.rows().variance(x, 0, inverse);
        compute.elements().add(inverse, scalar(epsilon), inverse);
        compute.elements().activate(Activation.RSQRT, inverse, inverse);
        return List.of(y, mean, inverse).subList(0, c.outputs().size());
    }

    private List<HeapTensor> rmsNormalization(OnnxCase c) {
        HeapTensor whole = c.input(0).tensor();
        HeapTensor x = rowsFrom(whole, axis(c, -1, whole.shape().rank()));
        HeapTensor weight = HeapTensor.of(c.input(1).tensor().data(), x.columns());
        compute.rows().rmsNorm(x, weight, (float) c.number("epsilon", 1e-5), x);
        return List.of(x);
    }

    private List<HeapTensor> rotaryEmbedding(OnnxCase c) {
        Value input = c.inputs().get("input");
        Value cos = c.inputs().get("cos_cache");
        int[] shape = input.shape();
        boolean inHeads = shape.length == 4;
        int sequences = shape[0];
        int heads = inHeads ? shape[1] : c.integer("num_heads", 1);
        int length = inHeads ? shape[2] : shape[1];
        int headDim = inHeads ? shape[3] : shape[2] / heads;
        int pairs = cos.shape()[cos.shape().length - 1];
        RopeTable table = new RopeTable(
                c.integer("interleaved", 0) == 1 ? RopeTable.Pairing.ADJACENT : RopeTable.Pairing.HALVES,
                headDim,
                2 * pairs,
                cos.data().length / pairs,
                cos.tensor().data(),
                c.tensor("sin_cache").data());
        // Without ids, each position of each sequence has a row of the tables of its own.
        int[] ids = c.has("position_ids")
                ? c.inputs().get("position_ids").ints()
                : IntStream.range(0, sequences * length).toArray();
        HeapTensor x = input.tensor();
        int[] positions = inHeads
                ? IntStream.range(0, sequences * heads * length)
                        .map(row -> ids[row / (heads * length) * length + row % length])
                        .toArray()
                : ids;
        compute.attention()
                .rope(HeapTensor.of(x.data(), positions.length, x.data().length / positions.length), table, positions);
        return List.of(x);
    }

    private HeapTensor transposed(HeapTensor x) {
        HeapTensor y = HeapTensor.zeros(x.columns(), x.rows());
        compute.rows().permute(x, new int[] {1, 0}, y);
        return y;
    }

    private List<HeapTensor> gemm(OnnxCase c) {
        HeapTensor a = c.input(0).tensor();
        HeapTensor b = c.input(1).tensor();
        HeapTensor x = c.integer("transA", 0) == 1 ? transposed(a) : a;
        HeapTensor w = c.integer("transB", 0) == 1 ? b : transposed(b);
        HeapTensor y = HeapTensor.zeros(x.rows(), w.rows());
        compute.matmul(x, w, y);
        compute.elements().scale(y, (float) c.number("alpha", 1), y);
        if (c.inputs().size() > 2) {
            compute.elements().fma(c.input(2).tensor(), scalar((float) c.number("beta", 1)), y, y);
        }
        return List.of(y);
    }

    private List<HeapTensor> matMul(OnnxCase c) {
        HeapTensor a = c.input(0).tensor();
        HeapTensor b = c.input(1).tensor();
        int[] aDims =
                a.shape().rank() == 1 ? new int[] {1, a.columns()} : a.shape().dims();
        int[] bDims =
                b.shape().rank() == 1 ? new int[] {b.columns(), 1} : b.shape().dims();
        int m = aDims[aDims.length - 2];
        int k = aDims[aDims.length - 1];
        int n = bDims[bDims.length - 1];
        List<int[]> pairs = pairs(Arrays.copyOf(aDims, aDims.length - 2), Arrays.copyOf(bDims, bDims.length - 2));
        HeapTensor y = HeapTensor.zeros(pairs.size(), m, n);
        for (int i = 0; i < pairs.size(); i++) {
            HeapTensor left = HeapTensor.view(a.data(), pairs.get(i)[0] * m * k, m, k);
            HeapTensor right = HeapTensor.view(b.data(), pairs.get(i)[1] * k * n, k, n);
            compute.matmul(left, transposed(right), HeapTensor.view(y.data(), i * m * n, m, n));
        }
        return List.of(y);
    }

    /** Which matrices meet: indices into both stacks, whose outer dimensions are repeated over each other. */
    private static List<int[]> pairs(int[] a, int[] b) {
        List<int[]> pairs = List.of(new int[] {0, 0});
        for (int axis = -Math.max(a.length, b.length); axis < 0; axis++) {
            int aDim = a.length + axis < 0 ? 1 : a[a.length + axis];
            int bDim = b.length + axis < 0 ? 1 : b[b.length + axis];
            List<int[]> next = new ArrayList<>();
            for (int[] pair : pairs) {
                for (int i = 0; i < Math.max(aDim, bDim); i++) {
                    next.add(new int[] {pair[0] * aDim + (aDim == 1 ? 0 : i), pair[1] * bDim + (bDim == 1 ? 0 : i)});
                }
            }
            pairs = next;
        }
        return pairs;
    }

    private List<HeapTensor> loss(OnnxCase c) {
        HeapTensor scores = c.input(0).tensor();
        HeapTensor rows = moved(scores, 1, false);
        int[] labels = c.input(1).ints();
        LossOptions options = new LossOptions(
                LossOptions.Reduction.valueOf(c.text("reduction", "mean").toUpperCase(Locale.ROOT)),
                c.inputs().size() > 2 ? c.input(2).tensor().data() : null,
                c.integer("ignore_index", Integer.MIN_VALUE),
                0);
        HeapTensor losses = HeapTensor.zeros(rows.rows());
        HeapTensor flat = HeapTensor.of(rows.data(), rows.rows(), rows.columns());
        boolean given = c.op().startsWith("Negative");
        double reduced = given
                ? compute.losses().negativeLogLikelihood(flat, labels, options, losses)
                : compute.losses().crossEntropy(flat, labels, options, losses);
        HeapTensor loss = options.reduction() == LossOptions.Reduction.NONE ? losses : scalar((float) reduced);
        if (c.outputs().size() == 1) {
            return List.of(loss);
        }
        compute.logSoftmax(rows, 1, rows);
        return List.of(loss, moved(rows, 1, true));
    }
}
