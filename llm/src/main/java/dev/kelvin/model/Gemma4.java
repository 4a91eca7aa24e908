// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.FeedForward.Experts;
import dev.kelvin.plan.FeedForward.Gated;
import dev.kelvin.plan.FeedForward.Injection;
import dev.kelvin.plan.Gate;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Logits;
import dev.kelvin.plan.Norm;
import dev.kelvin.plan.Parallel;
import dev.kelvin.plan.Projection;
import dev.kelvin.plan.Scores;
import java.util.ArrayList;
import java.util.List;

/**
 * The gemma4 architecture: as gemma3 with heads of another width in layers with a window, normalised values and scores
 * that are not scaled. Its small models give each block something of the token besides, and read in their last layers
 * the keys and values of earlier ones; its mixtures have their experts beside a dense layer.
 *
 * <p>Source: Google, Gemma 4 model card, 2026; names and order of ggml-org/llama.cpp.
 */
final class Gemma4 {
    private static final int WINDOW_PERIOD = 6;
    private static final float USUAL_SOFT_CAP = 30;

    private final Hyperparameters model;
    private final int dim;
    private final float epsilon;
    private final Mixture mixture;
    private final boolean[] windowed;
    private final AttentionMask window;
    private final int[] heads;
    private final int[] kvHeads;
    private final int[] ffnDims;

    /** Layers with keys and values of their own. */
    private final int own;

    /** P, the elements that each block is given of a token besides; 0 for none. */
    private final int inputDim;

    /** The last layers so far that have keys and values, with a window and without. */
    private AttentionPlan lastWindowed;

    private AttentionPlan lastGlobal;

    private Gemma4(Hyperparameters model) throws ModelFormatException {
        this.model = model;
        Keys keys = model.keys();
        dim = model.dim();
        epsilon = model.rmsEpsilon();
        mixture = new Mixture(model, new Gate.By(Activation.GELU_TANH));
        windowed = model.windowed(WINDOW_PERIOD);
        window = model.window();
        heads = keys.integers("attention.head_count", model.layers());
        kvHeads = model.kvHeads();
        ffnDims = keys.integers("feed_forward_length", model.layers());
        for (int width : ffnDims) {
            if (width < 1) {
                throw keys.refuse("feed_forward_length", "positive numbers", width);
            }
        }
        int shared = keys.integer("attention.shared_kv_layers", 0);
        if (shared < 0 || shared >= model.layers()) {
            throw keys.refuse("attention.shared_kv_layers", "fewer than the " + model.layers() + " layers", shared);
        }
        own = model.layers() - shared;
        inputDim = keys.integer("embedding_length_per_layer_input", 0);
        if (inputDim < 0) {
            throw keys.refuse("embedding_length_per_layer_input", "a width, or 0 for none", inputDim);
        }
    }

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        return new Gemma4(model).plan();
    }

    private DecoderPlan plan() throws ModelFormatException {
        Tensors tensors = model.tensors();
        EmbeddingPlan embedding = EmbeddingPlan.of(model.embedding()).withScale((float) Math.sqrt(dim));
        if (inputDim > 0) {
            long all = (long) model.layers() * inputDim;
            embedding = embedding.withLayerInputs(new EmbeddingPlan.LayerInputs(
                    tensors.table("per_layer_token_embd", model.sizes().vocabSize(), all),
                    tensors.unbiased("per_layer_model_proj", all, dim),
                    tensors.rms("per_layer_proj_norm", inputDim, epsilon)));
        }
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            blocks.add(new Block(branches(tensors.block(layer), layer)));
        }
        float softCap = model.softCap("final_logit_softcapping", USUAL_SOFT_CAP);
        return DecoderPlan.of(
                        model.sizes(), embedding, blocks, tensors.rms("output_norm", dim, epsilon), model.output())
                .withLogits(softCap == 0 ? Logits.PLAIN : Logits.softCapped(softCap));
    }

    private List<Branch> branches(Tensors block, int layer) throws ModelFormatException {
        List<Branch> branches = new ArrayList<>();
        branches.add(Branch.between(
                block.rms("attn_norm", dim, epsilon),
                layer < own ? attention(block, layer) : reader(block, layer),
                block.rms("post_attention_norm", dim, epsilon)));
        branches.add(feedForward(block, layer));
        if (inputDim > 0) {
            Projection gate = block.projection("inp_gate", inputDim, dim);
            Projection output = block.branchEnd("proj", dim, inputDim);
            branches.add(Branch.between(
                    null,
                    new Injection(gate, output, Activation.GELU_TANH, layer),
                    block.rms("post_norm", dim, epsilon)));
        }
        if (block.has("layer_output_scale.weight")) {
            branches.add(branches.removeLast().scaledBy(block.factors("layer_output_scale.weight", 1)));
        }
        return branches;
    }

    private Heads heads(int layer) throws ModelFormatException {
        return model.heads(heads[layer], kvHeads[layer], windowed[layer] ? "_swa" : "");
    }

    private AttentionPlan attention(Tensors block, int layer) throws ModelFormatException {
        Heads heads = heads(layer);
        Projection key = block.projection("attn_k", heads.kvDim(), dim);
        Projection value = block.has("attn_v.weight") ? block.projection("attn_v", heads.kvDim(), dim) : key;
        RotaryKeys rotations = model.rotations();
        AttentionPlan attention = AttentionPlan.of(
                        heads,
                        block.projection("attn_q", heads.queryDim(), dim),
                        key,
                        value,
                        block.branchEnd("attn_output", dim, heads.queryDim()))
                .withNorms(
                        block.rms("attn_q_norm", heads.dim(), epsilon), block.rms("attn_k_norm", heads.dim(), epsilon))
                .withValueNorm(new Norm.PlainRms(heads.dim(), epsilon))
                .withRotary(
                        windowed[layer]
                                ? rotations.windowed(heads, Pairing.HALVES)
                                : rotations.scaled(heads, Pairing.HALVES, heads.dim() / 2))
                .withMask(windowed[layer] ? window : AttentionMask.causal())
                .withScores(Scores.scaled(1));
        if (windowed[layer]) {
            lastWindowed = attention;
        } else {
            lastGlobal = attention;
        }
        return attention;
    }

    /** What reads the keys and values of the last layer of its kind that has some. */
    private AttentionPlan reader(Tensors block, int layer) throws ModelFormatException {
        Heads heads = heads(layer);
        AttentionPlan source = windowed[layer] ? lastWindowed : lastGlobal;
        if (source == null
                || source.heads().kvCount() != heads.kvCount()
                || source.heads().dim() != heads.dim()) {
            throw model.keys()
                    .refuse(
                            "attention.shared_kv_layers",
                            "a layer before the last " + (model.layers() - own) + " that has keys and values for "
                                    + heads + " of layer " + layer,
                            source == null ? "none" : source.heads());
        }
        // Files may hold what made keys and values before they were shared.
        block.ignore("attn_k");
        block.ignore("attn_v");
        return source.reader(
                heads,
                block.projection("attn_q", heads.queryDim(), dim),
                block.branchEnd("attn_output", dim, heads.queryDim()),
                block.rms("attn_q_norm", heads.dim(), epsilon));
    }

    private Branch feedForward(Tensors block, int layer) throws ModelFormatException {
        Norm before = block.rms("ffn_norm", dim, epsilon);
        Gated dense = block.gated(ffnDims[layer], dim, Activation.GELU_TANH);
        Norm after = block.rms("post_ffw_norm", dim, epsilon);
        if (!mixture.exists() || !block.has("ffn_gate_inp.weight")) {
            return Branch.between(before, dense, after);
        }
        Experts experts = mixture.experts(block)
                .withReading(new Experts.Reading(
                        new Norm.Rms(block.factors("ffn_gate_inp.scale", dim), epsilon),
                        (float) (1 / Math.sqrt(dim)),
                        block.rms("pre_ffw_norm_2", dim, epsilon)));
        List<Branch> both = List.of(
                Branch.between(before, dense, block.rms("post_ffw_norm_1", dim, epsilon)),
                Branch.between(null, experts, block.rms("post_ffw_norm_2", dim, epsilon)));
        return Branch.between(null, new Parallel(dim, both), after);
    }
}
