// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;

/** LayerNorm of each head of a row, by factors that each head has for itself. */
final class HeadNorm implements NormLayer {
    private final Compute compute;
    private final HeapTensor gains;
    private final int width;
    private final float epsilon;

    /**
     * Wraps the gains, which are neither copied nor changed.
     *
     * @param gains {@code [H, Dh]}
     * @param epsilon added to the variance; finite and not negative
     */
    HeadNorm(Compute compute, HeapTensor gains, float epsilon) {
        this.compute = compute;
        this.gains = HeapTensor.view(gains.data(), gains.offset(), gains.rows() * gains.columns());
        width = gains.columns();
        this.epsilon = epsilon;
    }

    @Override
    public void forward(HeapTensor x, HeapTensor y) {
        compute.rows().layerNorm(NormLayer.rows(x, width), epsilon, NormLayer.rows(y, width));
        compute.rows().scaleColumns(y, gains, y);
    }
}
