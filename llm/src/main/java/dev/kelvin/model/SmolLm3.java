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
import dev.kelvin.plan.Scores;
import java.util.ArrayList;
import java.util.List;

/**
 * The smollm3 architecture: llama, in which every fourth layer knows no positions.
 *
 * <p>Sources: Bakouch et al., SmolLM3, 2025; Yang et al., RoPE to NoPE and Back Again, 2025.
 */
final class SmolLm3 {
    /** Files do not say it: llama.cpp, src/models/smollm3.cpp. */
    private static final int UNTURNED_PERIOD = 4;

    private SmolLm3() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        int ffnDim = model.ffnDim();
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        Scores scores = model.scores(heads);
        Rotary rotary = model.rotary(heads, Pairing.ADJACENT);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            boolean turns = (layer + 1) % UNTURNED_PERIOD != 0;
            blocks.add(Block.of(
                    Branch.of(
                            block.rms("attn_norm", dim, epsilon),
                            block.attention(heads, dim)
                                    .withRotary(turns ? rotary : null)
                                    .withScores(scores)),
                    Branch.of(block.rms("ffn_norm", dim, epsilon), block.gated(ffnDim, dim, Activation.SILU))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
    }
}
