// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.tensor.HeapTensor;

/** A layer that ends in a projection, whose derivative reads no more than what went into it and what it kept. */
public interface TrainableLayer extends Layer {
    /**
     * Computes all but the last projection, so that the buffers hold what the derivative needs.
     *
     * @param x {@code [T, D]}
     * @param kept buffers of the layer's {@link #widths}
     * @param context of the rows
     */
    void activate(HeapTensor x, RowBuffers kept, Context context);
}
