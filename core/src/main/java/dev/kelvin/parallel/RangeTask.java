// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.parallel;

/** The work of one parallel region: called with disjoint ranges that together cover the region. */
@FunctionalInterface
public interface RangeTask {
    /**
     * Does the work of the items {@code [begin, end)}.
     *
     * <p>Called from several threads at once, each with its own {@code worker}; calls with the same {@code worker}
     * follow one another on one thread within a region, so state indexed by {@code worker} needs no lock. What a call
     * writes is visible to the caller of {@link Workers#run} when that returns.
     *
     * @param worker the thread's number in {@code [0, Workers.threads())}; 0 is the caller of {@link Workers#run}
     * @param begin first item, a multiple of the region's grain
     * @param end one past the last item
     */
    void run(int worker, int begin, int end);
}
