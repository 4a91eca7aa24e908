// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

/**
 * What one JVM took for a call.
 *
 * @param nanos the median of its samples
 * @param low their fastest
 * @param high their slowest
 * @param allocated bytes on the heap a call; NaN if unknown
 * @param compiling time of compilers in parts of the time that was measured
 */
public record ForkTime(double nanos, double low, double high, double allocated, double compiling) {
    /** Bytes a nanosecond on the heap: a harness allocates a hundredth of it, boxed vectors a hundred times as much. */
    private static final double BOXED = 0.005;

    /** Bytes a call that are more than the objects of a short one. */
    private static final int OBJECTS = 4096;

    private static final double COMPILING = 0.25;

    /** Whether vectors were put on the heap: C2 did not keep them in registers, and the time says little. */
    public boolean boxed() {
        return allocated > OBJECTS && allocated / nanos > BOXED;
    }

    /** Whether compilers were still at work: the time is not that of the code in its last form. */
    public boolean uncompiled() {
        return compiling > COMPILING;
    }
}
