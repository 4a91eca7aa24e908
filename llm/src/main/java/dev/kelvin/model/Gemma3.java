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
import dev.kelvin.plan.Norm;
import dev.kelvin.plan.Pooling;
import dev.kelvin.plan.Rotary;
import dev.kelvin.plan.Scores;
import java.util.ArrayList;
import java.util.List;

/**
 * The gemma3 architecture: as gemma2 without caps, with normalised queries and keys, a window on five layers of six,
 * and a rotation of its own in those. Its files hold norms with their 1 added.
 *
 * <p>Source: Gemma Team, Gemma 3 Technical Report, 2025.
 */
final class Gemma3 {
    private static final int LAYERS_OF_27B = 62;
    private static final int WINDOW_PERIOD = 6;

    private Gemma3() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        return plan(model, AttentionMask.causal(), model.window());
    }

    /** gemma-embedding: the same, seen from both sides. */
    static DecoderPlan encoder(Hyperparameters model) throws ModelFormatException {
        model.requireBothSides();
        return plan(model, AttentionMask.full(), model.symmetricWindow())
                .withVectors(model.mappedVectors(Pooling.MEAN));
    }

    private static DecoderPlan plan(Hyperparameters model, AttentionMask all, AttentionMask window)
            throws ModelFormatException {
        int dim = model.dim();
        int ffnDim = model.ffnDim();
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        RotaryKeys rotations = model.rotations();
        Rotary global = rotations.scaled(heads, Pairing.HALVES);
        Rotary near = rotations.windowed(heads, Pairing.HALVES);
        Rotary local = model.hasWindow() ? near : global;
        // The largest divides by the width that heads would have if they shared the model's.
        int scaledDim = model.layers() == LAYERS_OF_27B ? dim / heads.count() : heads.dim();
        Scores scores = Scores.scaled((float) (1 / Math.sqrt(scaledDim)));
        boolean[] windowed = model.windowed(WINDOW_PERIOD);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            Norm queryNorm = block.rms("attn_q_norm", heads.dim(), epsilon);
            Norm keyNorm = block.rms("attn_k_norm", heads.dim(), epsilon);
            AttentionPlan attention = block.attention(heads, dim)
                    .withNorms(queryNorm, keyNorm)
                    .withRotary(windowed[layer] ? local : global)
                    .withMask(windowed[layer] ? window : all)
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
        float softCap = model.softCap("final_logit_softcapping", 0);
        return DecoderPlan.of(
                        model.sizes(),
                        EmbeddingPlan.of(model.embedding()).withScale((float) Math.sqrt(dim)),
                        blocks,
                        model.tensors().rms("output_norm", dim, epsilon),
                        model.output())
                .withLogits(softCap == 0 ? Logits.PLAIN : Logits.softCapped(softCap));
    }
}
