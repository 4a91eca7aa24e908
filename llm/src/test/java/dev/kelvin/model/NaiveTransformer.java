// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.util.Arrays;
import java.util.List;

/**
 * Families of attention and feed-forward layers: what makes each of them is a line of words, and what their files may
 * or may not have is drawn from a seed. The pass in double precision reads the keys and tensors that were drawn.
 */
final class NaiveTransformer extends NaiveModel {
    private final List<String> words;
    private final NaiveHeads normsAndTurns;
    private final int dim;
    private final int headDim;
    private final int heads;
    private final int[] kvHeads;
    private final int[] experts;
    private final int ffnDim;
    private final double epsilon;
    private final boolean parallel;

    /** Whether nothing is drawn but numbers: the last of each choice, and what a file may have it has not. */
    private final boolean plain;

    NaiveTransformer(String family, long seed) {
        this(family, seed, false);
    }

    /** A model that has what all of its family have, an output of its own, and all else as usual. */
    static NaiveTransformer plain(String family) {
        return new NaiveTransformer(family, 1, true);
    }

    private NaiveTransformer(String family, long seed, boolean plain) {
        super(family, seed);
        this.plain = plain;
        words = NaiveFamilies.words(family);
        int kv = of(1, 2, 3);
        heads = kv * of(1, 2, 3);
        boolean free = !is("width-of-dim") && maybe();
        headDim = free ? of(6, 10, 22) : of(4, 6, 10);
        dim = free ? of(23, 34) : heads * headDim;
        int layers = of(3, 4, 7);
        key("embedding_length", dim);
        key("block_count", layers);
        key("context_length", 64);
        key("vocab_size", of(31, 43));
        key("attention.head_count", heads);
        kvHeads = new int[layers];
        boolean all = is("fused") && ((plain && is("all-heads")) || !is("grouped"));
        Arrays.setAll(kvHeads, i -> is("convolutions") && i % 3 != 1 ? 0 : all ? heads : kv);
        key("attention.head_count_kv", is("convolutions") ? (Object) kvHeads : (Object) kvHeads[0]);
        if (free) {
            key("attention.key_length", headDim);
            key("attention.value_length", headDim);
        }
        boolean layerNorm = is("layer-norm") || is("layer-norm-alone");
        float small = of(1, 2) == 1 ? 1e-5f : 1e-2f;
        key("attention.layer_norm_" + (layerNorm ? "epsilon" : "rms_epsilon"), small);
        epsilon = small;
        ffnDim = of(18, 30, 36);
        if (!family.equals("gpt-oss")) {
            key("feed_forward_length", ffnDim);
        }
        experts = NaiveMixture.layers(this, layers);
        parallel = is("parallel") || (is("perhaps-parallel") && (plain || maybe()));
        drawKeys();
        NaiveRotary rotary = new NaiveRotary(this, headDim, plain ? 1 : of(1, 2, 3, 4, 5, 6, 7));
        normsAndTurns = new NaiveHeads(this, rotary, headDim, epsilon);
        drawTensors(layers);
    }

    boolean is(String word) {
        return words.contains(word);
    }

    boolean isPlain() {
        return plain;
    }

    boolean maybe() {
        return !plain && random.nextBoolean();
    }

    int of(int... values) {
        return values[plain ? values.length - 1 : random.nextInt(values.length)];
    }

    private void drawKeys() {
        if (is("caps") || is("cap")) {
            key("final_logit_softcapping", 2.5f);
        }
        if (is("caps")) {
            key("attn_logit_softcapping", 1.5f);
        }
        if (is("scales")) {
            key("embedding_scale", 3f);
            key("residual_scale", 0.4f);
            key("logit_scale", 2.5f);
            key("attention.scale", maybe() ? 0.2f : 0f);
        }
        if (is("multiplied")) {
            key("logit_scale", 0.3f);
        }
        if (is("sections")) {
            int[] sections = NaiveRotary.sections(headDim);
            if (family.equals("qwen2vl") && maybe()) {
                sections[0]--;
                sections[3]++;
            }
            key("rope.dimension_sections", sections);
        }
        if (family.equals("gptneox")) {
            key("use_parallel_residual", parallel);
        }
        if (is("temper")) {
            key("attention.temperature_scale", 0.3f);
            key("rope.scaling.original_context_length", 8);
        }
        if (window() > 0 && (is("local-scaled") || is("both-sides") || is("turned-near") || of(1, 2, 3) > 1)) {
            key("attention.sliding_window", of(4, 9));
        }
        if (window() > 0 && maybe()) {
            key("attention.sliding_window_pattern", of(1, 2, 3, 0));
        }
        if (family.equals("lfm2") && maybe()) {
            key("attention.sliding_window", 5);
        }
    }

    private void drawTensors(int layers) {
        int vocabSize = integer("vocab_size");
        matrix("token_embd", vocabSize, dim);
        if (!is("encoder") && !is("tied") && (plain || maybe())) {
            matrix("output", vocabSize, dim);
        }
        if (is("logit-bias") && (plain || maybe())) {
            near("output.bias", 0, 0.5f, vocabSize);
        }
        if (is("closing") || is("unnormed")) {
            norm("token_embd_norm");
        }
        if (!is("closing")) {
            norm(is("convolutions") ? "token_embd_norm" : "output_norm");
        }
        if (is("positions")) {
            matrix("position_embd", integer("context_length"), dim);
        }
        if (is("types") && maybe()) {
            matrix("token_types", 2, dim);
        }
        boolean fused = is("fused") || (!is("separate") && maybe());
        boolean biased = is("biases") || (!is("separate") && !is("unnormed") && maybe());
        boolean down = is("ffn-biases") && (is("biases") || maybe());
        boolean second = is("second-norms") && maybe();
        for (int layer = 0; layer < layers; layer++) {
            String block = "blk." + layer + ".";
            norms(block, layer);
            if (second) {
                norm(block + "attn_norm_2");
            }
            if (kvHeads[layer] == 0) {
                matrix(block + "shortconv.conv", dim, integer("shortconv.l_cache", 3));
                matrix(block + "shortconv.in_proj", 3 * dim, dim);
                matrix(block + "shortconv.out_proj", dim, dim);
                key("shortconv.l_cache", 3);
            } else {
                attention(block, kvHeads[layer], fused, biased);
            }
            if (experts[layer] > 0) {
                NaiveMixture.draw(this, block, is("chosen"));
            } else {
                dense(block, down);
            }
        }
    }

    private void norms(String block, int layer) {
        if (is("closing")) {
            norm(block + "attn_output_norm");
            norm(block + "layer_output_norm");
            return;
        }
        if (!is("after") && !(is("unnormed") && layer == 0)) {
            norm(block + "attn_norm");
        }
        if (is("between") || is("after") || is("late-norm")) {
            norm(block + "post_attention_norm");
        }
        if (is("between") || is("after")) {
            norm(block + "post_ffw_norm");
        }
        if (!is("after") && !is("late-norm") && (!parallel || is("own-norms"))) {
            norm(block + "ffn_norm");
        }
    }

    private void norm(String name) {
        gains(name, dim);
        if (is("layer-norm")) {
            near(name + ".bias", 0, 0.3f, dim);
        }
    }

    private void attention(String block, int kv, boolean fused, boolean bias) {
        if (fused) {
            biased(block + "attn_qkv", (heads + 2 * kv) * headDim, dim, bias);
        } else {
            biased(block + "attn_q", heads * headDim, dim, bias);
            biased(block + "attn_k", kv * headDim, dim, bias);
            biased(block + "attn_v", kv * headDim, dim, bias);
        }
        biased(block + "attn_output", dim, heads * headDim, is("output-bias"));
        normsAndTurns.drawNorms(block, heads, kv);
        if (is("sinks")) {
            near(block + "attn_sinks.weight", 0, 1, heads);
        }
    }

    private void dense(String block, boolean bias) {
        biased(block + "ffn_up", is("stacked") ? 2 * ffnDim : ffnDim, dim, bias && !is("stacked"));
        biased(block + "ffn_down", dim, ffnDim, bias);
        if (!is("plain") && !is("stacked")) {
            biased(block + "ffn_gate", ffnDim, dim, bias);
        }
    }

    /** Of which layers one sees all; 0 for no windows. */
    private int window() {
        for (String word : words) {
            if (word.startsWith("window")) {
                return integer("attention.sliding_window_pattern", word.charAt("window".length()) - '0');
            }
        }
        return 0;
    }

    /** Whether a layer sees a window. */
    private boolean near(int layer) {
        if (integer("attention.sliding_window", 0) == 0) {
            return false;
        }
        if (is("convolutions")) {
            return true;
        }
        int period = window();
        return period == 0 || (is("unnormed") ? layer % period != 0 : layer % period != period - 1);
    }

    // The pass.

    @Override
    double[][] hidden(int... tokens) {
        double[][] x = new double[tokens.length][];
        for (int t = 0; t < x.length; t++) {
            x[t] = times(row("token_embd.weight", tokens[t]), is("root") ? Math.sqrt(dim) : real("embedding_scale", 1));
            if (is("positions")) {
                add(x[t], row("position_embd.weight", t));
            }
            if (has("token_types.weight")) {
                add(x[t], row("token_types.weight", 0));
            }
            x[t] = is("closing") || is("unnormed") ? normed(x[t], "token_embd_norm") : x[t];
        }
        double residual = real("residual_scale", 1);
        for (int layer = 0; layer < kvHeads.length; layer++) {
            String block = "blk." + layer + ".";
            double[][] in = new double[x.length][];
            for (int t = 0; t < x.length; t++) {
                in[t] = normed(x[t], block + "attn_norm");
            }
            double[][] read = in.clone();
            for (int t = 0; t < x.length && has(block + "attn_norm_2.weight"); t++) {
                read[t] = normed(x[t], block + "attn_norm_2");
            }
            double[][] mixed = kvHeads[layer] == 0 ? shortConvolution(read, block) : attend(read, layer);
            for (int t = 0; t < x.length; t++) {
                double[] before = x[t].clone();
                double[] out = is("late-norm") ? mixed[t] : normed(mixed[t], block + "post_attention_norm");
                add(x[t], times(out, residual));
                x[t] = normed(x[t], block + "attn_output_norm");
                double[] y = normed(x[t], block + (is("late-norm") ? "post_attention_norm" : "ffn_norm"));
                if (parallel) {
                    y = is("own-norms") ? normed(before, block + "ffn_norm") : in[t];
                }
                y = experts[layer] > 0 ? NaiveMixture.of(this, y, block) : forward(y, block);
                add(x[t], times(normed(y, block + "post_ffw_norm"), residual));
                x[t] = normed(x[t], block + "layer_output_norm");
            }
        }
        for (int t = 0; t < x.length && !is("closing"); t++) {
            x[t] = normed(x[t], is("convolutions") ? "token_embd_norm" : "output_norm");
        }
        return x;
    }

    @Override
    double[][] logits(int... tokens) {
        double[][] logits = hidden(tokens);
        double cap = real("final_logit_softcapping", 0);
        for (int t = 0; t < logits.length; t++) {
            double[] row = multiply(has("output.weight") ? "output" : "token_embd", logits[t]);
            if (!has("output.weight") && has("output.bias")) {
                add(row, all("output.bias"));
            }
            double scale = real("logit_scale", 1);
            row = times(row, is("multiplied") ? scale : 1 / scale);
            logits[t] = cap == 0 ? row : map(row, z -> cap * Math.tanh(z / cap));
        }
        return logits;
    }

    /** What the file has no norm for, stays as it is. */
    private double[] normed(double[] x, String name) {
        if (!has(name + ".weight")) {
            return x.clone();
        }
        if (!is("layer-norm") && !is("layer-norm-alone")) {
            return rms(x, all(name + ".weight"), dim, epsilon);
        }
        double mean = Arrays.stream(x).average().orElseThrow();
        double[] y = rms(map(x, a -> a - mean), all(name + ".weight"), dim, epsilon);
        if (has(name + ".bias")) {
            add(y, all(name + ".bias"));
        }
        return y;
    }

    private double[] forward(double[] x, String block) {
        double[] up = multiply(block + "ffn_up", x);
        double[] gate = is("plain") ? up : is("stacked") ? part(up, 0, ffnDim) : multiply(block + "ffn_gate", x);
        double[] active = map(gate, is("gelu") ? NaiveModel::gelu : NaiveModel::silu);
        if (is("squared")) {
            active = map(up, u -> u > 0 ? u * u : 0);
        }
        if (is("plain")) {
            return multiply(block + "ffn_down", active);
        }
        return multiply(block + "ffn_down", times(active, is("stacked") ? part(up, ffnDim, 2 * ffnDim) : up));
    }

    private double[][] attend(double[][] x, int layer) {
        String block = "blk." + layer + ".";
        int count = x.length;
        double[][] q = new double[count][];
        double[][] k = new double[count][];
        double[][] v = new double[count][];
        boolean near = near(layer);
        int end = heads * headDim;
        int all = end + 2 * kvHeads[layer] * headDim;
        for (int t = 0; t < count; t++) {
            double[] fused = has(block + "attn_qkv.weight") ? multiply(block + "attn_qkv", x[t]) : null;
            q[t] = fused == null ? multiply(block + "attn_q", x[t]) : part(fused, 0, end);
            k[t] = fused == null ? multiply(block + "attn_k", x[t]) : part(fused, end, (end + all) / 2);
            v[t] = fused == null ? multiply(block + "attn_v", x[t]) : part(fused, (end + all) / 2, all);
            boolean turns = !is("positions") && !(is("unturned") && layer % 4 == 3) && (near || !is("turned-near"));
            q[t] = normsAndTurns.of(q[t], block + "attn_q_norm", t, near, turns);
            k[t] = normsAndTurns.of(k[t], block + "attn_k_norm", t, near, turns);
            if (is("temper")) {
                int step = integer("rope.scaling.original_context_length");
                q[t] = times(q[t], 1 + 0.3f * Math.log(1 + t / step));
            }
        }
        int width = near ? integer("attention.sliding_window") : 2 * count + 2;
        double scale = real("attention.scale", 0) == 0 ? 1 / Math.sqrt(headDim) : real("attention.scale", 0);
        double[] sinks = is("sinks") ? all(block + "attn_sinks.weight") : null;
        NaiveScores scores = new NaiveScores(headDim, scale, real("attn_logit_softcapping", 0), sinks);
        double[][] y = new double[count][];
        for (int t = 0; t < count; t++) {
            int first = Math.max(0, is("encoder") ? t - width / 2 : t - width + 1);
            int last = is("encoder") ? Math.min(count, t + width / 2 + 1) : t + 1;
            y[t] = multiply(block + "attn_output", scores.mix(q[t], k, v, first, last));
        }
        return y;
    }
}
