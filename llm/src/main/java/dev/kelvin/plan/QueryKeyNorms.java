// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.Objects;
import java.util.stream.Stream;

/**
 * How queries and keys are normalised: each head of them, or whole rows.
 *
 * @param query of the queries; null for none
 * @param key of the keys; null for none
 * @param afterRotation whether they are normalised after they are rotated, and not before
 */
public record QueryKeyNorms(Norm query, Norm key, boolean afterRotation) {
    /** None. */
    public static final QueryKeyNorms NONE = new QueryKeyNorms(null, null, false);

    Stream<Weight> weights() {
        return Stream.of(query, key).filter(Objects::nonNull).flatMap(Norm::weights);
    }
}
