// SPDX-License-Identifier: Apache-2.0
/**
 * The loops over numbers: what they compute ({@link dev.kelvin.kernel.Kernels}), in which order
 * ({@link dev.kelvin.kernel.ScalarKernels}), and which implementation serves
 * ({@link dev.kelvin.kernel.KernelProvider}).
 */
package dev.kelvin.kernel;
