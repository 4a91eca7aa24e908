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
import dev.kelvin.plan.FeedForward.Gated;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Norm;
import dev.kelvin.plan.Parallel;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The stablelm and orion architectures: llama with LayerNorm and heads that turn by halves, in stablelm in part; there
 * attention and feed-forward are side by side where a file has one norm for both, and each head of queries and keys is
 * normalised where a file has norms for them.
 *
 * <p>Source: Bellagente et al., Stable LM 2 1.6B Technical Report, 2024.
 */
final class StableLm {
    private StableLm() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        float epsilon = model.layerNormEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.HALVES);
        // What the files say of it is the same as whether a second norm is there.
        model.keys().contains("use_parallel_residual");
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            Norm norm = block.layerNorm("attn_norm", dim, epsilon);
            AttentionPlan attention =
                    block.withNormsOfHeads(block.attention(heads, dim), epsilon).withRotary(rotary);
            Gated feedForward = block.gated(model.ffnDim(), dim, Activation.SILU);
            blocks.add(
                    block.has("ffn_norm.weight")
                            ? Block.of(
                                    Branch.of(norm, attention),
                                    Branch.of(block.layerNorm("ffn_norm", dim, epsilon), feedForward))
                            : Block.of(Branch.of(norm, Parallel.of(dim, attention, feedForward))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().layerNorm("output_norm", dim, epsilon),
                model.output());
    }
}
