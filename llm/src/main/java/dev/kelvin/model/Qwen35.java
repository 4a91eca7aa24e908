// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.Convolved;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.DeltaNetPlan;
import dev.kelvin.plan.DeltaNetPlan.Rates;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Projection;
import dev.kelvin.plan.Weight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The qwen35, qwen35moe and qwen3next architectures: gated delta nets, and in every fourth layer attention whose heads
 * have gates. The layers at the end that predict further tokens are passed over. In qwen3next, value heads of a key
 * head follow each other, and one projection makes what they learn and forget.
 *
 * <p>Source: Yang et al., Gated Delta Networks, arXiv:2412.06464; names and order of ggml-org/llama.cpp.
 */
final class Qwen35 {
    private static final int USUAL_INTERVAL = 4;

    private Qwen35() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        return plan(model, false);
    }

    static DecoderPlan next(Hyperparameters model) throws ModelFormatException {
        return plan(model, true);
    }

    private static DecoderPlan plan(Hyperparameters model, boolean next) throws ModelFormatException {
        int dim = model.dim();
        float epsilon = model.rmsEpsilon();
        Mixture mixture = Mixture.ofShares(model);
        int[] kvHeads = model.kvHeads();
        boolean[] recurrent = recurrent(model);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < recurrent.length; layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(
                    Branch.of(
                            block.rms("attn_norm", dim, epsilon),
                            recurrent[layer]
                                    ? deltaNet(model, block, next)
                                    : attention(model, block, model.heads(kvHeads[layer]), next)),
                    Branch.of(block.rms("post_attention_norm", dim, epsilon), mixture.of(block))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, epsilon),
                model.output());
    }

    /** Which layers have a state, without those that predict further tokens. */
    private static boolean[] recurrent(Hyperparameters model) throws ModelFormatException {
        Keys keys = model.keys();
        String key = "attention.recurrent_layers";
        String interval = "full_attention_interval";
        int every = keys.positive(interval, USUAL_INTERVAL);
        boolean[] all =
                keys.flags(keys.contains(key) ? key : interval, model.layers(), n -> i -> i % n != n - 1, every);
        return Arrays.copyOf(all, model.trunkLayers());
    }

    private static AttentionPlan attention(Hyperparameters model, Tensors block, Heads heads, boolean next)
            throws ModelFormatException {
        int dim = model.dim();
        float epsilon = model.rmsEpsilon();
        return AttentionPlan.of(
                        heads,
                        block.projection("attn_q", 2L * heads.queryDim(), dim),
                        block.projection("attn_k", heads.kvDim(), dim),
                        block.projection("attn_v", heads.kvDim(), dim),
                        block.branchEnd("attn_output", dim, heads.queryDim()))
                .withNorms(
                        block.rms("attn_q_norm", heads.dim(), epsilon), block.rms("attn_k_norm", heads.dim(), epsilon))
                .withRotary(
                        next
                                ? model.rotary(heads, Pairing.HALVES)
                                : model.rotations().sectioned(heads, Pairing.HALVES));
    }

    private static DeltaNetPlan deltaNet(Hyperparameters model, Tensors block, boolean next)
            throws ModelFormatException {
        Keys keys = model.keys();
        int dim = model.dim();
        int keyHeads = keys.positive("ssm.group_count");
        int valueHeads = keys.positive("ssm.time_step_rank");
        int values = keys.positive("ssm.inner_size");
        int width = keys.positive("ssm.state_size");
        if (valueHeads % keyHeads != 0) {
            throw keys.refuse("ssm.group_count", "a divisor of time_step_rank " + valueHeads, keyHeads);
        }
        if (values != (long) valueHeads * width) {
            throw keys.refuse("ssm.inner_size", "time_step_rank times state_size", values);
        }
        int queries = keyHeads * width;
        Projection projection = block.projection("attn_qkv", 2L * queries + values, dim);
        int all = projection.outputDim();
        Weight taps = block.taps("ssm_conv1d", all, model.convolutionTaps());
        return new DeltaNetPlan(
                keyHeads,
                next,
                Convolved.part(projection, taps, null, 0, queries),
                Convolved.part(projection, taps, null, queries, 2 * queries),
                Convolved.part(projection, taps, null, 2 * queries, all),
                block.projection("attn_gate", values, dim),
                rates(block, valueHeads, dim, next),
                block.rms("ssm_norm", width, model.rmsEpsilon()),
                block.branchEnd("ssm_out", dim, values),
                model.rmsEpsilon());
    }

    private static Rates rates(Tensors block, int heads, int dim, boolean next) throws ModelFormatException {
        return new Rates(
                next ? block.projection("ssm_ba", 2L * heads, dim) : block.projection("ssm_alpha", heads, dim),
                block.bias("ssm_dt.bias", heads),
                block.factors("ssm_a", heads),
                next ? null : block.projection("ssm_beta", heads, dim));
    }
}
