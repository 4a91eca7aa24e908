// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.Activation;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.FeedForward.Plain;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Projection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The GPT-2 architecture: a pre-normalised decoder with LayerNorm, learned positions, multi-head attention, GELU and
 * biases.
 *
 * <p>Source: Radford et al., Language Models are Unsupervised Multitask Learners, 2019; the names of keys and tensors
 * are those of ggml's gguf.md.
 */
final class Gpt2 {
    private Gpt2() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        int ffnDim = model.ffnDim();
        float epsilon = model.layerNormEpsilon();
        Heads heads = model.heads();
        if (heads.queryDim() != dim) {
            throw model.keys().refuse("attention.key_length", Integer.toString(dim / heads.count()), heads.dim());
        }
        EmbeddingPlan embedding = EmbeddingPlan.of(model.embedding())
                .withPositions(
                        model.tensors().table("position_embd", model.sizes().contextLength(), dim));
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            Branch attention =
                    Branch.of(block.biasedLayerNorm("attn_norm", dim, epsilon), attention(block, heads, dim));
            Branch feedForward = Branch.of(
                    block.biasedLayerNorm("ffn_norm", dim, epsilon),
                    new Plain(
                            block.biased("ffn_up", ffnDim, dim),
                            block.biasedBranchEnd("ffn_down", dim, ffnDim),
                            Activation.GELU_TANH));
            blocks.add(Block.of(attention, feedForward));
        }
        return DecoderPlan.of(
                model.sizes(),
                embedding,
                blocks,
                model.tensors().biasedLayerNorm("output_norm", dim, epsilon),
                model.output());
    }

    /** One tensor holds the projections to queries, keys and values. */
    private static AttentionPlan attention(Tensors block, Heads heads, int dim) throws ModelFormatException {
        int keys = dim + heads.kvDim();
        int values = keys + heads.kvDim();
        Projection all = block.biased("attn_qkv", values, dim);
        return AttentionPlan.of(
                heads,
                all.rows(0, dim),
                all.rows(dim, keys),
                all.rows(keys, values),
                block.biasedBranchEnd("attn_output", dim, dim));
    }

    /** What a new model has. */
    static final class Fresh implements NewModel {
        @Override
        public void check(int headDim, int heads, int kvHeads) {
            if (kvHeads != heads) {
                throw new IllegalArgumentException(
                        "decoder: GPT-2 has as many key/value heads as heads, got " + kvHeads + " and " + heads);
            }
        }

        @Override
        public void describe(DecoderShape shape, BiConsumer<String, Object> keys) {
            keys.accept("attention.layer_norm_epsilon", DecoderShape.NORM_EPSILON);
        }
    }
}
