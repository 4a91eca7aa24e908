// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.StateRows;

/**
 * The gated delta rule over the rows of a batch. Value head h has a state S [keyDim, valueDim] and reads key head h mod
 * keyHeads; each row does, with g its log-decay:
 *
 * <pre>
 * S ← S·exp(g)     S ← S + k ⊗ (v − Sᵀ·k)·beta     out = Sᵀ·q
 * </pre>
 *
 * Source: Yang et al., Gated Delta Networks, arXiv:2412.06464.
 *
 * @param q [R, keyHeads·keyDim], scaled as the model wants it
 * @param k [R, keyHeads·keyDim]
 * @param v [R, valueHeads·valueDim]
 * @param logDecay [R, valueHeads]
 * @param beta [R, valueHeads]
 * @param states whose the rows are, and [valueHeads, keyDim, valueDim] of each sequence
 * @param out [R, valueHeads·valueDim], overwritten; may not overlap the others
 * @param keyHeads heads of q and k, a divisor of the value heads
 */
public record DeltaNetCall(
        HeapTensor q,
        HeapTensor k,
        HeapTensor v,
        HeapTensor logDecay,
        HeapTensor beta,
        StateRows states,
        HeapTensor out,
        int keyHeads) {
    /** Heads of v. */
    public int valueHeads() {
        return logDecay.columns();
    }

    /** Elements of a key. */
    public int keyDim() {
        return k.columns() / keyHeads;
    }

    /** Elements of a value. */
    public int valueDim() {
        return v.columns() / valueHeads();
    }

    /** Floats of a sequence's state. */
    public long stateFloats() {
        return (long) valueHeads() * keyDim() * valueDim();
    }
}
