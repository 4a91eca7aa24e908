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
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The exaone4 architecture: branches are normalised after their layer instead of before it, and every head of queries
 * and keys. In its largest model, three layers of four see a window, and only those know positions; files do not say
 * so.
 *
 * <p>Source: LG AI Research, EXAONE 4.0, 2025; names and order of ggml-org/llama.cpp.
 */
final class Exaone4 {
    private static final int LAYERS_OF_32B = 64;
    private static final int WINDOW_PERIOD = 4;
    private static final int USUAL_WINDOW = 4096;

    private Exaone4() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.HALVES);
        int layers = model.trunkLayers();
        boolean windows = layers == LAYERS_OF_32B;
        AttentionMask window = model.window(USUAL_WINDOW);
        boolean[] windowed = model.windowed(WINDOW_PERIOD);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            Tensors block = model.tensors().block(layer);
            AttentionPlan attention = block.attention(heads, dim)
                    .withNorms(
                            block.rms("attn_q_norm", heads.dim(), epsilon),
                            block.rms("attn_k_norm", heads.dim(), epsilon))
                    .withRotary(windows && !windowed[layer] ? null : rotary)
                    .withMask(windows && windowed[layer] ? window : AttentionMask.causal());
            blocks.add(Block.of(
                    Branch.between(null, attention, block.rms("post_attention_norm", dim, epsilon)),
                    Branch.between(
                            null,
                            block.gated(model.ffnDim(), dim, Activation.SILU),
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
