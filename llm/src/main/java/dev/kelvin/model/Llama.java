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
import java.util.function.BiConsumer;

/**
 * The llama architecture: a pre-normalised decoder with rotary positions, grouped-query attention and SwiGLU; with
 * biases where a file has them. The files of internlm2, ernie4_5 and xverse have the same; heads of exaone and seed_oss
 * turn by halves, and the latter's files have another name of a norm.
 *
 * <p>Source: Touvron et al., LLaMA, 2023; the names of keys and tensors are those of ggml's gguf.md, whose files have
 * queries and keys permuted so that adjacent elements turn together.
 */
final class Llama {
    private Llama() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        return plan(model, Pairing.ADJACENT, "ffn_norm");
    }

    static DecoderPlan exaone(Hyperparameters model) throws ModelFormatException {
        return plan(model, Pairing.HALVES, "ffn_norm");
    }

    static DecoderPlan seed(Hyperparameters model) throws ModelFormatException {
        return plan(model, Pairing.HALVES, "post_attention_norm");
    }

    private static DecoderPlan plan(Hyperparameters model, Pairing pairing, String ffnNorm)
            throws ModelFormatException {
        int dim = model.dim();
        Mixture mixture = new Mixture(model, Gate.SILU);
        float epsilon = model.rmsEpsilon();
        Heads heads = model.heads();
        Scores scores = model.scores(heads);
        Rotary rotary = model.rotary(heads, pairing);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(
                    Branch.of(
                            block.rms("attn_norm", dim, epsilon),
                            block.attention(heads, dim).withRotary(rotary).withScores(scores)),
                    Branch.of(block.rms(ffnNorm, dim, epsilon), mixture.of(block))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
    }

    /** New models have no biases. */
    static final class Fresh implements NewModel {
        private static final int FFN_MULTIPLE = 32;

        @Override
        public void check(int headDim, int heads, int kvHeads) {
            if (headDim % 2 != 0) {
                throw new IllegalArgumentException(
                        "decoder: rotary positions need an even head width, got dim/heads = " + headDim);
            }
        }

        @Override
        public void describe(DecoderShape shape, BiConsumer<String, Object> keys) {
            keys.accept("attention.head_count_kv", shape.kvHeads());
            keys.accept("attention.layer_norm_rms_epsilon", DecoderShape.NORM_EPSILON);
            keys.accept("rope.dimension_count", shape.headDim());
            keys.accept("rope.freq_base", DecoderShape.ROPE_BASE);
            keys.accept("vocab_size", shape.vocabSize());
        }

        /** SwiGLU has three matrices where GELU has two: 8/3 instead of 4 keeps the number of weights. */
        @Override
        public long usualFfnDim(int dim) {
            return Math.ceilDiv(8L * dim, 3 * FFN_MULTIPLE) * FFN_MULTIPLE;
        }
    }
}
