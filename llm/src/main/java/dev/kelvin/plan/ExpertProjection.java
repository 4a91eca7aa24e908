// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import dev.kelvin.tensor.Shape;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A linear map for each expert, y = s_e · x·W_eᵀ + b_e, or some rows of each.
 *
 * @param weight {@code [E, rows, K]}
 * @param begin the first row of each expert
 * @param end the row of each after the last
 * @param bias {@code [E, end - begin]}; null for none
 * @param scales s {@code [E]}; null for ones
 */
public record ExpertProjection(Weight weight, int begin, int end, Weight bias, Weight scales) {
    /** Checks that the parts fit together. */
    public ExpertProjection {
        if (weight.shape().rank() != 3
                || begin < 0
                || end <= begin
                || end > weight.shape().dim(1)) {
            throw new IllegalArgumentException("plan: rows [" + begin + ", " + end + ") of each expert of "
                    + weight.name() + " " + weight.shape());
        }
        if (bias != null
                && (bias.rows() != weight.shape().dim(0) || bias.shape().columns() != end - begin)) {
            throw new IllegalArgumentException("plan: " + bias.name() + " " + bias.shape() + " is no bias of "
                    + (end - begin) + " rows of each expert of " + weight.name() + " " + weight.shape());
        }
        if (scales != null && !scales.shape().equals(Shape.of(weight.shape().dim(0)))) {
            throw new IllegalArgumentException("plan: " + scales.name() + " " + scales.shape()
                    + " is not one number for each expert of " + weight.name() + " " + weight.shape());
        }
    }

    /** The map of each expert to some of the outputs. */
    public ExpertProjection rows(int begin, int end) {
        if (bias != null) {
            throw new IllegalArgumentException("plan: " + bias.name() + " is not cut");
        }
        return new ExpertProjection(weight, this.begin + begin, this.begin + end, null, scales);
    }

    /** E. */
    public int experts() {
        return weight.shape().dim(0);
    }

    /** Elements of a row that goes in. */
    public int inputDim() {
        return weight.shape().columns();
    }

    /** Elements of a row that comes out. */
    public int outputDim() {
        return end - begin;
    }

    /** The matrix of an expert. */
    public Part of(int expert) {
        int first = expert * weight.shape().dim(1);
        return weight.part(first + begin, first + end);
    }

    Stream<Weight> weights() {
        return Stream.of(weight, bias, scales).filter(Objects::nonNull);
    }
}
