// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import dev.kelvin.tensor.Shape;
import java.util.Objects;

/**
 * A tensor that a model learned.
 *
 * @param name in the model's file
 * @param shape a vector {@code [N]}, a matrix {@code [N, K]}, or a matrix for each of E experts {@code [E, N, K]}
 * @param role what it does, which says how it begins in a model that nobody trained yet
 */
public record Weight(String name, Shape shape, Role role) {
    /** What a tensor does. */
    public enum Role {
        /** Rows are looked up. */
        TABLE,
        /** Rows are multiplied with it. */
        PROJECTION,
        /** The last projection of a branch, whose result is added to what the other branches left. */
        BRANCH_END,
        /** A factor for each column. */
        GAIN,
        /** A summand for each column. */
        BIAS
    }

    /** Checks the rank. */
    public Weight {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(role, "role");
        if (shape.rank() < 1 || shape.rank() > 3) {
            throw new IllegalArgumentException(
                    "plan: " + name + " must be a vector, a matrix or matrices, but is " + shape);
        }
    }

    /** The length of a vector, the number of rows of a matrix, those of all experts' matrices together. */
    public int rows() {
        return shape.rank() == 1 ? shape.dim(0) : shape.rows();
    }

    /** All of it. */
    public Part whole() {
        return new Part(this, 0, rows());
    }

    /** The rows, or the elements of a vector, in {@code [begin, end)}. */
    public Part part(int begin, int end) {
        return new Part(this, begin, end);
    }
}
