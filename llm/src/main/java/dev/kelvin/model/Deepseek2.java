// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.operand.Routing.Gating;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.Gate;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.LatentAttentionPlan;
import dev.kelvin.plan.LatentAttentionPlan.Query;
import dev.kelvin.plan.Rotary;
import dev.kelvin.plan.Scores;
import java.util.ArrayList;
import java.util.List;

/**
 * The deepseek2 architecture: latent attention, and mixtures with experts that all rows share behind the first layers.
 * Small models make their queries directly. The layers at the end that predict further tokens are passed over.
 *
 * <p>Sources: DeepSeek-AI, DeepSeek-V2, arXiv:2405.04434, and DeepSeek-V3 Technical Report, arXiv:2412.19437; names and
 * order of ggml-org/llama.cpp.
 */
final class Deepseek2 {
    /** In files the multiplier of yarn's logarithm is this part of what it is. */
    private static final double MULTIPLIER_UNIT = 0.1;

    /** The vocabulary of a model whose first files do not say that its gates are sigmoids. */
    private static final int GLM_VOCABULARY = 154_880;

    private static final int GLM_LAYERS = 47;

    private final Hyperparameters model;
    private final int dim;
    private final float epsilon;
    private final int heads;
    private final int still;
    private final int latentDim;
    private final int valueDim;
    private final Rotary rotary;
    private final Scores scores;

    private Deepseek2(Hyperparameters model) throws ModelFormatException {
        this.model = model;
        Keys keys = model.keys();
        dim = model.dim();
        epsilon = model.rmsEpsilon();
        heads = keys.positive("attention.head_count");
        latentDim = keys.positive("attention.kv_lora_rank");
        valueDim = keys.positive("attention.value_length_mla");
        int turning = keys.positive("rope.dimension_count");
        int keyDim = keys.positive("attention.key_length_mla");
        still = keyDim - turning;
        if (still < 1) {
            throw keys.refuse("attention.key_length_mla", "more than the " + turning + " elements that turn", keyDim);
        }
        if (heads * Math.max((long) keyDim, Math.max((long) latentDim + turning, valueDim)) > Integer.MAX_VALUE) {
            throw keys.refuse("attention.head_count", "heads whose rows are shorter than 2^31", heads);
        }
        // What is kept of a position, as if it were one head, and what only some models have.
        for (String key : List.of("head_count_kv", "key_length", "value_length", "q_lora_rank", "temperature_length")) {
            keys.contains("attention." + key);
        }
        double multiplier = keys.real("rope.scaling.yarn_log_multiplier", 0) / MULTIPLIER_UNIT;
        RotaryKeys rotations =
                multiplier == 0 ? model.rotations() : model.rotations().withoutMagnitude();
        rotary = rotations.scaled(new Heads(heads, 1, turning), Pairing.ADJACENT);
        double growth = MULTIPLIER_UNIT * (multiplier == 0 ? 1 : multiplier);
        scores = scores(keys, keyDim, rotations.attentionFactor() * (1 + growth * rotations.yarnLogarithm()));
    }

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        return new Deepseek2(model).plan();
    }

    /** The magnitude of yarn, once for queries and once for keys, and queries that grow where a file says so. */
    private static Scores scores(Keys keys, int keyDim, double magnitude) throws ModelFormatException {
        Scores scores = Scores.scaled((float) (magnitude * magnitude / Math.sqrt(keyDim)));
        float slope = keys.real("attention.temperature_scale", 0);
        return slope == 0
                ? scores
                : scores.withTemper(new Scores.Temper(slope, keys.positive("attention.temperature_length")));
    }

    private DecoderPlan plan() throws ModelFormatException {
        int dense = model.keys().integer("leading_dense_block_count", 0);
        boolean glm = model.sizes().vocabSize() == GLM_VOCABULARY
                && (model.layers() == GLM_LAYERS || model.layers() == GLM_LAYERS + 1);
        Mixture mixture = new Mixture(model, Gate.SILU).choosing(glm ? Gating.SIGMOID : Gating.SOFTMAX, false);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.trunkLayers(); layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(
                    Branch.of(block.rms("attn_norm", dim, epsilon), attention(block)),
                    Branch.of(block.rms("ffn_norm", dim, epsilon), mixture.of(block, layer < dense))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
    }

    private LatentAttentionPlan attention(Tensors block) throws ModelFormatException {
        return new LatentAttentionPlan(
                query(block),
                block.projection("attn_kv_a_mqa", (long) latentDim + rotary.dims(), dim),
                block.rms("attn_kv_a_norm", latentDim, epsilon),
                block.experts("attn_k_b", heads, latentDim, still),
                block.experts("attn_v_b", heads, valueDim, latentDim),
                block.branchEnd("attn_output", dim, (long) heads * valueDim),
                rotary,
                scores);
    }

    private Query query(Tensors block) throws ModelFormatException {
        long queries = (long) heads * (still + rotary.dims());
        if (!block.has("attn_q_a.weight")) {
            return new Query(null, null, block.projection("attn_q", queries, dim));
        }
        int rank = model.keys().positive("attention.q_lora_rank");
        return new Query(
                block.projection("attn_q_a", rank, dim),
                block.rms("attn_q_a_norm", rank, epsilon),
                block.projection("attn_q_b", queries, rank));
    }
}
