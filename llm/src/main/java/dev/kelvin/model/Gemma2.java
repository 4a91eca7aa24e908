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
import dev.kelvin.plan.Rotary;
import dev.kelvin.plan.Scores;
import java.util.ArrayList;
import java.util.List;

/**
 * The gemma2 architecture: norms before and after every layer, a window on every other layer, capped scores and logits,
 * and a feed-forward gated by GELU. Its files hold norms with their 1 added.
 *
 * <p>Source: Gemma Team, Gemma 2: Improving Open Language Models at a Practical Size, 2024.
 */
final class Gemma2 {
    private static final int LAYERS_OF_27B = 46;
    private static final int WINDOW_PERIOD = 2;
    private static final int USUAL_WINDOW = 4096;

    private Gemma2() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        int ffnDim = model.ffnDim();
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.HALVES);
        Rotary local = model.rotations().scaledInWindows(heads, Pairing.HALVES);
        // The largest divides by the width that heads would have if they shared the model's.
        int scaledDim = model.layers() == LAYERS_OF_27B ? dim / heads.count() : heads.dim();
        Scores scores = Scores.scaled((float) (1 / Math.sqrt(scaledDim)))
                .withSoftCap(model.keys().positiveReal("attn_logit_softcapping", 50));
        boolean[] windowed = model.windowed(WINDOW_PERIOD);
        AttentionMask window = model.window(USUAL_WINDOW);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            AttentionPlan attention = block.attention(heads, dim)
                    .withRotary(windowed[layer] ? local : rotary)
                    .withMask(windowed[layer] ? window : AttentionMask.causal())
                    .withScores(scores);
            blocks.add(Block.of(
                    Branch.between(
                            block.rms("attn_norm", dim, epsilon),
                            attention,
                            block.rms("post_attention_norm", dim, epsilon)),
                    Branch.between(
                            block.rms("ffn_norm", dim, epsilon),
                            block.gated(ffnDim, dim, Activation.GELU_TANH),
                            block.rms("post_ffw_norm", dim, epsilon))));
        }
        return DecoderPlan.of(
                        model.sizes(),
                        EmbeddingPlan.of(model.embedding()).withScale((float) Math.sqrt(dim)),
                        blocks,
                        model.tensors().rms("output_norm", dim, epsilon),
                        model.output())
                .withLogits(Logits.softCapped(model.keys().positiveReal("final_logit_softcapping", 30)));
    }
}
