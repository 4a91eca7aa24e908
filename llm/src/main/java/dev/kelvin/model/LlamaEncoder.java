// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Pooling;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * Encoders of llama's kind, seen from both sides: llama-embed, and eurobert, whose heads turn by halves.
 *
 * <p>Sources: NVIDIA, Llama-Embed-Nemotron, 2025; Boizard et al., EuroBERT, 2025.
 */
final class LlamaEncoder {
    private LlamaEncoder() {}

    static DecoderPlan llama(Hyperparameters model) throws ModelFormatException {
        // Files may hold what the model had before it looked ahead.
        model.tensors().ignore("output.weight");
        return plan(model, Pairing.ADJACENT);
    }

    static DecoderPlan euro(Hyperparameters model) throws ModelFormatException {
        return plan(model, Pairing.HALVES);
    }

    private static DecoderPlan plan(Hyperparameters model, Pairing pairing) throws ModelFormatException {
        model.requireBothSides();
        int dim = model.dim();
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, pairing);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(
                    Branch.of(
                            block.rms("attn_norm", dim, epsilon),
                            block.attention(heads, dim)
                                    .withRotary(rotary)
                                    .withMask(AttentionMask.full())
                                    .withScores(model.scores(heads))),
                    Branch.of(block.rms("ffn_norm", dim, epsilon), block.gated(model.ffnDim(), dim, Activation.SILU))));
        }
        DecoderPlan plan = DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                null);
        return model.pooled(plan, Pooling.NONE, null);
    }
}
