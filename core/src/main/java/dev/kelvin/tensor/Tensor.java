// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * Numbers of one type in row-major order: activations and trainable parameters in a {@code float[]}
 * ({@link HeapTensor}), frozen weights in a mapped file ({@link MappedTensor}) or repacked ({@link PackedTensor}).
 *
 * <p>A tensor is a view; it says where numbers lie and never copies them. Views may overlap. Reading from several
 * threads is safe while nobody writes.
 */
public sealed interface Tensor permits HeapTensor, MappedTensor, PackedTensor {
    /** The element type. */
    DType dtype();

    /** The extents, outermost first. */
    Shape shape();

    /** The product of all extents but the last. */
    default int rows() {
        return shape().rows();
    }

    /** The last extent. */
    default int columns() {
        return shape().columns();
    }
}
