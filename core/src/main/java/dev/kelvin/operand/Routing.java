// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

import java.util.Objects;

/**
 * How a router's logits choose experts for a row. Source of the forms: Shazeer et al., arXiv:1701.06538; Mixtral,
 * arXiv:2401.04088; DeepSeek-V3, arXiv:2412.19437 (sigmoid and the selection's bias).
 *
 * @param used experts a row
 * @param gating what becomes of the logits
 * @param selectionBias [E], added to the gates where experts are compared, not where they are weighed; null for none
 * @param normalise whether the chosen weights are divided by their sum, if that is at least 2⁻¹⁴; else by 2⁻¹⁴
 * @param scale what all weights are multiplied by at last, usually 1
 */
public record Routing(int used, Gating gating, float[] selectionBias, boolean normalise, float scale) {
    /** What becomes of the logits before the largest are chosen, or after. */
    public enum Gating {
        /** The softmax over all experts. */
        SOFTMAX,
        /** The logistic function of each. */
        SIGMOID,
        /** Themselves; the weights are the softmax over the chosen ones. */
        SOFTMAX_OF_CHOSEN
    }

    /** Checks the numbers. */
    public Routing {
        Objects.requireNonNull(gating, "gating");
        if (used < 1 || Float.isNaN(scale)) {
            throw new IllegalArgumentException("Routing: " + used + " experts a row at scale " + scale);
        }
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
