// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.List;
import java.util.stream.Stream;

/**
 * Several layers side by side: y = Σ after(layer(before(x))). Some families have their attention and their feed-forward
 * so.
 *
 * <p>Source: Wang and Komatsuzaki, GPT-J-6B, 2021.
 *
 * @param dim D
 * @param parts with layers between norms; at least one
 */
public record Parallel(int dim, List<Branch> parts) implements Sublayer {
    /** Copies the list, and checks that every part is a layer between norms. */
    public Parallel {
        parts = List.copyOf(parts);
        for (Branch part : parts) {
            if (part.layer() instanceof Parallel || part.closing() != null || part.factor() != null) {
                throw new IllegalArgumentException("plan: no part of a sum: " + part);
            }
        }
        if (parts.isEmpty() || dim < 1) {
            throw new IllegalArgumentException("plan: " + parts.size() + " layers side by side of width " + dim);
        }
    }

    /** Layers that all read x as it is. */
    public static Parallel of(int dim, Sublayer... layers) {
        return new Parallel(
                dim, Stream.of(layers).map(layer -> Branch.of(null, layer)).toList());
    }

    @Override
    public long idleParameters() {
        return parts.stream().mapToLong(part -> part.layer().idleParameters()).sum();
    }

    @Override
    public Stream<Weight> weights() {
        return parts.stream().flatMap(Branch::weights);
    }
}
