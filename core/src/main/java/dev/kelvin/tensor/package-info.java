// SPDX-License-Identifier: Apache-2.0
/**
 * What numbers are and where they lie: element types, shapes, tensors on the heap and in mapped files.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.tensor.HeapTensor} is a float array with a
 * {@link dev.kelvin.tensor.Shape}: {@code HeapTensor.zeros(rows, columns)}, or {@code HeapTensor.of(data, rows,
 * columns)} around an array of yours. Weights of a file are a {@link dev.kelvin.tensor.MappedTensor} of one of the
 * types of {@link dev.kelvin.tensor.DType}, and a {@link dev.kelvin.tensor.PackedTensor} once they are laid out for
 * products.
 */
package dev.kelvin.tensor;
