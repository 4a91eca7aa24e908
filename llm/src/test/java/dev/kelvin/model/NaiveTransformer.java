// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static java.util.Map.entry;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Families of attention and feed-forward layers: what makes each of them is a line of words, and what their files may
 * or may not have is drawn from a seed. The pass in double precision reads the keys and tensors that were drawn.
 */
final class NaiveTransformer extends NaiveModel {
    private static final Map<String, String> FAMILIES = Map.ofEntries(
            entry("llama", "adjacent divisors ffn-biases mixture output-bias"),
            entry("mistral3", "adjacent divisors ffn-biases mixture output-bias betas temper"),
            entry("granite", "adjacent divisors ffn-biases output-bias scales"),
            entry("granitemoe", "adjacent divisors ffn-biases output-bias scales mixture shared"),
            entry("qwen2", "width-of-dim"),
            entry("qwen3", "head-norms"),
            entry("qwen2moe", "width-of-dim mixture always shares shared gated unnormalised"),
            entry("qwen3moe", "head-norms mixture always shares"),
            entry("gemma2", "between gelu root window2 local-scaled caps"),
            entry("gemma3", "between gelu root head-norms window6 local-plain cap"),
            entry("gemma-embedding", "between gelu root head-norms window6 local-plain encoder both-sides"),
            entry("phi3", "width-of-dim stacked partial ranges"),
            entry("smollm3", "adjacent unturned"),
            entry("olmo2", "width-of-dim after row-norms window4 local-global separate"),
            entry("starcoder2", "width-of-dim layer-norm biases plain output-bias ffn-biases gelu"),
            entry("gpt2", "width-of-dim layer-norm biases plain output-bias ffn-biases gelu positions fused"),
            entry("bert", "width-of-dim layer-norm closing plain gelu positions encoder types ffn-biases"),
            entry("nomic-bert", "width-of-dim layer-norm closing partial encoder types"),
            entry(
                    "modern-bert",
                    "width-of-dim layer-norm-alone gelu stacked fused window3 local-plain encoder unnormed"),
            entry("gpt-oss", "biases output-bias window2 local-scaled sinks mixture always chosen"),
            entry("lfm2", "width-of-dim head-norms convolutions"),
            entry("lfm2moe", "width-of-dim head-norms convolutions mixture always sigmoid dense"));

    private final List<String> words;
    private final NaiveRotary rotary;
    private final int dim;
    private final int headDim;
    private final int heads;
    private final int[] kvHeads;
    private final int[] experts;
    private final int ffnDim;
    private final double epsilon;

    NaiveTransformer(String family, long seed) {
        super(family, seed);
        words = List.of(FAMILIES.get(family).split(" ", -1));
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
        Arrays.setAll(kvHeads, i -> is("convolutions") && i % 3 != 1 ? 0 : is("fused") ? heads : kv);
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
        experts = experts(layers);
        drawKeys();
        rotary = new NaiveRotary(this, headDim, of(1, 2, 3, 4, 5, 6, 7));
        drawTensors(layers);
    }

    boolean is(String word) {
        return words.contains(word);
    }

    boolean maybe() {
        return random.nextBoolean();
    }

    int of(int... values) {
        return values[random.nextInt(values.length)];
    }

    /** The experts of each layer. */
    private int[] experts(int layers) {
        int[] each = new int[layers];
        if (!is("mixture") || !(is("always") || maybe())) {
            return each;
        }
        int dense = is("dense") ? of(0, 1, 2) : 0;
        Arrays.fill(each, dense, layers, of(4, 7));
        key("expert_count", each[layers - 1]);
        key("expert_used_count", of(1, 2, 3));
        if (is("dense")) {
            key("leading_dense_block_count", dense);
            key("expert_gating_func", 2);
        }
        if (is("shares") && maybe()) {
            return each;
        }
        if (is("shares") || is("dense") || is("chosen")) {
            key("expert_feed_forward_length", of(11, 20));
        }
        if (is("shared")) {
            key("expert_shared_feed_forward_length", of(9, 21));
        }
        return each;
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
        if (is("temper")) {
            key("attention.temperature_scale", 0.3f);
            key("rope.scaling.original_context_length", 8);
        }
        if (window() > 0 && (is("local-scaled") || is("both-sides") || of(1, 2, 3) > 1)) {
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
        if (!is("encoder") && maybe()) {
            matrix("output", vocabSize, dim);
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
        for (int layer = 0; layer < layers; layer++) {
            String block = "blk." + layer + ".";
            norms(block, layer);
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
        if (is("between") || is("after") || is("chosen")) {
            norm(block + "post_attention_norm");
        }
        if (is("between") || is("after")) {
            norm(block + "post_ffw_norm");
        }
        if (!is("after") && !is("chosen")) {
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
        if (is("head-norms") || is("row-norms")) {
            gains(block + "attn_q_norm", is("head-norms") ? headDim : heads * headDim);
            gains(block + "attn_k_norm", is("head-norms") ? headDim : kv * headDim);
        }
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
            double[][] mixed = kvHeads[layer] == 0 ? convolution(in, block) : attend(in, layer);
            for (int t = 0; t < x.length; t++) {
                double[] out = is("chosen") ? mixed[t] : normed(mixed[t], block + "post_attention_norm");
                add(x[t], times(out, residual));
                x[t] = normed(x[t], block + "attn_output_norm");
                double[] y = normed(x[t], block + (is("chosen") ? "post_attention_norm" : "ffn_norm"));
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
            row = times(row, 1 / real("logit_scale", 1));
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
        if (is("plain")) {
            return multiply(block + "ffn_down", active);
        }
        return multiply(block + "ffn_down", times(active, is("stacked") ? part(up, ffnDim, 2 * ffnDim) : up));
    }

    private double[][] convolution(double[][] x, String block) {
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
            if (has(block + "attn_q_norm.weight")) {
                double[] gains = all(block + "attn_q_norm.weight");
                q[t] = rms(q[t], gains, gains.length, epsilon);
                gains = all(block + "attn_k_norm.weight");
                k[t] = rms(k[t], gains, gains.length, epsilon);
            }
            if (!is("positions") && !(is("unturned") && layer % 4 == 3)) {
                q[t] = rotary.turn(q[t], t, near);
                k[t] = rotary.turn(k[t], t, near);
            }
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
