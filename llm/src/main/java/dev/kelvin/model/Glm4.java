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
 * The chatglm and glm4 architectures: gate and other half of the feed-forward in one tensor, heads that turn in part,
 * and in glm4 norms also after every layer. Its layers at the end that predict further tokens are passed over.
 *
 * <p>Sources: GLM Team, ChatGLM: A Family of Large Language Models, 2024, and GLM-4-0414, 2025; names and order of
 * ggml-org/llama.cpp.
 */
final class Glm4 {
    private Glm4() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        return plan(model, true);
    }

    static DecoderPlan chat(Hyperparameters model) throws ModelFormatException {
        return plan(model, false);
    }

    private static DecoderPlan plan(Hyperparameters model, boolean closes) throws ModelFormatException {
        int dim = model.dim();
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.ADJACENT);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.trunkLayers(); layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(
                    Branch.between(
                            block.rms("attn_norm", dim, epsilon),
                            block.attention(heads, dim).withRotary(rotary),
                            closes ? block.rms("post_attention_norm", dim, epsilon) : null),
                    Branch.between(
                            block.rms("ffn_norm", dim, epsilon),
                            block.fusedGated(model.ffnDim(), dim, Activation.SILU),
                            closes ? block.rms("post_ffw_norm", dim, epsilon) : null)));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
    }
}
