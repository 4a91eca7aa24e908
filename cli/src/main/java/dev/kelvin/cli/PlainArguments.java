// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Arguments of {@code generate} that need no parser: a prompt, and at most {@code --echo}, {@code --max-tokens} and
 * {@code --seed}, each once, numbers in digits. The parser would take a quarter of such a command's time
 * (docs/decisions/0222); it has the word wherever these are not all.
 */
final class PlainArguments {
    private PlainArguments() {}

    /**
     * The options with their values, the prompt as that of {@code --prompt}.
     *
     * @return empty where the parser has to look
     */
    static Optional<Map<String, String>> of(String... args) {
        if (args.length == 0 || !args[0].equals("generate")) {
            return Optional.empty();
        }
        Map<String, String> values = new HashMap<>();
        for (int i = 1; i < args.length; i++) {
            String name = args[i].startsWith("-") ? args[i] : "--prompt";
            String value = args[i];
            if (name.equals(value) && !name.equals("--echo")) {
                i++;
                value = i < args.length ? args[i] : "";
            }
            if (!isPlain(name, value) || values.put(name, value) != null) {
                return Optional.empty();
            }
        }
        return Optional.of(values);
    }

    private static boolean isPlain(String name, String value) {
        return switch (name) {
            case "--echo" -> true;
            case "--prompt" -> !value.isEmpty() && !value.startsWith("-");
            case "--max-tokens", "--seed" ->
                !value.isEmpty() && value.length() < 10 && value.chars().allMatch(c -> c >= '0' && c <= '9');
            default -> false;
        };
    }
}
