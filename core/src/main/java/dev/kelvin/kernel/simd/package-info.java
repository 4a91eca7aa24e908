// SPDX-License-Identifier: Apache-2.0
/**
 * The kernels on lanes, bit for bit those of {@link dev.kelvin.kernel.scalar.ScalarKernels}.
 *
 * <p>One class a family of loops. The width is a constant of the class ({@link dev.kelvin.kernel.simd.Lanes}); where it
 * is below 512 bits the 16 lanes of a canonical order are several vectors. Vectors never cross a call that the compiler
 * might not inline: they meet in scratch arrays.
 */
package dev.kelvin.kernel.simd;
