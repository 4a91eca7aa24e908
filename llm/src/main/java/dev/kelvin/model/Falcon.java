// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.FeedForward.Plain;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Norm;
import dev.kelvin.plan.Parallel;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The falcon architecture: attention and a feed-forward without a gate side by side, behind one LayerNorm, or in the
 * larger models behind one each.
 *
 * <p>Source: Almazrouei et al., The Falcon Series of Open Language Models, 2023.
 */
final class Falcon {
    private Falcon() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        float epsilon = model.layerNormEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.HALVES);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            Norm norm = block.layerNorm("attn_norm", dim, epsilon);
            AttentionPlan attention = block.attention(heads, dim).withRotary(rotary);
            Plain feedForward = new Plain(
                    block.projection("ffn_up", model.ffnDim(), dim),
                    block.branchEnd("ffn_down", dim, model.ffnDim()),
                    Activation.GELU_TANH);
            blocks.add(Block.of(
                    block.has("attn_norm_2.weight")
                            ? Branch.of(
                                    null,
                                    new Parallel(
                                            dim,
                                            List.of(
                                                    Branch.of(block.layerNorm("attn_norm_2", dim, epsilon), attention),
                                                    Branch.of(norm, feedForward))))
                            : Branch.of(norm, Parallel.of(dim, attention, feedForward))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().layerNorm("output_norm", dim, epsilon),
                model.output());
    }
}
