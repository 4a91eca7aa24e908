// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.Routing.Gating;
import dev.kelvin.operand.Routing.Groups;
import dev.kelvin.plan.ExpertProjection;
import dev.kelvin.plan.FeedForward;
import dev.kelvin.plan.FeedForward.Experts;
import dev.kelvin.plan.FeedForward.Gated;
import dev.kelvin.plan.Gate;
import dev.kelvin.plan.Projection;

/**
 * The feed-forward layers of a family of which some models are mixtures of experts: by the keys {@code expert_*} and
 * the tensors {@code ffn_*_exps} and {@code ffn_*_shexp}.
 */
final class Mixture {
    private final Hyperparameters model;
    private final Keys keys;
    private final int experts;
    private final int ffnDim;
    private final Gate form;
    private Gating gating = Gating.SOFTMAX;
    private boolean normalise = true;

    /**
     * Reads the numbers that all layers share.
     *
     * @param form how gate and up become one
     */
    Mixture(Hyperparameters model, Gate form) throws ModelFormatException {
        this(model, form, false);
    }

    /** A mixture of SiLU whose experts, where no key gives their width, share the feed-forward's among those used. */
    static Mixture ofShares(Hyperparameters model) throws ModelFormatException {
        return new Mixture(model, Gate.SILU, true);
    }

    private Mixture(Hyperparameters model, Gate form, boolean shares) throws ModelFormatException {
        this.model = model;
        this.form = form;
        keys = model.keys();
        experts = keys.integer("expert_count", 0);
        if (experts < 0) {
            throw keys.refuse("expert_count", "a number of experts", experts);
        }
        ffnDim = experts == 0 ? 0 : ffnDim(shares);
        if (ffnDim > Integer.MAX_VALUE / 2) {
            throw keys.refuse("expert_feed_forward_length", "twice itself below 2^31", ffnDim);
        }
    }

    private int ffnDim(boolean shares) throws ModelFormatException {
        String key = "expert_feed_forward_length";
        if (keys.integer(key, 0) != 0) {
            return keys.positive(key);
        }
        int used = shares ? keys.positive("expert_used_count") : 1;
        if (model.ffnDim() < used) {
            throw keys.refuse("feed_forward_length", "at least the expert_used_count " + used, model.ffnDim());
        }
        return model.ffnDim() / used;
    }

    /** The same, choosing by other gates, whose weights are or are not divided by their sum. */
    Mixture choosing(Gating gating, boolean normalise) {
        this.gating = gating;
        this.normalise = normalise;
        return this;
    }

    /** The layer of a block: experts if the model has any and the block is not among its dense ones. */
    FeedForward of(Tensors block, boolean dense) throws ModelFormatException {
        return experts == 0 || dense ? block.gated(model.ffnDim(), model.dim(), Activation.SILU) : experts(block);
    }

    /** The layer of a block: experts if the model has any. */
    FeedForward of(Tensors block) throws ModelFormatException {
        return of(block, false);
    }

    /** Whether the model has any experts. */
    boolean exists() {
        return experts > 0;
    }

    /** The experts of a block. */
    Experts experts(Tensors block) throws ModelFormatException {
        int dim = model.dim();
        boolean gated = !(form instanceof Gate.None);
        boolean fused = gated && block.has("ffn_gate_up_exps.weight");
        ExpertProjection both = fused ? block.experts("ffn_gate_up_exps", experts, 2 * ffnDim, dim) : null;
        ExpertProjection gate = null;
        if (gated) {
            gate = fused ? both.rows(0, ffnDim) : block.experts("ffn_gate_exps", experts, ffnDim, dim);
        }
        return new Experts(
                block.router("ffn_gate_inp", experts, dim),
                choice(block),
                gate,
                fused ? both.rows(ffnDim, 2 * ffnDim) : block.experts("ffn_up_exps", experts, ffnDim, dim),
                block.experts("ffn_down_exps", experts, dim, ffnDim),
                form,
                shared(block),
                null);
    }

    private Experts.Choice choice(Tensors block) throws ModelFormatException {
        int used = keys.positive("expert_used_count");
        if (used > experts) {
            throw keys.refuse("expert_used_count", "at most the " + experts + " experts that there are", used);
        }
        float scale = keys.real("expert_weights_scale", 1);
        return new Experts.Choice(
                used,
                gating(),
                block.has("exp_probs_b.bias") ? block.bias("exp_probs_b.bias", experts) : null,
                keys.flag("expert_weights_norm", normalise),
                scale == 0 ? 1 : scale,
                groups(used));
    }

    /** Files without groups have none, 0 or 1. */
    private Groups groups(int used) throws ModelFormatException {
        int count = keys.integer("expert_group_count", 0);
        int chosen = keys.integer("expert_group_used_count", 0);
        if (count == 0 || count == 1) {
            return null;
        }
        if (count < 0 || experts % count != 0) {
            throw keys.refuse("expert_group_count", "a divisor of the " + experts + " experts", count);
        }
        if (chosen < 1 || chosen > count || used > experts / count * chosen) {
            throw keys.refuse("expert_group_used_count", "groups among whose experts are " + used, chosen);
        }
        return new Groups(count, chosen);
    }

    /** The numbers are those of llama.h; without one, or with 0, the family decides. */
    private Gating gating() throws ModelFormatException {
        int number = keys.integer("expert_gating_func", 0);
        return switch (number) {
            case 0 -> gating;
            case 1 -> Gating.SOFTMAX;
            case 2 -> Gating.SIGMOID;
            case 3 -> Gating.SOFTMAX_OF_CHOSEN;
            default -> throw keys.refuse("expert_gating_func", "1 softmax, 2 sigmoid, 3 softmax of the chosen", number);
        };
    }

    /** However many experts all rows share, they lie in one matrix. */
    private int sharedDim() throws ModelFormatException {
        String key = "expert_shared_feed_forward_length";
        int count = keys.integer("expert_shared_count", 0);
        if (keys.integer(key, 0) != 0) {
            return keys.positive(key);
        }
        if (count <= 0) {
            return model.ffnDim();
        }
        if ((long) count * ffnDim > Integer.MAX_VALUE) {
            throw keys.refuse("expert_shared_count", "a number of experts of " + ffnDim + " rows each", count);
        }
        return count * ffnDim;
    }

    private Experts.Shared shared(Tensors block) throws ModelFormatException {
        if (!block.has("ffn_gate_shexp.weight")) {
            return null;
        }
        int dim = model.dim();
        int width = sharedDim();
        Gated layer = new Gated(
                block.projection("ffn_gate_shexp", width, dim),
                block.projection("ffn_up_shexp", width, dim),
                block.branchEnd("ffn_down_shexp", dim, width),
                Activation.SILU);
        Projection weight = block.has("ffn_gate_inp_shexp.weight") ? block.toOne("ffn_gate_inp_shexp", dim) : null;
        return new Experts.Shared(layer, weight);
    }
}
