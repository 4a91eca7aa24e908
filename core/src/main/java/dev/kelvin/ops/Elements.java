// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Combination;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.Matrix;
import dev.kelvin.tensor.HeapTensor;
import java.util.Objects;

/**
 * The operations that take each element by itself: arithmetic, functions, gates. An operand of less than the shape of
 * the result is repeated over it: one row, one column, or one element. Got from {@link Compute}, whose rules hold here
 * too: results are pure functions of the inputs to the bit, shapes are checked before anything is written, nothing is
 * allocated once scratch has grown, one caller at a time.
 *
 * <p>The same operations take views, each of which may lie on the heap or off it, be F32, F16 or BF16, to be read also
 * I8, and have any strides: {@link Matrix#of(HeapTensor)} is one too. They compute in floats and round a result once
 * more if y is of halves. A view y may be an operand, if it is the same elements in the same places; its segment may
 * not be read-only, nor any of a confined arena if there is more than one thread.
 */
public final class Elements {
    private final Team team;
    private final Elementwise elementwise;
    private final Combinations combinations;
    private final Activations activations;
    private final CombinationBackward backward;
    private final ElementViews views;

    Elements(Team team) {
        this.team = team;
        elementwise = new Elementwise(team);
        combinations = new Combinations(team);
        activations = new Activations(team);
        backward = new CombinationBackward(team);
        views = new ElementViews(team);
    }

    /**
     * y = a + b, rounded once.
     *
     * @param a the shape of y, or one row of it, one column or one element
     * @param b the shape of y, or one row of it, one column or one element
     * @param y any shape; may be a or b if they have its shape
     */
    public void add(HeapTensor a, HeapTensor b, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            combinations.apply(Combination.ADD, a, b, y);
        }
    }

    /** {@link #add(HeapTensor, HeapTensor, HeapTensor)} of views. */
    public void add(Matrix a, Matrix b, Matrix y) {
        try (Team.Call _ = team.begin()) {
            views.combine(Combination.ADD, a, b, y);
        }
    }

    /**
     * y = a − b, rounded once.
     *
     * @param a the shape of y, or one row of it, one column or one element
     * @param b the shape of y, or one row of it, one column or one element
     * @param y any shape; may be a or b if they have its shape
     */
    public void sub(HeapTensor a, HeapTensor b, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            combinations.apply(Combination.SUB, a, b, y);
        }
    }

    /** {@link #sub(HeapTensor, HeapTensor, HeapTensor)} of views. */
    public void sub(Matrix a, Matrix b, Matrix y) {
        try (Team.Call _ = team.begin()) {
            views.combine(Combination.SUB, a, b, y);
        }
    }

    /**
     * y = a·b, rounded once.
     *
     * @param a the shape of y, or one row of it, one column or one element
     * @param b the shape of y, or one row of it, one column or one element
     * @param y any shape; may be a or b if they have its shape
     */
    public void mul(HeapTensor a, HeapTensor b, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            combinations.apply(Combination.MUL, a, b, y);
        }
    }

    /** {@link #mul(HeapTensor, HeapTensor, HeapTensor)} of views. */
    public void mul(Matrix a, Matrix b, Matrix y) {
        try (Team.Call _ = team.begin()) {
            views.combine(Combination.MUL, a, b, y);
        }
    }

    /**
     * y = a/b, rounded once.
     *
     * @param a the shape of y, or one row of it, one column or one element
     * @param b the shape of y, or one row of it, one column or one element
     * @param y any shape; may be a or b if they have its shape
     */
    public void div(HeapTensor a, HeapTensor b, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            combinations.apply(Combination.DIV, a, b, y);
        }
    }

    /** {@link #div(HeapTensor, HeapTensor, HeapTensor)} of views. */
    public void div(Matrix a, Matrix b, Matrix y) {
        try (Team.Call _ = team.begin()) {
            views.combine(Combination.DIV, a, b, y);
        }
    }

    /**
     * y = min(a, b): NaN if either is NaN; −0 is below +0.
     *
     * @param a the shape of y, or one row of it, one column or one element
     * @param b the shape of y, or one row of it, one column or one element
     * @param y any shape; may be a or b if they have its shape
     */
    public void min(HeapTensor a, HeapTensor b, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            combinations.apply(Combination.MIN, a, b, y);
        }
    }

    /** {@link #min(HeapTensor, HeapTensor, HeapTensor)} of views. */
    public void min(Matrix a, Matrix b, Matrix y) {
        try (Team.Call _ = team.begin()) {
            views.combine(Combination.MIN, a, b, y);
        }
    }

    /**
     * The derivatives of {@link #min(HeapTensor, HeapTensor, HeapTensor) min}: dy for the smaller operand and 0 for the
     * other; dy/2 for either if they are equal, dy for both if one is NaN.
     *
     * @param a any shape, as in the forward pass; what was repeated there is to be written out
     * @param b the shape of a
     * @param dy the shape of a
     * @param da the shape of a, overwritten; overlaps nothing
     * @param db the shape of a, overwritten; overlaps nothing
     */
    public void minBackward(HeapTensor a, HeapTensor b, HeapTensor dy, HeapTensor da, HeapTensor db) {
        try (Team.Call _ = team.begin()) {
            backward.apply(Combination.MIN, a, b, dy, da, db);
        }
    }

    /**
     * y = max(a, b): NaN if either is NaN; −0 is below +0.
     *
     * @param a the shape of y, or one row of it, one column or one element
     * @param b the shape of y, or one row of it, one column or one element
     * @param y any shape; may be a or b if they have its shape
     */
    public void max(HeapTensor a, HeapTensor b, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            combinations.apply(Combination.MAX, a, b, y);
        }
    }

    /** {@link #max(HeapTensor, HeapTensor, HeapTensor)} of views. */
    public void max(Matrix a, Matrix b, Matrix y) {
        try (Team.Call _ = team.begin()) {
            views.combine(Combination.MAX, a, b, y);
        }
    }

    /**
     * The derivatives of {@link #max(HeapTensor, HeapTensor, HeapTensor) max}: dy for the larger operand and 0 for the
     * other; dy/2 for either if they are equal, dy for both if one is NaN.
     *
     * @param a any shape, as in the forward pass; what was repeated there is to be written out
     * @param b the shape of a
     * @param dy the shape of a
     * @param da the shape of a, overwritten; overlaps nothing
     * @param db the shape of a, overwritten; overlaps nothing
     */
    public void maxBackward(HeapTensor a, HeapTensor b, HeapTensor dy, HeapTensor da, HeapTensor db) {
        try (Team.Call _ = team.begin()) {
            backward.apply(Combination.MAX, a, b, dy, da, db);
        }
    }

    /**
     * y = aᵇ, within 0.501 ULP. Zeros, infinities and NaN as {@link Math#pow} has them: aᵇ is 1 for b = ±0 and NaN for
     * a negative a and a b that is no integer.
     *
     * @param a the shape of y, or one row of it, one column or one element
     * @param b the shape of y, or one row of it, one column or one element
     * @param y any shape; may be a or b if they have its shape
     */
    public void pow(HeapTensor a, HeapTensor b, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            combinations.apply(Combination.POW, a, b, y);
        }
    }

    /** {@link #pow(HeapTensor, HeapTensor, HeapTensor)} of views. */
    public void pow(Matrix a, Matrix b, Matrix y) {
        try (Team.Call _ = team.begin()) {
            views.combine(Combination.POW, a, b, y);
        }
    }

    /**
     * The derivatives of {@link #pow(HeapTensor, HeapTensor, HeapTensor) pow}: da = dy·b·aᵇ⁻¹, 0 where b = 0, and db =
     * dy·aᵇ·ln a, 0 where a = 0 and b ≥ 0, NaN where a is negative. Relative errors are at most (4 + |(b − 1)·ln
     * a|)·2⁻²⁴ and 5·2⁻²⁴, up to terms of second order, where nothing is subnormal.
     *
     * @param a any shape, as in the forward pass; what was repeated there is to be written out
     * @param b the shape of a
     * @param dy the shape of a
     * @param da the shape of a, overwritten; overlaps nothing
     * @param db the shape of a, overwritten; overlaps nothing
     */
    public void powBackward(HeapTensor a, HeapTensor b, HeapTensor dy, HeapTensor da, HeapTensor db) {
        try (Team.Call _ = team.begin()) {
            backward.apply(Combination.POW, a, b, dy, da, db);
        }
    }

    /**
     * y = a·b + c, rounded once.
     *
     * @param a the shape of y, or one row of it, one column or one element
     * @param b the shape of y, or one row of it, one column or one element
     * @param c the shape of y, or one row of it, one column or one element
     * @param y any shape; may be a, b or c if they have its shape
     */
    public void fma(HeapTensor a, HeapTensor b, HeapTensor c, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            combinations.fma(a, b, c, y);
        }
    }

    /** {@link #fma(HeapTensor, HeapTensor, HeapTensor, HeapTensor)} of views. */
    public void fma(Matrix a, Matrix b, Matrix c, Matrix y) {
        try (Team.Call _ = team.begin()) {
            views.fma(a, b, c, y);
        }
    }

    /**
     * y = min(max(x, lower), upper), element by element: upper where the bounds are crossed, NaN for NaN.
     *
     * @param x any shape
     * @param lower not NaN; −∞ for none
     * @param upper not NaN; +∞ for none
     * @param y the shape of x; may be x
     */
    public void clip(HeapTensor x, float lower, float upper, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            elementwise.clip(x, lower, upper, y);
        }
    }

    /** {@link #clip(HeapTensor, float, float, HeapTensor)} of views. */
    public void clip(Matrix x, float lower, float upper, Matrix y) {
        try (Team.Call _ = team.begin()) {
            views.clip(x, lower, upper, y);
        }
    }

    /**
     * y = x where that is not below 0, else x·slope; −0 stays −0, NaN stays NaN.
     *
     * @param x any shape
     * @param slope usually 0.01
     * @param y the shape of x; may be x
     */
    public void leakyRelu(HeapTensor x, float slope, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            elementwise.leakyRelu(x, slope, y);
        }
    }

    /** {@link #leakyRelu(HeapTensor, float, HeapTensor)} of views. */
    public void leakyRelu(Matrix x, float slope, Matrix y) {
        try (Team.Call _ = team.begin()) {
            views.leakyRelu(x, slope, y);
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

    /** {@link #scale(HeapTensor, float, HeapTensor)} of views. */
    public void scale(Matrix x, float factor, Matrix y) {
        try (Team.Call _ = team.begin()) {
            views.scale(x, factor, y);
        }
    }

    /**
     * Sets every element to +0.
     *
     * @param x any shape
     */
    public void clear(HeapTensor x) {
        try (Team.Call _ = team.begin()) {
            elementwise.apply(Elementwise.Operation.CLEAR, x, x);
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
            elementwise.apply(Elementwise.Operation.EXP, x, y);
        }
    }

    /**
     * y = f(x), element by element: functions from RELU over SIGMOID to LOG and SQRT, each with its error bound and its
     * values at the ends in {@link Activation}. The derivative is {@link Training#activateBackward}.
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

    /** {@link #activate(Activation, HeapTensor, HeapTensor)} of views. */
    public void activate(Activation f, Matrix x, Matrix y) {
        try (Team.Call _ = team.begin()) {
            views.activate(Objects.requireNonNull(f, "f"), x, y);
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
