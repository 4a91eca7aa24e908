// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command of {@code kelvin}: the options that each has, and its terminal. */
abstract class Subcommand implements Callable<Integer> {
    /** The terminal that the command writes to. */
    protected final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            order = 1000,
            description = "Print this help and leave.")
    @SuppressWarnings("unused") // for picocli, which acts on it
    private boolean help;

    @Option(names = "--debug", order = 1001, description = "On failure, print the stack trace too.")
    private boolean debug;

    Subcommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /**
     * Does the work. Each exception but the one from {@link #usage} becomes exit code 1 and one line on standard error.
     *
     * @throws Exception whatever went wrong
     */
    abstract void run() throws Exception;

    @Override
    public final Integer call() throws Exception {
        run();
        terminal.out().flush();
        return ExitCode.OK;
    }

    final boolean debug() {
        return debug;
    }

    /** A mistake of the caller that shows only when options are seen together: exit code 2. */
    final ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
