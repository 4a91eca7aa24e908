// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.operand.Routing.Gating;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.FeedForward;
import dev.kelvin.plan.Gate;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Pooling;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * Encoders of BERT's kind, whose branches are normalised after they are added: bert with learned positions and a plain
 * feed-forward, nomic-bert with rotary positions and a gated one. Of nomic-bert-moe, some layers are mixtures of
 * experts without gates.
 *
 * <p>Sources: Devlin et al., BERT, 2019; Nussbaum et al., Nomic Embed, 2024; Nussbaum and Duderstadt, Training Sparse
 * Mixture Of Experts Text Embedding Models, 2025.
 */
final class Bert {
    private Bert() {}

    static DecoderPlan bert(Hyperparameters model) throws ModelFormatException {
        return plan(model, null);
    }

    static DecoderPlan nomic(Hyperparameters model) throws ModelFormatException {
        return plan(model, model.rotary(model.heads(), Pairing.HALVES));
    }

    private static DecoderPlan plan(Hyperparameters model, Rotary rotary) throws ModelFormatException {
        model.requireBothSides();
        int dim = model.dim();
        float epsilon = model.layerNormEpsilon();
        Heads heads = model.heads();
        Tensors tensors = model.tensors();
        EmbeddingPlan embedding =
                EmbeddingPlan.of(model.embedding()).withNorm(tensors.layerNorm("token_embd_norm", dim, epsilon));
        if (rotary == null) {
            embedding = embedding.withPositions(
                    tensors.table("position_embd", model.sizes().contextLength(), dim));
        }
        if (tensors.has("token_types.weight")) {
            embedding = embedding.withTypes(tensors.table("token_types", tensors.rows("token_types.weight"), dim));
        }
        int every = model.keys().integer("moe_every_n_layers", 0);
        Mixture mixture = every > 0 ? mixture(model) : null;
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            AttentionPlan attention = block.attention(heads, dim).withMask(AttentionMask.full());
            blocks.add(Block.of(
                    Branch.closed(
                            rotary == null ? attention : attention.withRotary(rotary),
                            block.layerNorm("attn_output_norm", dim, epsilon)),
                    Branch.closed(
                            mixture != null && layer % every == 1
                                    ? mixture.experts(block)
                                    : feedForward(block, model.ffnDim(), dim),
                            block.layerNorm("layer_output_norm", dim, epsilon))));
        }
        return model.pooled(
                DecoderPlan.of(model.sizes(), embedding, blocks, null, null),
                Pooling.NONE,
                tensors.classifier(Pooling.CLS, Activation.TANH, dim, epsilon));
    }

    private static Mixture mixture(Hyperparameters model) throws ModelFormatException {
        return new Mixture(model, new Gate.None(Activation.GELU_TANH)).choosing(Gating.SOFTMAX, false);
    }

    private static FeedForward feedForward(Tensors block, int ffnDim, int dim) throws ModelFormatException {
        return block.has("ffn_gate.weight")
                ? block.gated(ffnDim, dim, Activation.SILU)
                : new FeedForward.Plain(
                        block.projection("ffn_up", ffnDim, dim),
                        block.branchEnd("ffn_down", dim, ffnDim),
                        Activation.GELU_TANH);
    }
}
