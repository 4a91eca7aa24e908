// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/**
 * A model of random weights, as its file holds it, and its forward pass in double precision, written down from the
 * formulas: no cache, no batches, every sequence from its beginning. A family adds its keys, its tensors and the pass;
 * what is here is the arithmetic.
 */
abstract class NaiveModel {
    /**
     * Relative to the largest logit: two dozen roundings of 2⁻²⁴ follow one another in each of a few layers, and norms
     * and gates pass them on enlarged, by up to some hundred times in these models.
     */
    private static final double TOLERANCE = 2e-4;

    /** More than a file has, so that all of its context is wanted. */
    private static final LoadOptions WHOLE_CONTEXT = LoadOptions.QUIET.withContextLength(1000);

    final String family;
    final Map<String, Object> metadata = new LinkedHashMap<>();
    final Map<String, HeapTensor> tensors = new LinkedHashMap<>();
    final SplittableRandom random;

    NaiveModel(String family, long seed) {
        this.family = family;
        random = new SplittableRandom(seed);
        metadata.put("general.architecture", family);
    }

    /** Logits [tokens][V] behind each token. */
    abstract double[][] logits(int... tokens);

    /** Of encoders, which have no logits: the rows [tokens][D] behind the last layer. */
    double[][] hidden(int... tokens) {
        throw new UnsupportedOperationException(family);
    }

    /** Writes the model, and compares what a decoder makes of it, at once, in pieces and in company. */
    final void check(Path file, int count) throws IOException {
        int[] tokens = Forwards.tokens(count, integer("vocab_size"));
        write(file);
        try (Compute compute = Compute.serial();
                GgufFile written = GgufFile.open(file)) {
            Decoder model = LanguageModels.load(written, compute, WHOLE_CONTEXT);
            HeapTensor hidden = Forwards.hidden(model, tokens, count);
            if (model.plan().looksAhead()) {
                compare(hidden(tokens), hidden);
                return;
            }
            compare(logits(tokens), Forwards.logits(model, tokens));
            Forwards.assertSameBits(hidden, Forwards.hidden(model, tokens, 1), "token by token");
            Forwards.assertCompanyAndCopiesChangeNothing(model, tokens, hidden);
        } catch (IOException e) {
            throw new AssertionError(family + " " + shown(), e);
        }
    }

    private void compare(double[][] expected, HeapTensor actual) {
        double worst = 0;
        double largest = 0;
        for (int t = 0; t < expected.length; t++) {
            for (int id = 0; id < expected[t].length; id++) {
                double error = Math.abs(actual.data()[t * expected[t].length + id] - expected[t][id]);
                worst = error <= worst ? worst : error;
                largest = Math.max(largest, Math.abs(expected[t][id]));
            }
        }
        System.out.printf("%s: worst error %.2e of numbers up to %.3g%n", family, worst, largest);
        assertTrue(worst <= TOLERANCE * largest, family + ": worst error " + worst + " of " + largest + shown());
    }

    /** What was drawn. */
    private String shown() {
        StringBuilder shown = new StringBuilder();
        metadata.forEach((key, value) -> shown.append(' ')
                .append(key)
                .append('=')
                .append(value instanceof int[] numbers ? Arrays.toString(numbers) : value));
        return shown.append(' ').append(tensors.keySet()).toString();
    }

    // The file.

    final void write(Path file) throws IOException {
        GgufWriter writer = new GgufWriter();
        metadata.forEach(writer::metadata);
        tensors.forEach(writer::tensor);
        writer.write(file);
    }

    /** Demands that the file is refused, with all of these in the message. */
    final void refused(Path file, String... parts) throws IOException {
        write(file);
        try (Compute compute = Compute.serial();
                GgufFile written = GgufFile.open(file)) {
            ModelFormatException refusal =
                    assertThrows(ModelFormatException.class, () -> LanguageModels.load(written, compute));
            for (String part : parts) {
                assertTrue(refusal.getMessage().contains(part), part + " in: " + refusal.getMessage());
            }
        }
    }

    final void key(String name, Object value) {
        metadata.put(family + "." + name, value);
    }

    final boolean has(String tensor) {
        return tensors.containsKey(tensor);
    }

    final int integer(String name) {
        return ((Number) metadata.get(family + "." + name)).intValue();
    }

    final int integer(String name, int otherwise) {
        return metadata.containsKey(family + "." + name) ? integer(name) : otherwise;
    }

    final double real(String name, double otherwise) {
        return metadata.get(family + "." + name) instanceof Number number ? number.doubleValue() : otherwise;
    }

    /** A projection [rows, columns] that leaves the size of what it maps about as it is. */
    final void matrix(String name, int rows, int columns) {
        tensors.put(name + ".weight", TinyLlama.uniform(random, (float) Math.sqrt(3.0 / columns), rows, columns));
    }

    /** A projection, and its bias if it is to have one. */
    final void biased(String name, int rows, int columns, boolean bias) {
        matrix(name, rows, columns);
        if (bias) {
            near(name + ".bias", 0, 0.3f, rows);
        }
    }

    /** A projection of each expert. */
    final void experts(String name, int experts, int rows, int columns) {
        tensors.put(
                name + ".weight", TinyLlama.uniform(random, (float) Math.sqrt(3.0 / columns), experts, rows, columns));
    }

    /** Factors about 1. */
    final void gains(String name, int... dims) {
        near(name + ".weight", 1, 0.3f, dims);
    }

    /** Numbers about a middle. */
    final void near(String full, float middle, float limit, int... dims) {
        HeapTensor numbers = TinyLlama.uniform(random, limit, dims);
        for (int i = 0; i < numbers.data().length; i++) {
            numbers.data()[i] += middle;
        }
        tensors.put(full, numbers);
    }

    /** Gives a factor to every projection of a block and to the output, and one to each expert. */
    final NaiveModel scaled() {
        String projections = "(blk\\.\\d+\\.(attn_(q|k|v|qkv|output|gate)|ffn_(gate|up|down)(_exps|_shexp)?"
                + "|ssm_(in|out|alpha|beta))|output)\\.weight";
        for (String full : List.copyOf(tensors.keySet())) {
            if (full.matches(projections)) {
                String name = full.replace(".weight", "");
                near(name + ".scale", 1, 0.4f, name.endsWith("_exps") ? integer("expert_count") : 1);
                near(name + ".input_scale", 3, 1, 1);
            }
        }
        return this;
    }

    /** The tensors of a feed-forward layer, by the keys of experts if there are any. */
    final void feedForward(String block, boolean gatedShare) {
        int dim = integer("embedding_length");
        int experts = integer("expert_count", 0);
        if (experts == 0) {
            int ffnDim = integer("feed_forward_length");
            matrix(block + "ffn_gate", ffnDim, dim);
            matrix(block + "ffn_up", ffnDim, dim);
            matrix(block + "ffn_down", dim, ffnDim);
            return;
        }
        int ffnDim = integer("expert_feed_forward_length");
        matrix(block + "ffn_gate_inp", experts, dim);
        experts(block + "ffn_gate_exps", experts, ffnDim, dim);
        experts(block + "ffn_up_exps", experts, ffnDim, dim);
        experts(block + "ffn_down_exps", experts, dim, ffnDim);
        int shared = integer("expert_shared_feed_forward_length");
        if (gatedShare) {
            near(block + "ffn_gate_inp_shexp.weight", 0, 0.3f, dim);
        }
        matrix(block + "ffn_gate_shexp", shared, dim);
        matrix(block + "ffn_up_shexp", shared, dim);
        matrix(block + "ffn_down_shexp", dim, shared);
    }

    // The arithmetic.

    /** A row of a matrix, or all of a vector. */
    final double[] row(String full, int row) {
        HeapTensor table = tensors.get(full);
        double[] values = new double[table.columns()];
        Arrays.setAll(values, i -> table.data()[row * values.length + i]);
        return values;
    }

    /** All elements of a tensor. */
    final double[] all(String full) {
        float[] numbers = tensors.get(full).data();
        double[] values = new double[numbers.length];
        Arrays.setAll(values, i -> numbers[i]);
        return values;
    }

    /** The projection {@code name.weight} of x, with its factor and its bias where it has such. */
    final double[] multiply(String name, double... x) {
        HeapTensor weight = tensors.get(name + ".weight");
        HeapTensor bias = tensors.get(name + ".bias");
        int rows = weight.data().length / x.length;
        HeapTensor scale = tensors.get(name + ".scale");
        boolean scaled = scale != null && scale.data().length == 1; // those of gemma4's routers are something else
        double[] y = times(multiply(weight.data(), 0, rows, x), scaled ? scale.data()[0] : 1);
        for (int n = 0; bias != null && n < rows; n++) {
            y[n] += bias.data()[n];
        }
        return y;
    }

    /** The projection by rows of a matrix [.., x.length], from one on. */
    static double[] multiply(float[] weight, int first, int rows, double... x) {
        double[] y = new double[rows];
        for (int n = 0; n < rows; n++) {
            for (int k = 0; k < x.length; k++) {
                y[n] += x[k] * weight[(first + n) * x.length + k];
            }
        }
        return y;
    }

    /** The projection of an expert, with its factor if there is one. */
    final double[] expert(String name, int expert, int rows, double... x) {
        double[] y = multiply(tensors.get(name + ".weight").data(), expert * rows, rows, x);
        return has(name + ".scale") ? times(y, all(name + ".scale")[expert]) : y;
    }

    /** Each run of {@code width} elements by itself; gain null for ones. */
    static double[] rms(double[] x, double[] gain, int width, double epsilon) {
        double[] y = new double[x.length];
        for (int begin = 0; begin < x.length; begin += width) {
            double squares = 0;
            for (int i = begin; i < begin + width; i++) {
                squares += x[i] * x[i];
            }
            for (int i = begin; i < begin + width; i++) {
                y[i] = x[i] / Math.sqrt(squares / width + epsilon) * (gain == null ? 1 : gain[i - begin]);
            }
        }
        return y;
    }

    static double silu(double x) {
        return x / (1 + Math.exp(-x));
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    static double softplus(double x) {
        return Math.log1p(Math.exp(x));
    }

    static double gelu(double x) {
        return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    static double[] map(double[] x, DoubleUnaryOperator f) {
        return Arrays.stream(x).map(f).toArray();
    }

    static double[] times(double[] a, double... b) {
        double[] y = new double[a.length];
        Arrays.setAll(y, i -> a[i] * b[i]);
        return y;
    }

    static double[] times(double[] a, double factor) {
        return map(a, x -> x * factor);
    }

    static void add(double[] x, double... delta) {
        for (int i = 0; i < x.length; i++) {
            x[i] += delta[i];
        }
    }

    static double[] part(double[] x, int begin, int end) {
        return Arrays.copyOfRange(x, begin, end);
    }

    /** What the heads of a query see of the positions [begin, end): rows of keys and values. */
    static double[] attend(double[] q, double[][] k, double[][] v, int begin, int end, int width, double scale) {
        return new NaiveScores(width, scale, 0, null).mix(q, k, v, begin, end);
    }

    /** The weights of a router's experts, 0 for those not chosen: softmax, the best ones, their sum divided out. */
    static double[] route(double[] logits, int used) {
        double[] gates = map(logits, Math::exp);
        double[] sorted = gates.clone();
        Arrays.sort(sorted);
        double least = sorted[sorted.length - used];
        double sum = Arrays.stream(gates).filter(g -> g >= least).sum();
        return map(gates, g -> g >= least ? g / sum : 0);
    }

    /** Rows convolved with the taps [C, K] of a tensor, a row at a time from the beginning. */
    final double[][] convolve(double[][] x, String name) {
        HeapTensor taps = tensors.get(name + ".weight");
        HeapTensor bias = tensors.get(name + ".bias");
        int count = taps.columns();
        double[][] y = new double[x.length][x[0].length];
        for (int t = 0; t < x.length; t++) {
            for (int c = 0; c < x[0].length; c++) {
                y[t][c] = bias == null ? 0 : bias.data()[c];
                for (int back = 0; back < count && back <= t; back++) {
                    y[t][c] += x[t - back][c] * taps.data()[c * count + count - 1 - back];
                }
            }
        }
        return y;
    }

    /** A gated short convolution, as lfm2 has it. */
    final double[][] shortConvolution(double[][] x, String block) {
        int dim = x[0].length;
        double[][] all = new double[x.length][];
        double[][] inner = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            all[t] = multiply(block + "shortconv.in_proj", x[t]);
            inner[t] = times(part(all[t], 0, dim), part(all[t], 2 * dim, 3 * dim));
        }
        double[][] y = convolve(inner, block + "shortconv.conv");
        for (int t = 0; t < x.length; t++) {
            y[t] = multiply(block + "shortconv.out_proj", times(y[t], part(all[t], dim, 2 * dim)));
        }
        return y;
    }

    /** {@link #convolve}, put through SiLU. */
    final double[][] convolveActive(double[][] x, String name) {
        return Arrays.stream(convolve(x, name))
                .map(row -> map(row, NaiveModel::silu))
                .toArray(double[][]::new);
    }

    /** What a layer of {@link #feedForward(String, boolean)} makes of a row. */
    final double[] feedForward(double[] x, String block) {
        return has(block + "ffn_gate.weight") ? gated(x, block + "ffn_%s") : mixture(x, block);
    }

    final double[] gated(double[] x, String names) {
        double[] gate = map(multiply(names.formatted("gate"), x), NaiveModel::silu);
        return multiply(names.formatted("down"), times(gate, multiply(names.formatted("up"), x)));
    }

    private double[] mixture(double[] x, String block) {
        double[] y = gated(x, block + "ffn_%s_shexp");
        if (has(block + "ffn_gate_inp_shexp.weight")) {
            y = times(y, sigmoid(multiply(block + "ffn_gate_inp_shexp", x)[0]));
        }
        double[] weights = route(multiply(block + "ffn_gate_inp", x), integer("expert_used_count"));
        int ffnDim = integer("expert_feed_forward_length");
        for (int e = 0; e < weights.length; e++) {
            double[] gate = expert(block + "ffn_gate_exps", e, ffnDim, x);
            double[] up = expert(block + "ffn_up_exps", e, ffnDim, x);
            double[] out = expert(block + "ffn_down_exps", e, x.length, times(map(gate, NaiveModel::silu), up));
            add(y, times(out, weights[e]));
        }
        return y;
    }
}
