// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * A tensor of f32 in a {@code float[]}, from an offset on; writes go through to the array. It ends before element
 * {@value #MAX_ELEMENTS} of its array, and has no more rows or columns than that.
 */
public final class HeapTensor implements Tensor {
    /** The most elements, 2¹⁶ short of what an {@code int} counts: loops count in steps, and the last may go beyond. */
    public static final int MAX_ELEMENTS = Integer.MAX_VALUE - 0xffff;

    private final float[] data;
    private final int offset;
    private final Shape shape;

    private HeapTensor(float[] data, int offset, Shape shape) {
        if (offset < 0 || shape.elements() > data.length - (long) offset) {
            throw new IllegalArgumentException("tensor: shape " + shape + " from offset " + offset
                    + " does not fit into an array of " + data.length + " floats");
        }
        requireCountable(offset, shape);
        this.data = data;
        this.offset = offset;
        this.shape = shape;
    }

    private static void requireCountable(int offset, Shape shape) {
        if (Math.max(offset + shape.elements(), Math.max(shape.columns(), shape.rows())) > MAX_ELEMENTS) {
            throw new IllegalArgumentException("tensor: shape " + shape + " from offset " + offset + " goes beyond the "
                    + MAX_ELEMENTS + " elements that a tensor on the heap may have");
        }
    }

    /**
     * A new tensor of zeros.
     *
     * @param dims the extents, outermost first
     * @return the tensor
     * @throws IllegalArgumentException if it has more than {@value #MAX_ELEMENTS} elements
     */
    public static HeapTensor zeros(int... dims) {
        Shape shape = Shape.of(dims);
        requireCountable(0, shape);
        return new HeapTensor(new float[Math.toIntExact(shape.elements())], 0, shape);
    }

    /**
     * A view of a whole array.
     *
     * @param data the numbers, not copied
     * @param dims the extents, whose product is the array's length; none for a vector of the array's length
     * @return the view
     * @throws IllegalArgumentException if the extents do not cover the array, or it has more than
     *     {@value #MAX_ELEMENTS} elements
     */
    public static HeapTensor of(float[] data, int... dims) {
        Shape shape = dims.length == 0 ? Shape.of(data.length) : Shape.of(dims);
        if (shape.elements() != data.length) {
            throw new IllegalArgumentException(
                    "tensor: shape " + shape + " does not cover an array of " + data.length + " floats");
        }
        return new HeapTensor(data, 0, shape);
    }

    /**
     * A view of part of an array.
     *
     * @param data the numbers, not copied
     * @param offset the first element
     * @param dims the extents, outermost first
     * @return the view
     * @throws IllegalArgumentException if the part does not lie inside the array, or ends beyond element
     *     {@value #MAX_ELEMENTS}
     */
    public static HeapTensor view(float[] data, int offset, int... dims) {
        return new HeapTensor(data, offset, Shape.of(dims));
    }

    /**
     * A view of consecutive rows.
     *
     * @param begin the first row
     * @param end the row after the last
     * @return the view [end − begin, columns]
     * @throws IllegalArgumentException if the range does not lie within the rows
     */
    public HeapTensor rowRange(int begin, int end) {
        if (begin < 0 || end < begin || end > rows()) {
            throw new IllegalArgumentException("tensor: rows [" + begin + ", " + end + ") do not lie within the "
                    + rows() + " rows of shape " + shape);
        }
        return view(data, offset + begin * columns(), end - begin, columns());
    }

    /** The array; elements outside the view belong to others. */
    public float[] data() {
        return data;
    }

    /** The index of the first element in {@link #data()}. */
    public int offset() {
        return offset;
    }

    @Override
    public DType dtype() {
        return DType.F32;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    /** Type and shape: {@code F32 [512, 64]}. */
    @Override
    public String toString() {
        return dtype() + " " + shape;
    }
}
