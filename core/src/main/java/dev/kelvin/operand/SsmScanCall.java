// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.StateRows;

/**
 * The scan of a state-space model with one decay a head (Mamba-2) over the rows of a batch. Head h has a state S
 * [stateDim, headDim] and reads group h/(heads/groups) of b and c; each row does:
 *
 * <pre>
 * S ← S·exp(dt·a) + b ⊗ (x·dt)     out = Sᵀ·c + d·x
 * </pre>
 *
 * Source: Dao and Gu, Transformers are SSMs, arXiv:2405.21060.
 *
 * @param x [R, heads·headDim]
 * @param dt [R, heads], as it is after its softplus
 * @param a [heads], negative
 * @param b [R, groups·stateDim]
 * @param c [R, groups·stateDim]
 * @param d [heads]
 * @param states whose the rows are, and [heads, stateDim, headDim] of each sequence
 * @param out [R, heads·headDim], overwritten; may not overlap the others
 * @param groups of b and c, a divisor of the heads
 */
public record SsmScanCall(
        HeapTensor x,
        HeapTensor dt,
        HeapTensor a,
        HeapTensor b,
        HeapTensor c,
        HeapTensor d,
        StateRows states,
        HeapTensor out,
        int groups) {
    /** Heads of x. */
    public int heads() {
        return dt.columns();
    }

    /** Elements of a head. */
    public int headDim() {
        return x.columns() / heads();
    }

    /** Numbers that a state has for each element of a head. */
    public int stateDim() {
        return b.columns() / groups;
    }

    /** Floats of a sequence's state. */
    public long stateFloats() {
        return (long) heads() * stateDim() * headDim();
    }
}
