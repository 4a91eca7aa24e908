// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.Gate;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Logits;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The granite architecture: llama with four factors, of the embedding, the scores, the branches and the logits. In
 * granitehybrid, layers without key and value heads are state-space layers. minicpm has three of the factors.
 *
 * <p>Source: IBM, Granite 3.0 Language Models, 2024.
 */
final class Granite {
    private Granite() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        return plan(model, false);
    }

    static DecoderPlan hybrid(Hyperparameters model) throws ModelFormatException {
        // A key of attention, of which there may be no layer.
        model.keys().contains("attention.scale");
        return plan(model, true);
    }

    /** minicpm, whose files of old leave the factors to the reader, which guesses are not made of. */
    static DecoderPlan miniCpm(Hyperparameters model) throws ModelFormatException {
        for (String key : List.of("embedding_scale", "residual_scale", "logit_scale")) {
            model.keys().positiveReal(key);
        }
        return plan(model, false);
    }

    private static DecoderPlan plan(Hyperparameters model, boolean hybrid) throws ModelFormatException {
        int dim = model.dim();
        Mixture mixture = new Mixture(model, Gate.SILU);
        float epsilon = model.rmsEpsilon();
        int[] heads = model.keys().integers("attention.head_count", model.layers());
        int[] kvHeads = model.kvHeads();
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(
                    Branch.of(
                            block.rms("attn_norm", dim, epsilon),
                            hybrid && kvHeads[layer] == 0
                                    ? Mamba2.mixer(model, block)
                                    : attention(model, block, model.heads(heads[layer], kvHeads[layer], ""))),
                    Branch.of(block.rms("ffn_norm", dim, epsilon), mixture.of(block))));
        }
        return DecoderPlan.of(
                        model.sizes(),
                        EmbeddingPlan.of(model.embedding()).withScale(factor(model, "embedding_scale")),
                        blocks,
                        model.tensors().rms("output_norm", dim, epsilon),
                        model.output())
                .withResidualScale(factor(model, "residual_scale"))
                .withLogits(Logits.scaled(1 / factor(model, "logit_scale")));
    }

    private static AttentionPlan attention(Hyperparameters model, Tensors block, Heads heads)
            throws ModelFormatException {
        boolean turning = model.keys().flag("rope.scaling.finetuned", true);
        Rotary rotary = model.rotary(heads, Pairing.ADJACENT);
        return block.attention(heads, model.dim())
                .withRotary(turning ? rotary : null)
                .withScores(model.scores(heads));
    }

    /** 0 stands for none, as the reader of ggml has it. */
    private static float factor(Hyperparameters model, String key) throws ModelFormatException {
        return model.keys().real(key, 0) == 0 ? 1 : model.keys().positiveReal(key);
    }
}
