// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.Classifier;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Norm;
import dev.kelvin.plan.Pooling;
import dev.kelvin.plan.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * The qwen3 architecture: every head of queries and keys is normalised before it turns by halves. Embedding models have
 * it too. In qwen3vl, pairs belong by turns to the time, the height and the width of a picture.
 *
 * <p>Source: Yang et al., Qwen3 Technical Report, 2025.
 */
final class Qwen3 {
    private Qwen3() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        return plan(model, model.rotary(model.heads(), Pairing.HALVES));
    }

    /** qwen3vl, of texts alone. */
    static DecoderPlan seeing(Hyperparameters model) throws ModelFormatException {
        return plan(model, model.rotations().sectioned(model.heads(), Pairing.HALVES));
    }

    private static DecoderPlan plan(Hyperparameters model, Rotary rotary) throws ModelFormatException {
        int dim = model.dim();
        Mixture mixture = Mixture.ofShares(model);
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            Norm queryNorm = block.rms("attn_q_norm", heads.dim(), epsilon);
            Norm keyNorm = block.rms("attn_k_norm", heads.dim(), epsilon);
            blocks.add(Block.of(
                    Branch.of(
                            block.rms("attn_norm", dim, epsilon),
                            block.attention(heads, dim)
                                    .withNorms(queryNorm, keyNorm)
                                    .withRotary(rotary)),
                    Branch.of(block.rms("ffn_norm", dim, epsilon), mixture.of(block))));
        }
        DecoderPlan plan = DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
        return model.pooled(plan, Pooling.NONE, classifier(model));
    }

    /** Rows of the output for yes and no, of which the reranker's file has a copy. */
    private static Classifier classifier(Hyperparameters model) throws ModelFormatException {
        Classifier found = model.tensors().classifier(Pooling.LAST, Activation.TANH, model.dim(), model.rmsEpsilon());
        return found == null ? null : found.withShares();
    }
}
