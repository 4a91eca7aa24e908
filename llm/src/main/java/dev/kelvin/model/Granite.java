// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.Gate;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Logits;
import dev.kelvin.plan.Rotary;
import dev.kelvin.plan.Scores;
import java.util.ArrayList;
import java.util.List;

/**
 * The granite architecture: llama with four factors, of the embedding, the scores, the branches and the logits.
 *
 * <p>Source: IBM, Granite 3.0 Language Models, 2024.
 */
final class Granite {
    private Granite() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        Mixture mixture = new Mixture(model, Gate.SILU);
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        Scores scores = model.scores(heads);
        Rotary rotary =
                model.keys().flag("rope.scaling.finetuned", true) ? model.rotary(heads, Pairing.ADJACENT) : null;
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(
                    Branch.of(
                            block.rms("attn_norm", dim, epsilon),
                            block.attention(heads, dim).withRotary(rotary).withScores(scores)),
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

    /** 0 stands for none, as the reader of ggml has it. */
    private static float factor(Hyperparameters model, String key) throws ModelFormatException {
        return model.keys().real(key, 0) == 0 ? 1 : model.keys().positiveReal(key);
    }
}
