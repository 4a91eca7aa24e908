// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

/**
 * Consecutive rows of a matrix, or elements of a vector: files keep several projections in one tensor.
 *
 * @param weight the whole tensor
 * @param begin the first row
 * @param end the row after the last
 */
public record Part(Weight weight, int begin, int end) {
    /** Checks the range. */
    public Part {
        if (begin < 0 || end < begin || end > weight.rows()) {
            throw new IllegalArgumentException("plan: rows [" + begin + ", " + end + ") do not lie within "
                    + weight.name() + " " + weight.shape());
        }
    }

    /** By hand: the JVM puts that of a record together when it is first called, which costs a start 20 ms. */
    @Override
    public int hashCode() {
        return 31 * (31 * weight.name().hashCode() + begin) + end;
    }

    /** The number of rows. */
    public int rows() {
        return end - begin;
    }

    /** Elements of a row of a matrix. */
    public int columns() {
        return weight.shape().columns();
    }

    /** Whether it is the whole tensor. */
    public boolean isWhole() {
        return rows() == weight.rows();
    }
}
