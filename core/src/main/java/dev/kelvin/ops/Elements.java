// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.operand.Activation;
import dev.kelvin.tensor.HeapTensor;
import java.util.Objects;

/**
 * The operations that take each element by itself: arithmetic, functions, gates. Got from {@link Compute}, whose rules
 * hold here too: results are pure functions of the inputs to the bit, shapes are checked before anything is written,
 * nothing is allocated once scratch has grown, one caller at a time.
 */
public final class Elements {
    private final Team team;
    private final Elementwise elementwise;
    private final Activations activations;

    Elements(Team team) {
        this.team = team;
        elementwise = new Elementwise(team);
        activations = new Activations(team);
    }

    /**
     * y = a + b, element by element.
     *
     * @param a any shape
     * @param b the shape of a
     * @param y the shape of a; may be a or b
     */
    public void add(HeapTensor a, HeapTensor b, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            elementwise.apply(Elementwise.Operation.ADD, "a", a, "b", b, y);
        }
    }

    /**
     * y = a · b, element by element.
     *
     * @param a any shape
     * @param b the shape of a
     * @param y the shape of a; may be a or b
     */
    public void mul(HeapTensor a, HeapTensor b, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            elementwise.apply(Elementwise.Operation.MUL, "a", a, "b", b, y);
        }
    }

    /**
     * y = x·factor, element by element.
     *
     * @param x any shape
     * @param factor any number
     * @param y the shape of x; may be x
     */
    public void scale(HeapTensor x, float factor, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            elementwise.scale(x, factor, y);
        }
    }

    /**
     * Sets every element to +0.
     *
     * @param x any shape
     */
    public void clear(HeapTensor x) {
        try (Team.Call _ = team.begin()) {
            elementwise.apply(Elementwise.Operation.CLEAR, "x", x, x);
        }
    }

    /**
     * y = eˣ, element by element, within 1 ULP; NaN stays NaN, and exp(0) is exactly 1.
     *
     * @param x any shape
     * @param y the shape of x; may be x
     */
    public void exp(HeapTensor x, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            elementwise.apply(Elementwise.Operation.EXP, "x", x, y);
        }
    }

    /**
     * y = f(x), element by element. The error of SiLU is within 5·2⁻²⁴ relative; below -88.72, where the exact value is
     * above -2.6·10⁻³⁷, it is -0.
     *
     * @param f the function
     * @param x any shape
     * @param y the shape of x; may be x
     */
    public void activate(Activation f, HeapTensor x, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            Objects.requireNonNull(f, "f");
            activations.activate(f, x, y);
        }
    }

    /**
     * y = f(gate)·up, element by element: SwiGLU with SiLU, GeGLU with a GELU. Source: Shazeer, arXiv:2002.05202.
     *
     * @param f the function
     * @param gate any shape
     * @param up the shape of gate
     * @param y the shape of gate; may be gate or up
     */
    public void gated(Activation f, HeapTensor gate, HeapTensor up, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            Objects.requireNonNull(f, "f");
            activations.gated(f, gate, up, y);
        }
    }

    /**
     * y = g·sigmoid(alpha·g)·(u + 1) with g = min(gate, limit) and u = up within ±limit, element by element, as gpt-oss
     * has it.
     *
     * @param gate any shape
     * @param up the shape of gate
     * @param alpha 1.702 in gpt-oss
     * @param limit at least 0; 7 in gpt-oss
     * @param y the shape of gate; may be gate or up
     */
    public void clampedSwiGlu(HeapTensor gate, HeapTensor up, float alpha, float limit, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            activations.clampedSwiGlu(gate, up, alpha, limit, y);
        }
    }

    /**
     * y = cap·tanh(x/cap), element by element. Source: Gemma 2, arXiv:2408.00118.
     *
     * @param x any shape
     * @param cap positive and finite
     * @param y the shape of x; may be x
     */
    public void softCap(HeapTensor x, float cap, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            activations.softCap(x, cap, y);
        }
    }
}
