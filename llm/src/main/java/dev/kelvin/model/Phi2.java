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
import dev.kelvin.plan.Parallel;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The phi2 architecture: attention and a feed-forward without a gate side by side behind one LayerNorm, heads that turn
 * in part, and biases throughout, also of the logits.
 *
 * <p>Source: Javaheripi et al., Phi-2: The surprising power of small language models, 2023.
 */
final class Phi2 {
    private Phi2() {}

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
            blocks.add(Block.of(Branch.of(
                    block.layerNorm("attn_norm", dim, epsilon),
                    Parallel.of(dim, block.attention(heads, dim).withRotary(rotary), feedForward))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().layerNorm("output_norm", dim, epsilon),
                model.biasedOutput());
    }
}
