// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.tensor.HeapTensor;
import java.util.List;

/** What a branch of a decoder computes. It holds weights and no activations. */
public interface Layer {
    /** What it keeps of a sequence, in the order of its slots; nothing for layers that compute each row by itself. */
    default List<LayerMemory> memory() {
        return List.of();
    }

    /** Elements of a row of each buffer that it needs between its operations. */
    int[] widths();

    /**
     * Computes the layer for T rows.
     *
     * @param x {@code [T, D]}
     * @param y {@code [T, D]}, overwritten; must not overlap {@code x}
     * @param kept buffers of the layer's {@link #widths}; holds afterwards what the derivative needs
     * @param context of the rows
     * @throws IllegalArgumentException if the shapes do not fit
     */
    void forward(HeapTensor x, HeapTensor y, RowBuffers kept, Context context);
}
