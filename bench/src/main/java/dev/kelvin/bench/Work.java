// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What a benchmark's calls have done, so that JMH itself reports rates: with nanoseconds as the unit of time,
 * {@code flops} comes out in GFLOP/s and {@code bytes} in GB/s.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Work {
    /** Floating-point operations; a fused multiply-add counts as two. */
    public long flops;

    /** Bytes read and written, each once. */
    public long bytes;

    /** Begins an iteration. */
    @Setup(Level.Iteration)
    public void reset() {
        flops = 0;
        bytes = 0;
    }
}
