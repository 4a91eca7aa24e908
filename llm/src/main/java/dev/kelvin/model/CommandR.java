// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Logits;
import dev.kelvin.plan.Parallel;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The command-r and cohere2 architectures: attention and feed-forward side by side behind one norm, and logits that are
 * multiplied; the largest normalises each head of queries and keys. In cohere2, three layers of four see a window, and
 * only those know positions.
 *
 * <p>Source: Cohere, Command A: An Enterprise-Ready Large Language Model, 2025.
 */
final class CommandR {
    private static final int WINDOW_PERIOD = 4;

    private CommandR() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        return plan(model, false);
    }

    static DecoderPlan windowed(Hyperparameters model) throws ModelFormatException {
        return plan(model, true);
    }

    private static DecoderPlan plan(Hyperparameters model, boolean windows) throws ModelFormatException {
        int dim = model.dim();
        float epsilon = model.layerNormEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.ADJACENT);
        boolean[] windowed = windows ? model.windowed(WINDOW_PERIOD) : null;
        AttentionMask window = windows ? AttentionMask.window(model.keys().positive("attention.sliding_window")) : null;
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            AttentionPlan attention = block.withNormsOfHeads(block.attention(heads, dim), epsilon);
            if (!windows) {
                attention = attention.withRotary(rotary);
            } else if (windowed[layer]) {
                attention = attention.withRotary(rotary).withMask(window);
            }
            blocks.add(Block.of(Branch.of(
                    block.layerNorm("attn_norm", dim, epsilon),
                    Parallel.of(dim, attention, block.gated(model.ffnDim(), dim, Activation.SILU)))));
        }
        float scale = model.keys().real("logit_scale", 0);
        return DecoderPlan.of(
                        model.sizes(),
                        EmbeddingPlan.of(model.embedding()),
                        blocks,
                        model.tensors().layerNorm("output_norm", dim, epsilon),
                        model.output())
                .withLogits(
                        scale == 0 ? Logits.PLAIN : Logits.scaled(model.keys().positiveReal("logit_scale")));
    }
}
