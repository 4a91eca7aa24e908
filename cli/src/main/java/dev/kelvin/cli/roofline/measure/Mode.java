// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** How much is measured. */
public enum Mode {
    /** A kernel or some of each family, in under a minute on two processors. */
    QUICK(Stopwatch.ofMillis(12, 4, 40, 800, 3000), 2, 45),
    /** All of {@code shapes}, in some minutes. */
    FULL(Stopwatch.ofMillis(20, 5, 60, 1500, 6000), 3, 330);

    /** Families whose kernels share much code share a JVM of a quick run, since that code is compiled in each anew. */
    private static final List<List<Family>> TOGETHER = List.of(
            List.of(Family.GEMM, Family.LOSS, Family.TRAINING),
            List.of(Family.SOFTMAX, Family.ROWS, Family.ATTENTION, Family.SAMPLER),
            List.of(Family.GEMV, Family.QUANTIZED, Family.VECTORS));

    @SuppressWarnings("ImmutableEnumChecker") // five numbers
    private final Stopwatch stopwatch;

    private final int forks;
    private final double seconds;

    Mode(Stopwatch stopwatch, int forks, double seconds) {
        this.stopwatch = stopwatch;
        this.forks = forks;
        this.seconds = seconds;
    }

    /** JVMs a family, if nothing else is asked for. */
    int forks() {
        return forks;
    }

    /** JVMs a peer, if nothing else is asked for: in a quick run they are there for orientation. */
    int peerForks() {
        return quick() ? 1 : forks;
    }

    /** What is measured in one JVM each. */
    List<List<Family>> groups(Set<Family> families) {
        return quick()
                ? TOGETHER.stream()
                        .map(group -> group.stream().filter(families::contains).toList())
                        .filter(group -> !group.isEmpty())
                        .toList()
                : families.stream().map(List::of).toList();
    }

    /** After so long no JVM is started but the first of its kind, if no number of JVMs is asked for. */
    double seconds() {
        return seconds;
    }

    /** Its name in a report. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean quick() {
        return this == QUICK;
    }

    /** The times of a case. */
    Stopwatch stopwatch() {
        return stopwatch;
    }
}
