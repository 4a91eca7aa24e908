// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import picocli.CommandLine.Option;

/** How many threads a command computes on. */
final class ThreadsOption {
    @Option(
            names = "--threads",
            paramLabel = "N",
            converter = Arguments.Threads.class,
            description = "Threads to compute on. Default: all processors.")
    private Integer threads;

    /** That many, or one a processor. */
    int count() {
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }
}
