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
 * @param layerInputs what blocks are given of a token besides its row; null for none
 */
public record EmbeddingPlan(
        Weight tokens, Weight positions, Weight types, float scale, Norm norm, LayerInputs layerInputs) {
    /**
     * What each of L blocks is given of a token with the first row x: its P elements of (norm(x·Wᵀ/√D) + tokens[id]·√P)
     * / √2, where norm is of each block's by itself.
     *
     * <p>Source: Google, Gemma 3n model overview (per-layer embeddings), 2025.
     *
     * @param tokens {@code [V, L·P]}
     * @param projection W, D to L·P
     * @param norm over P
     */
    public record LayerInputs(Weight tokens, Projection projection, Norm norm) {
        /** Checks that the widths fit together. */
        public LayerInputs {
            int columns = tokens.shape().columns();
            if (projection.outputDim() != columns || columns % norm.width() != 0) {
                throw new IllegalArgumentException("plan: inputs of layers from " + tokens.name() + " "
                        + tokens.shape() + ", a projection to " + projection.outputDim() + " and a norm over "
                        + norm.width());
            }
        }

        Stream<Weight> weights() {
            return Stream.of(Stream.of(tokens), projection.weights(), norm.weights())
                    .flatMap(weights -> weights);
        }
    }

    /** Checks that there is a table. */
    public EmbeddingPlan {
        Objects.requireNonNull(tokens, "tokens");
    }

    /** Tokens alone. */
    public static EmbeddingPlan of(Weight tokens) {
        return new EmbeddingPlan(tokens, null, null, 1, null, null);
    }

    /** The same with learned positions. */
    public EmbeddingPlan withPositions(Weight positions) {
        return new EmbeddingPlan(tokens, positions, types, scale, norm, layerInputs);
    }

    /** The same with types of tokens. */
    public EmbeddingPlan withTypes(Weight types) {
        return new EmbeddingPlan(tokens, positions, types, scale, norm, layerInputs);
    }

    /** The same with a factor of the tokens' rows. */
    public EmbeddingPlan withScale(float scale) {
        return new EmbeddingPlan(tokens, positions, types, scale, norm, layerInputs);
    }

    /** The same, normalised. */
    public EmbeddingPlan withNorm(Norm norm) {
        return new EmbeddingPlan(tokens, positions, types, scale, norm, layerInputs);
    }

    /** The same that gives blocks something besides. */
    public EmbeddingPlan withLayerInputs(LayerInputs layerInputs) {
        return new EmbeddingPlan(tokens, positions, types, scale, norm, layerInputs);
    }

    Stream<Weight> weights() {
        return Stream.of(
                        Stream.of(tokens, positions, types).filter(Objects::nonNull),
                        norm == null ? Stream.<Weight>of() : norm.weights(),
                        layerInputs == null ? Stream.<Weight>of() : layerInputs.weights())
                .flatMap(weights -> weights);
    }
}
