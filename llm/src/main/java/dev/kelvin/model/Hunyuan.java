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
import dev.kelvin.plan.Norm;
import dev.kelvin.plan.QueryKeyNorms;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The hunyuan-dense architecture: every head of queries and keys is normalised after it has turned by halves.
 *
 * <p>Source: Tencent, Hunyuan-7B-Instruct, 2025; names and order of ggml-org/llama.cpp.
 */
final class Hunyuan {
    private Hunyuan() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        // Files of old have one expert, which is the feed-forward.
        if (model.keys().integer("expert_count", 0) > 1) {
            throw model.keys()
                    .refuse(
                            "expert_count",
                            "at most 1 in a dense model",
                            model.keys().integer("expert_count"));
        }
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.HALVES);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            Norm queryNorm = block.rms("attn_q_norm", heads.dim(), epsilon);
            Norm keyNorm = block.rms("attn_k_norm", heads.dim(), epsilon);
            blocks.add(Block.of(
                    Branch.of(
                            block.rms("attn_norm", dim, epsilon),
                            block.attention(heads, dim)
                                    .withNorms(new QueryKeyNorms(queryNorm, keyNorm, true))
                                    .withRotary(rotary)),
                    Branch.of(block.rms("ffn_norm", dim, epsilon), block.gated(model.ffnDim(), dim, Activation.SILU))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
    }
}
