// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.lang.foreign.MemorySegment;

/** A tensor of any type in a memory segment, little-endian, as a file maps it; read only. */
public final class MappedTensor implements Tensor {
    private final DType dtype;
    private final Shape shape;
    private final MemorySegment segment;

    /**
     * A view of a segment.
     *
     * @param dtype the element type
     * @param shape the extents, whole blocks a row
     * @param segment exactly the bytes of the elements, outside the heap: one over an array is read as well, but slows
     *     down every product with mapped weights from then on
     * @throws IllegalArgumentException if the segment has another size
     */
    public MappedTensor(DType dtype, Shape shape, MemorySegment segment) {
        if (shape.columns() % dtype.blockSize() != 0 || dtype.byteSize(shape.elements()) != segment.byteSize()) {
            throw new IllegalArgumentException(
                    "tensor: " + dtype + " " + shape + " does not fit a segment of " + segment.byteSize() + " bytes");
        }
        this.dtype = dtype;
        this.shape = shape;
        this.segment = segment;
    }

    /** The bytes. */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * A copy on the heap, decoded to f32.
     *
     * @return a new tensor of the same shape
     * @throws IllegalArgumentException if the type is not {@linkplain DType#isDecodable() decodable}
     * @throws ArithmeticException if an array cannot hold it
     */
    public HeapTensor toHeap() {
        if (!dtype.isDecodable()) {
            throw new IllegalArgumentException(
                    "tensor: cannot copy " + this + " to the heap: only " + DType.decodable() + " can be decoded");
        }
        float[] data = new float[Math.toIntExact(shape.elements())];
        RowDecoder decoder = new RowDecoder();
        int columns = shape.columns();
        for (int row = 0; row < shape.rows(); row++) {
            decoder.decode(this, row, data, row * columns);
        }
        return HeapTensor.of(data, shape.dims());
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    /** Type and shape: {@code Q4_K [2048, 2048]}. */
    @Override
    public String toString() {
        return dtype + " " + shape;
    }
}
