// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.Gate;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The ernie4_5-moe architecture: llama whose layers but the first are mixtures, with an expert that all rows share.
 *
 * <p>Source: Baidu, ERNIE 4.5 Technical Report, 2025.
 */
final class Ernie {
    private Ernie() {}

    static DecoderPlan mixture(Hyperparameters model) throws ModelFormatException {
        Keys keys = model.keys();
        int dim = model.dim();
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.ADJACENT);
        Mixture mixture = new Mixture(model, Gate.SILU);
        int dense = keys.integer("leading_dense_block_count", 0);
        int step = keys.integer("interleave_moe_layer_step", 1);
        if (step != 1) {
            throw keys.refuse("interleave_moe_layer_step", "1, a mixture in every layer", step);
        }
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(
                    Branch.of(
                            block.rms("attn_norm", dim, epsilon),
                            block.attention(heads, dim).withRotary(rotary)),
                    Branch.of(block.rms("ffn_norm", dim, epsilon), mixture.of(block, layer < dense))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
    }
}
