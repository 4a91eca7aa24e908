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
 * The qwen2 architecture: llama with biases of queries, keys and values, and heads that turn by halves. In qwen2vl,
 * pairs belong to the time, the height and the width of a picture, one after the other.
 *
 * <p>Source: Yang et al., Qwen2 Technical Report, 2024.
 */
final class Qwen2 {
    private Qwen2() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        return plan(model, new Mixture(model, Gate.SILU), model.rotary(model.heads(), Pairing.HALVES));
    }

    /** qwen2vl, of texts alone. */
    static DecoderPlan seeing(Hyperparameters model) throws ModelFormatException {
        Rotary rotary = model.rotations().sectionedInRow(model.heads(), Pairing.HALVES);
        return plan(model, new Mixture(model, Gate.SILU), rotary);
    }

    /** qwen2moe: a mixture whose weights are those of the softmax over all experts. */
    static DecoderPlan mixture(Hyperparameters model) throws ModelFormatException {
        Mixture mixture = Mixture.ofShares(model).choosing(Gating.SOFTMAX, false);
        return plan(model, mixture, model.rotary(model.heads(), Pairing.HALVES));
    }

    private static DecoderPlan plan(Hyperparameters model, Mixture mixture, Rotary rotary) throws ModelFormatException {
        int dim = model.dim();
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(
                    Branch.of(
                            block.rms("attn_norm", dim, epsilon),
                            block.attention(heads, dim).withRotary(rotary)),
                    Branch.of(block.rms("ffn_norm", dim, epsilon), mixture.of(block))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.biasedOutput());
    }
}
