// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.AttentionMask;
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
 * The gpt-oss architecture: a sink in the softmax of every head, a window on every other layer, and a mixture of
 * experts that are chosen by their logits, with a clamped gate and biases throughout.
 *
 * <p>Source: OpenAI, gpt-oss-120b and gpt-oss-20b Model Card, 2025.
 */
final class GptOss {
    private static final int WINDOW_PERIOD = 2;
    private static final Gate GATE = new Gate.Clamped(1.702f, 7);

    private GptOss() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.HALVES);
        Rotary local = model.rotations().scaledInWindows(heads, Pairing.HALVES);
        boolean[] windowed = model.windowed(WINDOW_PERIOD);
        AttentionMask window = model.window();
        Mixture mixture = new Mixture(model, GATE).choosing(Gating.SOFTMAX_OF_CHOSEN, false);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            Branch attention = Branch.of(
                    block.rms("attn_norm", dim, epsilon),
                    block.attention(heads, dim)
                            .withRotary(windowed[layer] ? local : rotary)
                            .withMask(windowed[layer] ? window : AttentionMask.causal())
                            .withScores(model.scores(heads).withSinks(block.bias("attn_sinks.weight", heads.count()))));
            blocks.add(
                    Block.of(attention, Branch.of(block.rms("post_attention_norm", dim, epsilon), mixture.of(block))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
    }
}
