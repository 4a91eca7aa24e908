// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.ProcessEnd;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Work that is asked to stop rather than cut off: when the process is told to end (Ctrl-C, SIGTERM), or the thread that
 * runs the command is interrupted. The process waits until the work is done with its files and has said so.
 */
final class Stoppable {
    private final ProcessEnd.Delay delay;
    private boolean interrupted;

    private Stoppable(ProcessEnd.Delay delay) {
        this.delay = delay;
    }

    /** What is to be done. */
    @FunctionalInterface
    interface Work {
        /**
         * Does it.
         *
         * @param stop whether to stop at the next opportunity, by an {@link java.io.InterruptedIOException} that says
         *     what was reached
         */
        void run(BooleanSupplier stop) throws Exception;
    }

    /** Does the work. If the process ends meanwhile, this says what the work failed with, and does not return. */
    static void run(Terminal terminal, Work work) throws Exception {
        ProcessEnd.Delay delay = ProcessEnd.delay();
        try {
            work.run(new Stoppable(delay)::stop);
        } catch (Exception e) {
            if (delay.processEnds()) {
                FailureMessage.print(terminal, e);
                delay.close();
                awaitEnd();
            }
            throw e;
        } finally {
            terminal.out().flush();
            delay.close();
        }
    }

    private boolean stop() {
        interrupted |= Thread.interrupted(); // which would also close the files that the work writes
        return interrupted || delay.processEnds();
    }

    private static void awaitEnd() {
        while (true) {
            LockSupport.park();
        }
    }
}
