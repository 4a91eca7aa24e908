// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a mistake on the command line says to the user, in place of the parser's own words. */
final class UsageMessage {
    private UsageMessage() {}

    /** A sentence. */
    static String of(ParameterException mistake, String[] arguments) {
        return switch (mistake) {
            case UnmatchedArgumentException e ->
                tooMany(e.getCommandLine(), e.getUnmatched().getFirst());
            case MissingParameterException e -> missing(e, List.of(arguments));
            case OverwrittenOptionException e -> name(e.getOverwritten()) + " is given twice";
            default -> refused(mistake);
        };
    }

    private static String tooMany(CommandLine command, String argument) {
        Set<String> commands = command.getSubcommands().keySet();
        if (commands.contains(argument.replaceFirst("^-+", ""))) {
            return "a command has no dashes: " + argument.replaceFirst("^-+", "");
        }
        Optional<String> meant = PromptWords.misspelt(argument, commands);
        if (meant.isPresent()) {
            return "there is no command '" + argument + "'; did you mean '" + meant.get()
                    + "'? (A prompt of this word: " + "kelvin generate " + argument + ")";
        }
        if (!argument.startsWith("-") || argument.equals("-")) {
            return "'" + argument + "' is one argument too many; a text of several words is put in quotes";
        }
        String option = argument.replaceFirst("=.*", "");
        String wanted = option.replaceFirst("^-+", "--");
        List<String> options = command.getCommandSpec().options().stream()
                .map(OptionSpec::longestName)
                .toList();
        Optional<String> similar = options.contains(wanted) ? Optional.of(wanted) : Similar.to(wanted, options);
        String message = "there is no option " + option + (commands.isEmpty() ? "" : " before a command");
        if (similar.isPresent()) {
            return message + "; did you mean " + similar.get() + "?";
        }
        return argument.indexOf(' ') > 0 ? message + "; a text that begins so comes last, after --" : message;
    }

    private static String missing(MissingParameterException mistake, List<String> arguments) {
        for (ArgSpec missing : mistake.getMissing()) {
            if (missing instanceof OptionSpec option) {
                for (String name : option.names()) {
                    if (arguments.contains(name) || arguments.contains(name + "=")) {
                        return name + " needs a value: " + name + " " + label(option);
                    }
                }
            }
        }
        return mistake.getMissing().isEmpty()
                ? mistake.getMessage()
                : mistake.getMissing().stream()
                        .map(arg -> arg instanceof OptionSpec ? name(arg) + " " + label(arg) : label(arg))
                        .collect(Collectors.joining(" and ", "give ", ""));
    }

    private static String refused(ParameterException mistake) {
        ArgSpec arg = mistake.getArgSpec();
        if (arg == null) {
            return mistake.getMessage();
        }
        if (arg instanceof OptionSpec option && option.arity().max() == 0) {
            return name(arg) + " takes no value";
        }
        // The parser quotes what the converter says, after words of its own.
        return mistake.getCause() instanceof TypeConversionException said
                ? name(arg) + ": " + said.getMessage()
                : name(arg) + ": " + mistake.getMessage();
    }

    private static String name(ArgSpec arg) {
        return arg instanceof OptionSpec option ? option.longestName() : label(arg);
    }

    private static String label(ArgSpec arg) {
        return arg.paramLabel();
    }
}
