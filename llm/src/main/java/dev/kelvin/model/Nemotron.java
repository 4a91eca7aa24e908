// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
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
 * The nemotron architecture, of which Minitron is one: LayerNorm, heads that turn in part, and a feed-forward without a
 * gate by the square of ReLU.
 *
 * <p>Source: NVIDIA, Nemotron-4 15B Technical Report, 2024.
 */
final class Nemotron {
    private Nemotron() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        float epsilon = model.layerNormEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.HALVES);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(
                    Branch.of(
                            block.layerNorm("attn_norm", dim, epsilon),
                            block.attention(heads, dim).withRotary(rotary)),
                    Branch.of(block.layerNorm("ffn_norm", dim, epsilon), block.squared(model.ffnDim(), dim))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().layerNorm("output_norm", dim, epsilon),
                model.output());
    }
}
