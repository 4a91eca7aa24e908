// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.Objects;
import java.util.stream.Stream;

/**
 * From token ids to the first rows: tokens[id] · scale, plus positions[p], plus the first row of types, normalised.
 *
 * @param tokens {@code [V, D]}
 * @param positions {@code [contextLength, D]}, learned positions; null for none
 * @param types {@code [types, D]}, of which a text alone has the first; null for none
 * @param scale of the tokens' rows
 * @param norm of the sum; null for none
 */
public record EmbeddingPlan(Weight tokens, Weight positions, Weight types, float scale, Norm norm) {
    /** Checks that there is a table. */
    public EmbeddingPlan {
        Objects.requireNonNull(tokens, "tokens");
    }

    /** Tokens alone. */
    public static EmbeddingPlan of(Weight tokens) {
        return new EmbeddingPlan(tokens, null, null, 1, null);
    }

    /** The same with learned positions. */
    public EmbeddingPlan withPositions(Weight positions) {
        return new EmbeddingPlan(tokens, positions, types, scale, norm);
    }

    /** The same with types of tokens. */
    public EmbeddingPlan withTypes(Weight types) {
        return new EmbeddingPlan(tokens, positions, types, scale, norm);
    }

    /** The same with a factor of the tokens' rows. */
    public EmbeddingPlan withScale(float scale) {
        return new EmbeddingPlan(tokens, positions, types, scale, norm);
    }

    /** The same, normalised. */
    public EmbeddingPlan withNorm(Norm norm) {
        return new EmbeddingPlan(tokens, positions, types, scale, norm);
    }

    Stream<Weight> weights() {
        Stream<Weight> tables = Stream.of(tokens, positions, types).filter(Objects::nonNull);
        return norm == null ? tables : Stream.concat(tables, norm.weights());
    }
}
