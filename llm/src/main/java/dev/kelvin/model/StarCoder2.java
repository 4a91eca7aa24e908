// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.FeedForward.Plain;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The starcoder2 architecture: LayerNorm, biases throughout, and a feed-forward without a gate.
 *
 * <p>Source: Lozhkov et al., StarCoder 2 and The Stack v2, 2024.
 */
final class StarCoder2 {
    private StarCoder2() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        int ffnDim = model.ffnDim();
        float epsilon = model.layerNormEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.HALVES);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            Plain feedForward = new Plain(
                    block.projection("ffn_up", ffnDim, dim),
                    block.branchEnd("ffn_down", dim, ffnDim),
                    Activation.GELU_TANH);
            blocks.add(Block.of(
                    Branch.of(
                            block.layerNorm("attn_norm", dim, epsilon),
                            block.attention(heads, dim).withRotary(rotary)),
                    Branch.of(block.layerNorm("ffn_norm", dim, epsilon), feedForward)));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().layerNorm("output_norm", dim, epsilon),
                model.output());
    }
}
