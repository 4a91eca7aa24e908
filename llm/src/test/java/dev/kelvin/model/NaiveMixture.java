// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.util.Arrays;

/** A mixture of experts of a {@link NaiveTransformer}, in double precision. */
final class NaiveMixture {
    private NaiveMixture() {}

    /** Draws the experts of each layer. */
    static int[] layers(NaiveTransformer model, int layers) {
        int[] each = new int[layers];
        if (!model.is("mixture") || !(model.is("always") || model.maybe())) {
            return each;
        }
        int dense = model.is("dense") ? model.of(0, 1, 2) : 0;
        int groups = model.is("groups") && model.maybe() ? 3 : 0;
        int experts = groups == 0 ? model.of(4, 7) : groups * model.of(2, 4);
        Arrays.fill(each, dense, layers, experts);
        if (model.is("alternate")) {
            int every = model.of(2, 3);
            model.key("moe_every_n_layers", every);
            Arrays.setAll(each, i -> i % every == 1 ? experts : 0);
        }
        if (groups > 0) {
            model.key("expert_group_count", groups);
            model.key("expert_group_used_count", 2);
        }
        model.key("expert_count", experts);
        model.key("expert_used_count", model.of(1, 2, 3));
        if (model.is("dense")) {
            model.key("leading_dense_block_count", dense);
        }
        if (model.is("sigmoid")) {
            model.key("expert_gating_func", 2);
        }
        if (model.family.startsWith("ernie")) {
            model.key("interleave_moe_layer_step", 1);
        }
        if (model.is("shares") && model.maybe()) {
            return each;
        }
        if (model.is("shares") || model.is("dense") || model.is("chosen")) {
            model.key("expert_feed_forward_length", model.of(11, 20));
        }
        if (model.is("shared")) {
            model.key("expert_shared_feed_forward_length", model.of(9, 40));
        }
        return each;
    }

    /** The width of an expert, as families have it where their files do not say it. */
    private static int width(NaiveTransformer model) {
        int ffnDim = model.integer("feed_forward_length", 0);
        int used = model.integer("expert_used_count");
        return model.integer("expert_feed_forward_length", model.is("shares") ? ffnDim / used : ffnDim);
    }

    static void draw(NaiveTransformer model, String block, boolean biased) {
        int dim = model.integer("embedding_length");
        int experts = model.integer("expert_count");
        int width = width(model);
        model.matrix(block + "ffn_gate_inp", experts, dim);
        if (!model.is("ungated")) {
            model.experts(block + "ffn_gate_exps", experts, width, dim);
        }
        model.experts(block + "ffn_up_exps", experts, width, dim);
        model.experts(block + "ffn_down_exps", experts, dim, width);
        if (biased) {
            model.near(block + "ffn_gate_inp.bias", 0, 0.3f, experts);
            model.near(block + "ffn_gate_exps.bias", 0, 3, experts, width);
            model.near(block + "ffn_up_exps.bias", 0, 9, experts, width);
            model.near(block + "ffn_down_exps.bias", 0, 0.3f, experts, dim);
        }
        if (model.is("selection")) {
            model.near(block + "exp_probs_b.bias", 0, 0.5f, experts);
        }
        if (model.is("shared")) {
            int shared = sharedWidth(model);
            model.matrix(block + "ffn_gate_shexp", shared, dim);
            model.matrix(block + "ffn_up_shexp", shared, dim);
            model.matrix(block + "ffn_down_shexp", dim, shared);
            if (model.is("gated")) {
                model.near(block + "ffn_gate_inp_shexp.weight", 0, 0.3f, dim);
            }
        }
    }

    private static int sharedWidth(NaiveTransformer model) {
        return model.integer("expert_shared_feed_forward_length", model.integer("feed_forward_length", 0));
    }

    static double[] of(NaiveTransformer model, double[] x, String block) {
        double[] weights = weights(model, x, block);
        double[] y = new double[x.length];
        for (int e = 0; e < weights.length; e++) {
            if (weights[e] != 0) {
                NaiveModel.add(y, NaiveModel.times(expert(model, x, block, e), weights[e]));
            }
        }
        if (model.is("shared")) {
            double[] gate = NaiveModel.map(model.multiply(block + "ffn_gate_shexp", x), NaiveModel::silu);
            double[] out = model.multiply(
                    block + "ffn_down_shexp", NaiveModel.times(gate, model.multiply(block + "ffn_up_shexp", x)));
            double share =
                    model.is("gated") ? NaiveModel.sigmoid(model.multiply(block + "ffn_gate_inp_shexp", x)[0]) : 1;
            NaiveModel.add(y, NaiveModel.times(out, share));
        }
        return y;
    }

    private static double[] weights(NaiveTransformer model, double[] x, String block) {
        double[] logits = model.multiply(block + "ffn_gate_inp", x);
        double[] gates = NaiveModel.map(logits, model.is("sigmoid") ? NaiveModel::sigmoid : Math::exp);
        if (!model.is("sigmoid")) {
            gates = NaiveModel.times(gates, 1 / Arrays.stream(gates).sum());
        }
        double[] ranks = gates.clone();
        if (model.is("selection")) {
            NaiveModel.add(ranks, model.all(block + "exp_probs_b.bias"));
        }
        keepBestGroups(model, ranks);
        double[] sorted = ranks.clone();
        Arrays.sort(sorted);
        double least = sorted[sorted.length - model.integer("expert_used_count")];
        double chosen = 0;
        for (int e = 0; e < gates.length; e++) {
            gates[e] = ranks[e] >= least ? gates[e] : 0;
            chosen += gates[e];
        }
        return model.is("unnormalised") ? gates : NaiveModel.times(gates, 1 / chosen);
    }

    /** Of groups that are not among those with the best pairs, no expert has a rank. */
    private static void keepBestGroups(NaiveTransformer model, double[] ranks) {
        int groups = model.integer("expert_group_count", 1);
        int size = ranks.length / groups;
        double[] sums = new double[groups];
        Arrays.setAll(sums, group -> {
            double[] own = Arrays.copyOfRange(ranks, group * size, (group + 1) * size);
            Arrays.sort(own);
            return own[size - 1] + own[size - 2];
        });
        double[] sorted = sums.clone();
        Arrays.sort(sorted);
        double least = sorted[groups - model.integer("expert_group_used_count", 1)];
        for (int e = 0; e < ranks.length; e++) {
            ranks[e] = sums[e / size] >= least ? ranks[e] : Double.NEGATIVE_INFINITY;
        }
    }

    private static double[] expert(NaiveTransformer model, double[] x, String block, int e) {
        double[] up = projection(model, x, block + "ffn_up_exps", e);
        if (model.is("ungated")) {
            return projection(model, NaiveModel.map(up, NaiveModel::gelu), block + "ffn_down_exps", e);
        }
        double[] gate = projection(model, x, block + "ffn_gate_exps", e);
        if (model.is("chosen")) {
            gate = NaiveModel.map(gate, g -> Math.min(g, 7) * NaiveModel.sigmoid(1.702 * Math.min(g, 7)));
            up = NaiveModel.map(up, u -> Math.clamp(u, -7, 7) + 1);
        } else {
            gate = NaiveModel.map(gate, NaiveModel::silu);
        }
        return projection(model, NaiveModel.times(gate, up), block + "ffn_down_exps", e);
    }

    private static double[] projection(NaiveTransformer model, double[] x, String name, int e) {
        float[] weight = model.tensors.get(name + ".weight").data();
        int rows = weight.length / model.integer("expert_count") / x.length;
        double[] y = model.expert(name, e, rows, x);
        if (model.has(name + ".bias")) {
            NaiveModel.add(y, model.row(name + ".bias", e));
        }
        return y;
    }
}
