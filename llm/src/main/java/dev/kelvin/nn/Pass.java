// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.tensor.HeapTensor;

/**
 * Where a pass of T rows through the branches of a decoder puts its activations. Inference uses the same rows for every
 * branch; training keeps those that the way back reads. Branches are numbered over all blocks.
 */
public interface Pass {
    /**
     * The residual rows x before a branch, {@code [T, D]}; with the number of branches, those after the last. May be
     * the same rows before and after.
     */
    HeapTensor residual(int branch);

    /** What goes into the layer of a branch that normalises it, {@code [T, D]}. */
    HeapTensor normalised(int branch);

    /** What comes out of the layer of a branch, {@code [T, D]}; needed no longer once it was added. */
    HeapTensor update();

    /** The buffers of a branch's layer. */
    RowBuffers kept(int branch);

    /** What the rows have before them. */
    Context context();

    /**
     * Changes rows before they are added to the others, as dropout does.
     *
     * @param site 0 for those of the embedding, else the number of the branch plus 1
     * @param x {@code [T, D]}
     */
    default void regularise(int site, HeapTensor x) {}
}
