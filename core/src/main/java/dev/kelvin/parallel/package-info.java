// SPDX-License-Identifier: Apache-2.0
/**
 * The only owner of threads: {@link dev.kelvin.parallel.Workers} starts them once and hands index ranges over to them.
 *
 * <p><b>Where to begin.</b> Most programs need nothing of this: {@link dev.kelvin.ops.Compute#start} has workers of its
 * own. For loops of yours, {@link dev.kelvin.parallel.Workers#start} and a {@link dev.kelvin.parallel.RangeTask}.
 *
 * <p>Depends on nothing else in Kelvin. Everything above partitions its <em>outputs</em> over the workers and never its
 * sums, so the number of threads cannot change a bit of a result.
 */
package dev.kelvin.parallel;
