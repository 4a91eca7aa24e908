// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code kelvin "Once upon a time"} means: a first argument that is neither a command nor an option of the program
 * begins the work of {@code generate}, by the model that comes with the program.
 */
final class PromptWords {
    /** Options that stand before a command, or without one. */
    private static final Set<String> OF_THE_PROGRAM = Set.of("-h", "--help", "-V", "--version");

    private PromptWords() {}

    /** The arguments with a command in front. */
    static String[] withCommand(String[] args, Set<String> commands) {
        if (args.length == 0 || commands.contains(args[0]) || OF_THE_PROGRAM.contains(args[0])) {
            return args;
        }
        if (isPrompt(args[0])) {
            return misspelt(args[0], commands).isPresent() ? args : behind(args, "generate", "--echo", "--prompt");
        }
        // Options first. Where a command follows, the parser says what is wrong.
        return Arrays.stream(args).anyMatch(commands::contains) ? args : behind(args, "generate", "--echo");
    }

    /** The command that a single word in small letters was probably meant to be. */
    static Optional<String> misspelt(String word, Set<String> commands) {
        return word.chars().allMatch(c -> (c >= 'a' && c <= 'z') || c == '-')
                ? Similar.to(word, List.copyOf(commands))
                : Optional.empty();
    }

    /** Not an option: {@code -} is standard input, and an option has no blank before its value. */
    private static boolean isPrompt(String argument) {
        String name = argument.replaceFirst("(?s)=.*", "");
        return !argument.startsWith("-") || argument.equals("-") || name.chars().anyMatch(Character::isWhitespace);
    }

    private static String[] behind(String[] args, String... first) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(Arrays.asList(args));
        return all.toArray(String[]::new);
    }
}
