// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.Convolved;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.EmbeddingPlan;
import dev.kelvin.plan.Mamba2Plan;
import dev.kelvin.plan.Projection;
import dev.kelvin.plan.Weight;
import java.util.ArrayList;
import java.util.List;

/**
 * The mamba2 architecture: state-space layers and nothing else. Its files call the heads a rank of time steps.
 *
 * <p>Source: Dao and Gu, Transformers are SSMs, arXiv:2405.21060.
 */
final class Mamba2 {
    private Mamba2() {}

    static DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
        int dim = model.dim();
        // Of layers that there are none of.
        model.keys().contains("attention.head_count");
        model.keys().contains("feed_forward_length");
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            Tensors block = model.tensors().block(layer);
            blocks.add(Block.of(Branch.of(block.rms("attn_norm", dim, model.rmsEpsilon()), mixer(model, block))));
        }
        return DecoderPlan.of(
                model.sizes(),
                EmbeddingPlan.of(model.embedding()),
                blocks,
                model.tensors().rms("output_norm", dim, model.rmsEpsilon()),
                model.output());
    }

    /** A state-space layer; other families have them too. */
    static Mamba2Plan mixer(Hyperparameters model, Tensors block) throws ModelFormatException {
        Keys keys = model.keys();
        int dim = model.dim();
        int inner = keys.positive("ssm.inner_size");
        int heads = keys.positive("ssm.time_step_rank");
        int groups = keys.positive("ssm.group_count");
        if (inner % heads != 0) {
            throw keys.refuse("ssm.time_step_rank", "a divisor of inner_size " + inner, heads);
        }
        if (heads % groups != 0) {
            throw keys.refuse("ssm.group_count", "a divisor of time_step_rank " + heads, groups);
        }
        long states = (long) groups * keys.positive("ssm.state_size");
        Projection all = block.projection("ssm_in", 2L * inner + 2 * states + heads, dim);
        int written = inner + (int) states;
        int convolved = inner + 2 * (int) states;
        Projection turning = all.rows(inner, inner + convolved);
        Weight taps = block.taps("ssm_conv1d", convolved, model.convolutionTaps());
        Weight bias = block.has("ssm_conv1d.bias") ? block.bias("ssm_conv1d.bias", convolved) : null;
        Projection step = all.rows(inner + convolved, all.outputDim());
        return new Mamba2Plan(
                groups,
                all.rows(0, inner),
                Convolved.part(turning, taps, bias, 0, inner),
                Convolved.part(turning, taps, bias, inner, written),
                Convolved.part(turning, taps, bias, written, convolved),
                step.withBias(block.bias("ssm_dt.bias", heads).whole()),
                block.factors("ssm_a", heads, 1),
                block.factors("ssm_d", heads, 1),
                block.factors("ssm_norm.weight", groups, inner / groups),
                model.rmsEpsilon(),
                block.branchEnd("ssm_out", dim, inner));
    }
}
