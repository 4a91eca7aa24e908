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
 * The gptneox architecture, of which Pythia is one: LayerNorm, biases throughout, heads that turn in part, and
 * attention and feed-forward side by side, each behind a norm of its own, or as files may say, one after the other.
 *
 * <p>Source: Black et al., GPT-NeoX-20B: An Open-Source Autoregressive Language Model, 2022.
 */
final class GptNeoX {
    private GptNeoX() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        int ffnDim = model.ffnDim();
        float epsilon = model.layerNormEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.HALVES);
        boolean parallel = model.keys().flag("use_parallel_residual", true);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            Plain plain = new Plain(
                    block.projection("ffn_up", ffnDim, dim),
                    block.branchEnd("ffn_down", dim, ffnDim),
                    Activation.GELU_TANH);
            Branch attention = Branch.of(
                    block.layerNorm("attn_norm", dim, epsilon),
                    block.attention(heads, dim).withRotary(rotary));
            Branch feedForward = Branch.of(block.layerNorm("ffn_norm", dim, epsilon), plain);
            blocks.add(
                    parallel
                            ? Block.of(Branch.of(null, new Parallel(dim, List.of(attention, feedForward))))
                            : Block.of(attention, feedForward));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().layerNorm("output_norm", dim, epsilon),
                model.output());
    }
}
