// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.stream.Stream;

/**
 * A linear map of rows: y = x·Wᵀ + b.
 *
 * @param weight W {@code [N, K]}
 * @param bias b {@code [N]}; null for none
 */
public record Projection(Part weight, Part bias) {
    /** Checks that the bias has an element for each row of the matrix. */
    public Projection {
        if (weight.weight().shape().rank() != 2) {
            throw new IllegalArgumentException("plan: " + weight.weight().name() + " is no matrix, but "
                    + weight.weight().shape());
        }
        if (bias != null && (bias.weight().shape().rank() != 1 || bias.rows() != weight.rows())) {
            throw new IllegalArgumentException("plan: a bias of " + bias.rows() + " elements for the " + weight.rows()
                    + " rows of " + weight.weight().name());
        }
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
                bias == null ? null : new Part(bias.weight(), bias.begin() + begin, bias.begin() + end));
    }

    Stream<Weight> weights() {
        return bias == null ? Stream.of(weight.weight()) : Stream.of(weight.weight(), bias.weight());
    }
}
