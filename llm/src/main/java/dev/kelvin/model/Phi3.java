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
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The phi3 architecture: fused projections, heads that turn in part, and a context that was lengthened by two sets of
 * factors, one for sequences within the original context and one for longer ones.
 *
 * <p>Which set a sequence wants is known only when it is over, so the choice is made once: the short set, unless a
 * longer context than the original one was asked for when the model was loaded.
 *
 * <p>Sources: Abdin et al., Phi-3 Technical Report, 2024; Ding et al., LongRoPE, 2024.
 */
final class Phi3 {
    private Phi3() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        int ffnDim = model.ffnDim();
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        Rotary rotary = model.rotary(heads, Pairing.HALVES);
        AttentionMask window = model.window();
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(
                    Branch.of(
                            block.rms("attn_norm", dim, epsilon),
                            block.attention(heads, dim).withRotary(rotary).withMask(window)),
                    Branch.of(block.rms("ffn_norm", dim, epsilon), block.fusedGated(ffnDim, dim, Activation.SILU))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
    }
}
