// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.peer;

/** A problem that is ready to be computed again and again. */
public interface Computation extends AutoCloseable {
    /** Computes it once. */
    void run();

    /** Puts what was computed last where the problem says, unless {@link #run} has; no time is taken. */
    default void deliver() {}

    /** Frees what was prepared. */
    @Override
    default void close() {}
}
