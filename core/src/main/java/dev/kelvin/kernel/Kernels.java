// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/**
 * The loops over numbers, one contract a family. Each method has one canonical order of floating-point operations,
 * stated and written as plain loops in {@code dev.kelvin.kernel.scalar}; every implementation gives the same bits.
 *
 * <p>A kernel works serially on the range it is given, allocates nothing once its scratch has grown, and checks
 * nothing: its caller has proved shapes and ranges. Outputs may be an input at the same offset where it says so, and
 * overlap nothing else. An instance owns scratch and so belongs to one thread at a time. Null is never allowed.
 *
 * <p>Ask for a family anew at each use: which one is answered may change from call to call, its results never do.
 */
public interface Kernels {
    /** The property that forces a width of vectors, in bits: 128, 256 or 512, or 0 for plain loops. */
    String VECTOR_BITS = "kelvin.vectorBits";

    /** The width of a vector in bits: 128, 256 or 512; 0 for plain loops. */
    int vectorBits();

    /** Products with weights. */
    ProductKernels products();

    /** Products whose sums are one chain each. */
    ChainKernels chains();

    /** Products of matrices in any form. */
    MatrixKernels matrices();

    /** Sums over one or two vectors. */
    VectorKernels vectors();

    /** Sums, searches and norms of rows. */
    RowKernels rows();

    /** Arithmetic and functions of elements. */
    ElementKernels elements();

    /** Softmax and its gradient. */
    SoftmaxKernels softmax();

    /** Attention. */
    AttentionKernels attention();

    /** What only training needs. */
    TrainingKernels training();
}
