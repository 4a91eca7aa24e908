// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;

/**
 * The extents of a tensor, outermost first; elements lie in row-major order, the last dimension contiguous.
 *
 * <p>Immutable. Dimensions are at least 0; a shape of rank 0 has one element.
 */
public final class Shape {
    private final int[] dims;
    private final long elements;

    private Shape(int[] dims) {
        long product = 1;
        for (int dim : dims) {
            if (dim < 0) {
                throw new IllegalArgumentException(
                        "shape: dimensions " + Arrays.toString(dims) + " include a negative one");
            }
            product = Math.multiplyExact(product, (long) dim);
        }
        this.dims = dims;
        this.elements = product;
    }

    /**
     * A shape.
     *
     * @param dims the extents, outermost first, each at least 0
     * @return the shape
     * @throws IllegalArgumentException if an extent is negative
     * @throws ArithmeticException if the number of elements does not fit into a long
     */
    public static Shape of(int... dims) {
        return new Shape(dims.clone());
    }

    /** The number of dimensions. */
    public int rank() {
        return dims.length;
    }

    /**
     * One extent.
     *
     * @param index from 0, the outermost, to {@code rank() - 1}
     * @return the extent
     */
    public int dim(int index) {
        return dims[index];
    }

    /** A copy of the extents, outermost first. */
    public int[] dims() {
        return dims.clone();
    }

    /** The product of the extents. */
    public long elements() {
        return elements;
    }

    /** The last extent; 1 for rank 0. */
    public int columns() {
        return dims.length == 0 ? 1 : dims[dims.length - 1];
    }

    /**
     * The product of all extents but the last.
     *
     * @return the number of rows; 1 for rank 0 and 1
     * @throws ArithmeticException if it does not fit into an int
     */
    public int rows() {
        long product = 1;
        for (int i = 0; i < dims.length - 1; i++) {
            product = Math.multiplyExact(product, (long) dims[i]);
        }
        return Math.toIntExact(product);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** The extents in brackets, outermost first: {@code [512, 64]}. */
    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
