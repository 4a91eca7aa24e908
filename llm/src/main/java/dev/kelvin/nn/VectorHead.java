// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.TextVectors;
import dev.kelvin.tensor.HeapTensor;
import java.util.List;

/** Computes the maps of {@link TextVectors}: pooled rows in, vectors of texts out. Rows do not depend on each other. */
public final class VectorHead {
    private final List<Linear> maps;

    private VectorHead(List<Linear> maps) {
        this.maps = maps;
    }

    /** The head of a plan; null if pooled rows are the vectors. */
    static VectorHead of(TextVectors plan, WeightSource weights, Compute compute) {
        return plan.maps().isEmpty()
                ? null
                : new VectorHead(plan.maps().stream()
                        .map(map -> Linear.of(map, weights, compute))
                        .toList());
    }

    /**
     * Takes pooled rows through each map in turn.
     *
     * @param pooled {@code [B, D]}
     * @return {@code [B, N]}, N the last map's
     * @throws IllegalArgumentException if the shape does not fit
     */
    public HeapTensor forward(HeapTensor pooled) {
        HeapTensor x = pooled;
        for (Linear map : maps) {
            HeapTensor y = HeapTensor.zeros(x.rows(), map.outputDim());
            map.forward(x, y);
            x = y;
        }
        return x;
    }
}
