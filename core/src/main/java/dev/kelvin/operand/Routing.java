// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

import java.util.Objects;

/**
 * How a router's logits choose experts for a row. Source of the forms: Shazeer et al., arXiv:1701.06538; Mixtral,
 * arXiv:2401.04088; DeepSeek-V3, arXiv:2412.19437 (sigmoid, the selection's bias, groups).
 *
 * @param used experts a row
 * @param gating what becomes of the logits
 * @param selectionBias [E], added to the gates where experts are compared, not where they are weighed; null for none
 * @param normalise whether the chosen weights are divided by their sum, if that is at least 2⁻¹⁴; else by 2⁻¹⁴
 * @param scale what all weights are multiplied by at last, usually 1
 * @param groups among whose experts alone a row chooses; null for all
 */
public record Routing(int used, Gating gating, float[] selectionBias, boolean normalise, float scale, Groups groups) {
    /** What becomes of the logits before the largest are chosen, or after. */
    public enum Gating {
        /** The softmax over all experts. */
        SOFTMAX,
        /** The logistic function of each. */
        SIGMOID,
        /** Themselves; the weights are the softmax over the chosen ones. */
        SOFTMAX_OF_CHOSEN
    }

    /**
     * Experts in groups of consecutive ids: a row chooses the groups whose two best experts have the largest sum, the
     * earlier group on a tie, and its experts among those of these groups.
     *
     * @param count of groups, a divisor of the number of experts
     * @param used groups a row, at most all
     */
    public record Groups(int count, int used) {
        /** Checks the numbers. */
        public Groups {
            if (used < 1 || count < used) {
                throw new IllegalArgumentException("Routing: " + used + " of " + count + " groups of experts a row");
            }
        }
    }

    /** Checks the numbers. */
    public Routing {
        Objects.requireNonNull(gating, "gating");
        if (used < 1 || Float.isNaN(scale)) {
            throw new IllegalArgumentException("Routing: " + used + " experts a row at scale " + scale);
        }
    }

    /** Experts that are chosen among all. */
    public Routing(int used, Gating gating, float[] selectionBias, boolean normalise, float scale) {
        this(used, gating, selectionBias, normalise, scale, null);
    }

    /** The same among the experts of some groups; null for all. */
    public Routing within(Groups groups) {
        return new Routing(used, gating, selectionBias, normalise, scale, groups);
    }

    /**
     * The softmax over all experts, the weights of the chosen divided by their sum.
     *
     * @param used experts a row
     */
    public static Routing normalised(int used) {
        return new Routing(used, Gating.SOFTMAX, null, true, 1);
    }
}
