// SPDX-License-Identifier: Apache-2.0
/**
 * The public operations: {@link dev.kelvin.ops.Compute} checks shapes, splits work over the workers and calls the
 * kernels.
 *
 * <p>Splitting follows one rule: outputs are partitioned, sums are not. Where a sum is too long for one thread (softmax
 * over a large vocabulary), its canonical order is itself made of independent chunks, and the split is along those.
 * Every result therefore has the same bits for any number of threads.
 *
 * <p>Each operation is a package-private class whose one instance a {@code Compute} keeps, as its own task object: a
 * call sets its fields, runs a region or two and clears them again, and allocates nothing.
 */
package dev.kelvin.ops;
