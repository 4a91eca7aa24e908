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
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The olmoe architecture: a mixture whose weights are those of the softmax over all experts, and queries and keys that
 * are normalised as whole rows.
 *
 * <p>Source: Muennighoff et al., OLMoE: Open Mixture-of-Experts Language Models, 2024.
 */
final class OlMoE {
    private OlMoE() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.HALVES);
        Mixture mixture = new Mixture(model, Gate.SILU).choosing(Gating.SOFTMAX, false);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(
                    Branch.of(
                            block.rms("attn_norm", dim, epsilon),
                            block.attention(heads, dim)
                                    .withNorms(
                                            block.rms("attn_q_norm", heads.queryDim(), epsilon),
                                            block.rms("attn_k_norm", heads.kvDim(), epsilon))
                                    .withRotary(rotary)),
                    Branch.of(block.rms("ffn_norm", dim, epsilon), mixture.of(block))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
    }
}
