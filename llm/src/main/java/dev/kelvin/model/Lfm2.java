// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.Gate;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Projection;
import dev.kelvin.plan.ShortConvPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * The lfm2 and lfm2moe architectures: gated short convolutions, and attention in the layers that have key and value
 * heads; the first layers of a mixture are dense.
 *
 * <p>Source: Liquid AI, LFM2 Technical Report, 2025.
 */
final class Lfm2 {
    private Lfm2() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        float epsilon = model.rmsEpsilon();
        Mixture mixture = new Mixture(model, Gate.SILU);
        int dense = model.keys().integer("leading_dense_block_count", 0);
        int[] kvHeads = model.keys().integers("attention.head_count_kv", model.layers());
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(
                    Branch.of(
                            block.rms("attn_norm", dim, epsilon),
                            kvHeads[layer] == 0
                                    ? convolution(model, block)
                                    : attention(model, block, model.heads(kvHeads[layer]))),
                    Branch.of(block.rms("ffn_norm", dim, epsilon), mixture.of(block, layer < dense))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("token_embd_norm", dim, epsilon),
                model.output());
    }

    private static AttentionPlan attention(Hyperparameters model, Tensors block, Heads heads)
            throws ModelFormatException {
        float epsilon = model.rmsEpsilon();
        return block.attention(heads, model.dim())
                .withNorms(
                        block.rms("attn_q_norm", heads.dim(), epsilon), block.rms("attn_k_norm", heads.dim(), epsilon))
                .withRotary(model.rotary(heads, Pairing.HALVES))
                .withMask(model.window());
    }

    private static ShortConvPlan convolution(Hyperparameters model, Tensors block) throws ModelFormatException {
        int dim = model.dim();
        int taps = model.keys().positive("shortconv.l_cache");
        if (taps < 2) {
            throw model.keys().refuse("shortconv.l_cache", "at least 2 positions", taps);
        }
        Projection all = block.projection("shortconv.in_proj", 3L * dim, dim);
        return new ShortConvPlan(
                all.rows(0, dim),
                all.rows(dim, 2 * dim),
                all.rows(2 * dim, 3 * dim),
                block.taps("shortconv.conv", dim, taps),
                block.branchEnd("shortconv.out_proj", dim, dim));
    }
}
