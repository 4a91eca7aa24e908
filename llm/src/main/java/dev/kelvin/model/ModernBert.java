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
import dev.kelvin.plan.Pooling;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The modern-bert architecture: an encoder that is normalised before its layers, two of three of which see a window on
 * either side and turn by a base of their own, with a feed-forward gated by GELU.
 *
 * <p>Source: Warner et al., Smarter, Better, Faster, Longer, 2024.
 */
final class ModernBert {
    private static final int WINDOW_PERIOD = 3;

    private ModernBert() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        model.requireBothSides();
        int dim = model.dim();
        float epsilon = model.layerNormEpsilon();
        Heads heads = model.heads();
        RotaryKeys rotations = model.rotations();
        Rotary global = rotations.scaled(heads, Pairing.HALVES);
        Rotary near = rotations.windowed(heads, Pairing.HALVES);
        Rotary local = model.hasWindow() ? near : global;
        boolean[] windowed = model.windowedButFirst(WINDOW_PERIOD);
        AttentionMask window = model.symmetricWindow();
        Activation activation = activation(model.keys());
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            AttentionPlan attention = block.fusedAttention(heads, dim)
                    .withRotary(windowed[layer] ? local : global)
                    .withMask(windowed[layer] ? window : AttentionMask.full());
            blocks.add(Block.of(
                    Branch.of(
                            layer == 0 && !block.has("attn_norm.weight")
                                    ? null
                                    : block.layerNorm("attn_norm", dim, epsilon),
                            attention),
                    Branch.of(
                            block.layerNorm("ffn_norm", dim, epsilon),
                            block.fusedGated(model.ffnDim(), dim, activation))));
        }
        DecoderPlan plan = DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding())
                        .withNorm(model.tensors().layerNorm("token_embd_norm", dim, epsilon)),
                blocks,
                model.tensors().layerNorm("output_norm", dim, epsilon),
                null);
        return model.pooled(
                plan, Pooling.CLS, model.tensors().classifier(Pooling.MEAN, Activation.GELU_TANH, dim, epsilon));
    }

    private static Activation activation(Keys keys) throws ModelFormatException {
        String name = keys.string("hidden_activation", "gelu");
        return switch (name) {
            case "gelu", "geglu" -> Activation.GELU_TANH;
            case "silu", "swish", "swiglu" -> Activation.SILU;
            default -> throw keys.refuse("hidden_activation", "gelu, silu or what else they are called", name);
        };
    }
}
