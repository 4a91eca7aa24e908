// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.operand.Activation;
import dev.kelvin.tensor.HeapTensor;
import java.util.Objects;

/**
 * The operations on elements and rows that only some architectures' layers need. Got from {@link Compute#layers}, whose
 * rules hold here too: results are pure functions of the inputs to the bit, shapes are checked before anything is
 * written, nothing is allocated once scratch has grown, one caller at a time.
 */
public final class Layers {
    private final Team team;
    private final Activations activations;
    private final RowFactors rowFactors;
    private final Training training;

    Layers(Team team, Training training) {
        this.team = team;
        this.training = training;
        activations = new Activations(team);
        rowFactors = new RowFactors(team);
    }

    /**
     * y = f(x), element by element.
     *
     * @param f the function
     * @param x any shape
     * @param y the shape of x; may be x
     */
    public void activate(Activation f, HeapTensor x, HeapTensor y) {
        Objects.requireNonNull(f, "f");
        try (Team.Call _ = team.begin()) {
            activations.activate(f, x, y);
        }
    }

    /**
     * y = f(gate)·up, element by element. Source: Shazeer, arXiv:2002.05202.
     *
     * @param f the function
     * @param gate any shape
     * @param up the shape of gate
     * @param y the shape of gate; may be gate or up
     */
    public void gated(Activation f, HeapTensor gate, HeapTensor up, HeapTensor y) {
        Objects.requireNonNull(f, "f");
        try (Team.Call _ = team.begin()) {
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

    /**
     * LayerNorm of each row: y = (x − mean)/√(variance + ε)·weight + bias. Source: Ba et al., arXiv:1607.06450.
     *
     * @param x [.., D]
     * @param weight [D]
     * @param bias [D], zeros for none
     * @param epsilon ε, finite and at least 0
     * @param y the shape of x; may be x
     */
    public void layerNorm(HeapTensor x, HeapTensor weight, HeapTensor bias, float epsilon, HeapTensor y) {
        training.layerNorm(x, weight, bias, epsilon, y);
    }

    /**
     * Divides each row by its length: y = x/max(√Σx², ε).
     *
     * <p>Σx² has the order of a dot product, and overflows where that does; the factor is rounded once.
     *
     * @param x [.., D]
     * @param epsilon ε, positive and finite
     * @param y the shape of x; may be x
     */
    public void l2Norm(HeapTensor x, float epsilon, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            rowFactors.l2Norm(x, epsilon, y);
        }
    }

    /**
     * Adds a bias to each row, in place.
     *
     * @param x [.., N]
     * @param bias [N]
     */
    public void addBias(HeapTensor x, HeapTensor bias) {
        training.addBias(x, bias);
    }

    /**
     * y = x·factor, element by element.
     *
     * @param x any shape
     * @param factor any number
     * @param y the shape of x; may be x
     */
    public void scale(HeapTensor x, float factor, HeapTensor y) {
        training.scale(x, factor, y);
    }

    /**
     * Multiplies each row by a factor of its own.
     *
     * @param x [R, N]
     * @param factors one a row; longer is fine
     * @param y the shape of x; may be x
     */
    public void scaleRows(HeapTensor x, float[] factors, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            rowFactors.scaleRows(x, factors, y);
        }
    }

    /**
     * Multiplies each row by the same vector, element by element.
     *
     * @param x [R, N]
     * @param weight [N]
     * @param y the shape of x; may be x
     */
    public void scaleColumns(HeapTensor x, HeapTensor weight, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            rowFactors.scaleColumns(x, weight, y);
        }
    }
}
