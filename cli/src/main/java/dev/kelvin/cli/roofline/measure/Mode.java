// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import java.util.Locale;

/** How much is measured. */
public enum Mode {
    /** A kernel or some of each family, in under a minute on two processors. */
    QUICK(Stopwatch.ofMillis(12, 4, 40, 800, 3000), 2, 45),
    /** All of {@code shapes}, in some minutes. */
    FULL(Stopwatch.ofMillis(20, 5, 60, 1500, 6000), 3, 330);

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
