// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * From the hidden rows of a text to its vector: the rows become one, and linear maps in turn take it further.
 *
 * @param pooling whose rows become one
 * @param maps the first from D, each other from what the one before it gives; empty for most models
 */
public record TextVectors(Pooling pooling, List<Projection> maps) {
    /** Of models that make none. */
    public static final TextVectors NONE = of(Pooling.NONE);

    /** Checks that each map takes what the one before it gives. */
    public TextVectors {
        Objects.requireNonNull(pooling, "pooling");
        maps = List.copyOf(maps);
        for (int i = 1; i < maps.size(); i++) {
            if (maps.get(i).inputDim() != maps.get(i - 1).outputDim()) {
                throw new IllegalArgumentException("plan: a map of vectors takes "
                        + maps.get(i).inputDim() + " elements, but the one before it gives "
                        + maps.get(i - 1).outputDim());
            }
        }
    }

    /** Vectors that are not taken further. */
    public static TextVectors of(Pooling pooling) {
        return new TextVectors(pooling, List.of());
    }

    /** Elements of a vector, where hidden rows have {@code dim}. */
    public int dim(int dim) {
        return maps.isEmpty() ? dim : maps.getLast().outputDim();
    }

    Stream<Weight> weights() {
        return maps.stream().flatMap(Projection::weights);
    }
}
