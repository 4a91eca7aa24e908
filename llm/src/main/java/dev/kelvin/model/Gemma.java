// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The gemma architecture: llama with heads that turn by halves, an embedding times the root of its width, and a
 * feed-forward gated by GELU. Its files hold norms with their 1 added.
 *
 * <p>Source: Gemma Team, Gemma: Open Models Based on Gemini Research and Technology, 2024.
 */
final class Gemma {
    private Gemma() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.HALVES);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(
                    Branch.of(
                            block.rms("attn_norm", dim, epsilon),
                            block.attention(heads, dim).withRotary(rotary)),
                    Branch.of(
                            block.rms("ffn_norm", dim, epsilon),
                            block.gated(model.ffnDim(), dim, Activation.GELU_TANH))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()).withScale((float) Math.sqrt(dim)),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
    }
}
