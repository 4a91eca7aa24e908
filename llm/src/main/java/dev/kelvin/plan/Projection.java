// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.Objects;
import java.util.stream.Stream;

/**
 * A linear map of rows: y = s · x·Wᵀ + b.
 *
 * @param weight W {@code [N, K]}
 * @param bias b {@code [N]}; null for none
 * @param scale s {@code [1]}, which files have whose weights are of a type with a small range; null for 1
 */
public record Projection(Part weight, Part bias, Weight scale) {
    /** Checks that the bias has an element for each row of the matrix, and that the scale is one number. */
    public Projection {
        if (weight.weight().shape().rank() != 2) {
            throw new IllegalArgumentException("plan: " + weight.weight().name() + " is no matrix, but "
                    + weight.weight().shape());
        }
        if (bias != null && (bias.weight().shape().rank() != 1 || bias.rows() != weight.rows())) {
            throw new IllegalArgumentException("plan: a bias of " + bias.rows() + " elements for the " + weight.rows()
                    + " rows of " + weight.weight().name());
        }
        if (scale != null && scale.shape().elements() != 1) {
            throw new IllegalArgumentException("plan: " + scale.name() + " " + scale.shape() + " is no single number");
        }
    }

    /** A map that is not scaled; bias null for none. */
    public Projection(Part weight, Part bias) {
        this(weight, bias, null);
    }

    /** Whether it is the same map; told by the name first, as a record's first {@link #equals} costs a start 20 ms. */
    public boolean isSame(Projection other) {
        return other != null
                && weight.weight().name().equals(other.weight().weight().name())
                && equals(other);
    }

    /** The same with another bias; null for none. */
    public Projection withBias(Part bias) {
        return new Projection(weight, bias, scale);
    }

    /** K, the elements of a row that goes in. */
    public int inputDim() {
        return weight.columns();
    }

    /** N, the elements of a row that comes out. */
    public int outputDim() {
        return weight.rows();
    }

    /** The map to some of the outputs. */
    public Projection rows(int begin, int end) {
        return new Projection(
                new Part(weight.weight(), weight.begin() + begin, weight.begin() + end),
                bias == null ? null : new Part(bias.weight(), bias.begin() + begin, bias.begin() + end),
                scale);
    }

    Stream<Weight> weights() {
        return Stream.of(weight.weight(), bias == null ? null : bias.weight(), scale)
                .filter(Objects::nonNull);
    }
}
