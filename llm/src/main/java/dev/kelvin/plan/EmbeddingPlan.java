// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.Objects;
import java.util.stream.Stream;

/**
 * From token ids to the first rows: tokens[id] · scale, plus positions[p].
 *
 * @param tokens {@code [V, D]}
 * @param positions {@code [contextLength, D]}, learned positions; null for none
 * @param scale of the tokens' rows
 */
public record EmbeddingPlan(Weight tokens, Weight positions, float scale) {
    /** Checks that there is a table. */
    public EmbeddingPlan {
        Objects.requireNonNull(tokens, "tokens");
    }

    /** Tokens alone. */
    public static EmbeddingPlan of(Weight tokens) {
        return new EmbeddingPlan(tokens, null, 1);
    }

    /** The same with learned positions. */
    public EmbeddingPlan withPositions(Weight positions) {
        return new EmbeddingPlan(tokens, positions, scale);
    }

    /** The same with a factor of the tokens' rows. */
    public EmbeddingPlan withScale(float scale) {
        return new EmbeddingPlan(tokens, positions, scale);
    }

    Stream<Weight> weights() {
        return positions == null ? Stream.of(tokens) : Stream.of(tokens, positions);
    }
}
