// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import java.util.Locale;
import java.util.Set;

/**
 * What a JVM is to measure.
 *
 * @param mode how much
 * @param threads the most that are used: kernels run on one and on so many
 * @param families words of those that are asked for; peers are given no problem of others
 */
record Plan(Mode mode, int threads, Set<String> families) {
    /** The plan of words on a command line. */
    static Plan of(String mode, String threads, String families) {
        return new Plan(
                Mode.valueOf(mode.toUpperCase(Locale.ROOT)),
                Integer.parseInt(threads),
                Set.of(families.split(",", -1)));
    }

    boolean quick() {
        return mode.quick();
    }

    /** One thread, and as many as are to be used. */
    int[] counts() {
        return threads == 1 ? new int[] {1} : new int[] {1, threads};
    }

    /** Whether {@code count} is the largest number of threads. */
    boolean all(int count) {
        return count == threads;
    }
}
