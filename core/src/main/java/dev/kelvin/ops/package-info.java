// SPDX-License-Identifier: Apache-2.0
/**
 * The public operations: {@link dev.kelvin.ops.Compute} checks shapes, splits work over the workers and calls the
 * kernels.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.ops.Compute#start Compute.start(threads)}, and the groups that it names.
 * Sums over single vectors need none of that: {@link dev.kelvin.ops.Vectors}.
 *
 * <pre>{@code
 * try (Compute compute = Compute.start(2)) {
 *     compute.matmul(x, w, y); // y [M, N] = x [M, K] · wᵀ, w [N, K]
 *     compute.softmax(y, 0.7f, probs);
 * }
 * }</pre>
 *
 * <p>Splitting follows one rule: outputs are partitioned, sums are not. Where a sum is too long for one thread (softmax
 * over a large vocabulary), its canonical order is itself made of independent chunks, and the split is along those.
 * Every result therefore has the same bits for any number of threads.
 *
 * <table><caption>What becomes of NaN, infinities, subnormal numbers and −0</caption>
 * <tr><td>products</td><td>those of a row or column that has one, as IEEE 754 has it: no term is left out because it is
 * 0, no subnormal number is flushed, and a sum begins at +0</td></tr>
 * <tr><td>{@link dev.kelvin.ops.Elements}</td><td>that element alone; NaN gives NaN, and
 * {@link dev.kelvin.operand.Activation} has the rest. The smaller and the larger are NaN if either is, and −0 is below
 * +0</td></tr>
 * <tr><td>{@link dev.kelvin.ops.Rows}, {@link dev.kelvin.ops.Recurrences}</td><td>that row, and later ones of its
 * sequence where there is a state. The index of the largest and that of the smallest is that of a NaN, among the k
 * largest NaN is above +∞, and −0 equals +0</td></tr>
 * <tr><td>softmax, {@link dev.kelvin.ops.Logits}, {@link dev.kelvin.ops.Experts#route}</td><td>a row with NaN or +∞, or
 * nothing but −∞, is refused by its number; −∞ is a mask, and its probability 0</td></tr>
 * <tr><td>{@link dev.kelvin.ops.Losses}</td><td>such a row's loss is NaN</td></tr>
 * <tr><td>{@link dev.kelvin.ops.Attention}</td><td>a key that is masked has no influence, even if it is NaN; any other
 * has its own on the queries that see it</td></tr>
 * <tr><td>{@link dev.kelvin.ops.Search}</td><td>a row whose score is NaN is no neighbour</td></tr>
 * <tr><td>{@link dev.kelvin.ops.Weights}</td><td>what cannot be coded is told by its index; weights whose scales are not
 * finite are not packed</td></tr>
 * </table>
 *
 * <p>Which bits a NaN has is left open; all others are the same at every width of vectors and number of threads.
 *
 * <p>Each operation is a package-private class whose one instance a {@code Compute} keeps, as its own task object: a
 * call sets its fields, runs a region or two and clears them again, and allocates nothing.
 */
package dev.kelvin.ops;
