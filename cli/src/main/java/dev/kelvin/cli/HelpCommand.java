// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kelvin help}: the help of a command, or of the program. */
@Command(name = "help", header = "Explain a command, or the program.", synopsisHeading = "%nUsage: ")
final class HelpCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "COMMAND", description = "The command to explain.")
    private String command;

    @Override
    public void run() {
        CommandLine program = spec.commandLine().getParent();
        CommandLine asked = command == null ? program : program.getSubcommands().get(command);
        if (asked == null) {
            throw new ParameterException(program, "there is no command '" + command + "'");
        }
        asked.usage(program.getOut());
    }
}
