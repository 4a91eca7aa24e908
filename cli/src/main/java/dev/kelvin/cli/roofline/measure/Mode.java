// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import java.util.Locale;

/** How much is measured. */
public enum Mode {
    /** A kernel of each family, in under a minute on two processors. */
    QUICK(100, 4000, 30, 3, 2),
    /** All of {@code shapes}, in some minutes. */
    FULL(300, 8000, 80, 5, 3);

    private final long leastWarmMillis;
    private final long mostWarmMillis;
    private final long sampleMillis;
    private final int samples;
    private final int forks;

    Mode(long leastWarmMillis, long mostWarmMillis, long sampleMillis, int samples, int forks) {
        this.leastWarmMillis = leastWarmMillis;
        this.mostWarmMillis = mostWarmMillis;
        this.sampleMillis = sampleMillis;
        this.samples = samples;
        this.forks = forks;
    }

    /** JVMs a family, if nothing else is asked for. */
    public int forks() {
        return forks;
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
        return new Stopwatch(
                leastWarmMillis * 1_000_000, mostWarmMillis * 1_000_000, sampleMillis * 1_000_000, samples);
    }
}
