// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.lang.foreign.MemorySegment;

/**
 * A matrix of weights of 2 to 6 bits, turned for the kernels as {@link PackedLayout} says; read only. It is multiplied
 * with activations in codes of 8 bits; its elements cannot be read one by one.
 */
public final class PackedTensor implements Tensor {
    private final DType dtype;
    private final PackedLayout layout;
    private final Shape shape;
    private final MemorySegment segment;

    /**
     * A view of packed weights.
     *
     * @param dtype a type that has a {@link PackedLayout}
     * @param shape [N, K], whole blocks a row
     * @param segment off the heap, exactly the bytes of ⌈N/128⌉ strips
     * @throws IllegalArgumentException if the type has no layout or the segment another size
     */
    public PackedTensor(DType dtype, Shape shape, MemorySegment segment) {
        this.layout = PackedLayout.of(dtype)
                .orElseThrow(() -> new IllegalArgumentException("tensor: " + dtype + " has no packed layout"));
        if (shape.columns() % dtype.blockSize() != 0 || bytes(dtype, shape) != segment.byteSize()) {
            throw new IllegalArgumentException("tensor: packed " + dtype + " " + shape + " does not fit a segment of "
                    + segment.byteSize() + " bytes");
        }
        this.dtype = dtype;
        this.shape = shape;
        this.segment = segment;
    }

    /**
     * The bytes that a matrix takes when it is packed.
     *
     * @throws IllegalArgumentException if the type has no layout
     */
    public static long bytes(DType dtype, Shape shape) {
        PackedLayout layout = PackedLayout.of(dtype)
                .orElseThrow(() -> new IllegalArgumentException("tensor: " + dtype + " has no packed layout"));
        return Math.multiplyExact(
                (long) Math.ceilDiv(shape.rows(), PackedLayout.STRIP), layout.stripBytes(shape.columns()));
    }

    /** How the bytes are laid out. */
    public PackedLayout layout() {
        return layout;
    }

    /** The bytes. */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * A view of consecutive rows.
     *
     * @param begin the first row, a multiple of {@value PackedLayout#STRIP}
     * @param end the row after the last; such a multiple too, or the number of rows
     * @throws IllegalArgumentException if the range does not lie within the rows or cuts a strip
     */
    public PackedTensor rowRange(int begin, int end) {
        if (begin < 0 || end < begin || end > rows()) {
            throw new IllegalArgumentException("tensor: rows [" + begin + ", " + end + ") do not lie within the "
                    + rows() + " rows of shape " + shape);
        }
        if (begin % PackedLayout.STRIP != 0 || (end % PackedLayout.STRIP != 0 && end != rows())) {
            throw new IllegalArgumentException("tensor: rows [" + begin + ", " + end + ") of packed " + shape
                    + " cut a strip of " + PackedLayout.STRIP);
        }
        Shape part = Shape.of(end - begin, columns());
        long byteOffset = begin / PackedLayout.STRIP * layout.stripBytes(columns());
        return new PackedTensor(dtype, part, segment.asSlice(byteOffset, bytes(dtype, part)));
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    /** Type and shape: {@code packed Q4_K [2048, 2048]}. */
    @Override
    public String toString() {
        return "packed " + dtype + " " + shape;
    }
}
