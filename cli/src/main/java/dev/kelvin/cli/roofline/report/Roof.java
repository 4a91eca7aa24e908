// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The ceilings above a kernel (Williams, Waterman, Patterson: Roofline, CACM 52(4), 2009). A call cannot be faster than
 * its operations at the peak of arithmetic, nor than its bytes at the rate of the level that holds its working set; the
 * slower of the two binds.
 */
public final class Roof {
    private final List<Ceiling> ceilings;
    private final List<Cache> caches;

    /** The ceilings of a report. */
    public Roof(Report report) {
        ceilings = report.ceilings();
        caches = report.environment().caches();
    }

    /**
     * What binds a kernel.
     *
     * @param ceiling the one that it meets
     * @param nanos that a call takes at it
     */
    public record Limit(Ceiling ceiling, double nanos) {
        /** Which part of the ceiling a result reached; above 1 where the ceiling's own loop was not the best. */
        public double reached(Result result) {
            return nanos / result.nanos();
        }
    }

    /** The ceiling that binds a result, if those of as many threads were measured. */
    public Optional<Limit> limit(Result result) {
        Cost cost = result.cost();
        int threads = result.subject().threads();
        Optional<Limit> arithmetic = arithmetic(cost.arithmetic(), threads)
                .map(ceiling -> new Limit(ceiling, cost.operations() / ceiling.rate()));
        Optional<Limit> traffic = traffic(cost.traffic(), level(cost.workingSet(), threads), threads)
                .map(ceiling -> new Limit(ceiling, cost.bytes() / ceiling.rate()));
        if (arithmetic.isEmpty() || traffic.isEmpty()) {
            return Optional.empty();
        }
        return arithmetic.get().nanos() >= traffic.get().nanos() ? arithmetic : traffic;
    }

    /** The smallest level that holds so many bytes of so many threads. */
    public String level(long workingSet, int threads) {
        return caches.stream()
                .filter(cache -> workingSet <= cache.capacity(threads))
                .findFirst()
                .map(Cache::name)
                .orElse(Ceiling.MEMORY);
    }

    /** The peak of arithmetic at the width that is fastest. */
    public Optional<Ceiling> arithmetic(Resource resource, int threads) {
        return ceilings.stream()
                .filter(ceiling -> ceiling.resource() == resource && ceiling.threads() == threads)
                .max(Comparator.comparingDouble(Ceiling::rate));
    }

    /** The rate of a level. */
    public Optional<Ceiling> traffic(Resource resource, String level, int threads) {
        return ceilings.stream()
                .filter(ceiling ->
                        ceiling.resource() == resource && ceiling.level().equals(level) && ceiling.threads() == threads)
                .max(Comparator.comparingDouble(Ceiling::rate));
    }

    /** All ceilings of a resource on so many threads, the highest first. */
    public List<Ceiling> all(Resource resource, int threads) {
        return ceilings.stream()
                .filter(ceiling -> ceiling.resource() == resource && ceiling.threads() == threads)
                .sorted(Comparator.comparingDouble(Ceiling::rate).reversed())
                .toList();
    }
}
