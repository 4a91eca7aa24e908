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
import dev.kelvin.plan.Norm;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The olmo2 architecture: branches are normalised after their layer instead of before it, queries and keys as whole
 * rows. As Olmo 3 has it, most layers see a window, and only the others have their context lengthened.
 *
 * <p>Source: OLMo Team, 2 OLMo 2 Furious, 2025.
 */
final class Olmo2 {
    private static final int WINDOW_PERIOD = 4;

    private Olmo2() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        int ffnDim = model.ffnDim();
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.HALVES);
        Rotary local = model.rotations().unscaled(heads, Pairing.HALVES);
        boolean[] windowed = model.windowed(WINDOW_PERIOD);
        AttentionMask window = model.window();
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            boolean near = windowed[layer] && model.hasWindow();
            Norm queryNorm = block.rms("attn_q_norm", heads.queryDim(), epsilon);
            Norm keyNorm = block.rms("attn_k_norm", heads.kvDim(), epsilon);
            AttentionPlan attention = block.attention(heads, dim)
                    .withNorms(queryNorm, keyNorm)
                    .withRotary(near ? local : rotary)
                    .withMask(near ? window : AttentionMask.causal());
            blocks.add(Block.of(
                    Branch.between(null, attention, block.rms("post_attention_norm", dim, epsilon)),
                    Branch.between(
                            null,
                            block.gated(ffnDim, dim, Activation.SILU),
                            block.rms("post_ffw_norm", dim, epsilon))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
    }
}
