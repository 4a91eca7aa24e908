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
import dev.kelvin.plan.Rotary;
import dev.kelvin.plan.Scores;
import java.util.ArrayList;
import java.util.List;

/**
 * The mistral3 architecture: llama with a context lengthened by YaRN, and queries that grow with their position.
 *
 * <p>Source: Mistral AI, Ministral 3, 2026; the factor of the queries as in Llama 4.
 */
final class Mistral3 {
    private Mistral3() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        Mixture mixture = new Mixture(model, Gate.SILU);
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        RotaryKeys rotations = model.rotations().withBetas();
        Rotary rotary = rotations.scaled(heads, Pairing.ADJACENT);
        float slope = model.keys().real("attention.temperature_scale", 0);
        Scores scores = model.scores(heads);
        if (slope != 0) {
            scores = scores.withTemper(new Scores.Temper(slope, rotations.originalContextLength()));
        }
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
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
    }
}
