// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.ops.Compute;
import java.lang.foreign.Arena;

/**
 * Calls of Kelvin's operations, with the threads and the memory that they need.
 *
 * @param compute ended with the computation
 * @param arena freed with it
 * @param call what is timed
 */
record Calls(Compute compute, Arena arena, Runnable call) implements Computation {
    /** What is timed, made of operations and memory; whatever fails leaves neither behind. */
    @FunctionalInterface
    interface Setup {
        Runnable call(Compute compute, Arena arena);
    }

    static Calls of(int threads, Setup setup) {
        Compute compute = Compute.start(threads);
        Arena arena = Arena.ofShared();
        try {
            return new Calls(compute, arena, setup.call(compute, arena));
        } catch (RuntimeException | Error e) {
            compute.close();
            arena.close();
            throw e;
        }
    }

    @Override
    public void run() {
        call.run();
    }

    @Override
    public void close() {
        compute.close();
        arena.close();
    }
}
