// SPDX-License-Identifier: Apache-2.0
/**
 * What the loops over numbers compute: one contract a family, got from {@link dev.kelvin.kernel.Kernels}, and the
 * operands that only kernels see. The plain loops in {@code scalar} fix the order of each, {@code simd} computes the
 * same bits on lanes, {@code composed} is written in terms of other kernels, {@code provider} chooses.
 */
package dev.kelvin.kernel;
