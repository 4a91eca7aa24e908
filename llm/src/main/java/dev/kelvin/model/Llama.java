// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.kernel.Activation;
import dev.kelvin.kernel.RopeTable.Pairing;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.FeedForward.Gated;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The llama architecture: a pre-normalised decoder with rotary positions, grouped-query attention and SwiGLU; with
 * biases where a file has them.
 *
 * <p>Source: Touvron et al., LLaMA, 2023; the names of keys and tensors are those of ggml's gguf.md, whose files have
 * queries and keys permuted so that adjacent elements turn together.
 */
final class Llama {
    private Llama() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        int ffnDim = model.ffnDim();
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        float scale = model.attentionScale(heads);
        Rotary rotary = model.rotary(heads, Pairing.ADJACENT);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            Branch attention = Branch.of(
                    block.rms("attn_norm", dim, epsilon),
                    AttentionPlan.of(
                                    heads,
                                    block.projection("attn_q", heads.queryDim(), dim),
                                    block.projection("attn_k", heads.kvDim(), dim),
                                    block.projection("attn_v", heads.kvDim(), dim),
                                    block.branchEnd("attn_output", dim, heads.queryDim()))
                            .withRotary(rotary)
                            .withScale(scale));
            Branch feedForward = Branch.of(
                    block.rms("ffn_norm", dim, epsilon),
                    new Gated(
                            block.projection("ffn_gate", ffnDim, dim),
                            block.projection("ffn_up", ffnDim, dim),
                            block.branchEnd("ffn_down", dim, ffnDim),
                            Activation.SILU));
            blocks.add(Block.of(attention, feedForward));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
    }
}
