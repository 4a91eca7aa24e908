// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import dev.kelvin.operand.Activation;

/** How two projections of a row become one. */
public sealed interface Gate {
    /** SiLU, as most mixtures have it. */
    Gate SILU = new By(Activation.SILU);

    /**
     * f(gate) ⊙ up.
     *
     * @param activation f
     */
    record By(Activation activation) implements Gate {}

    /**
     * f(up), where there is no gate.
     *
     * @param activation f
     */
    record None(Activation activation) implements Gate {}

    /**
     * g · sigmoid(alpha · g) ⊙ (u + 1), with g the gate below a limit and u the other within it on both sides.
     *
     * <p>Source: OpenAI, gpt-oss-120b and gpt-oss-20b Model Card, 2025, and the code beside it.
     *
     * @param alpha within the sigmoid
     * @param limit of both
     */
    record Clamped(float alpha, float limit) implements Gate {}
}
