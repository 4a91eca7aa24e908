// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.EngineLimits;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --draft}: how many tokens are guessed. */
final class DraftOption {
    @Option(
            names = "--draft",
            paramLabel = "N",
            defaultValue = "0",
            converter = Tokens.class,
            description = "Guess up to N tokens from what was said before and check them in one pass: the same text, "
                    + "sooner where it repeats itself. Default: ${DEFAULT-VALUE}.")
    private int tokens;

    /** The most tokens of a guess. */
    int tokens() {
        return tokens;
    }

    /** A number of tokens that the engine may guess. */
    static final class Tokens implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            int tokens = new Arguments.Count().convert(text);
            if (tokens > EngineLimits.MOST_DRAFT) {
                throw new TypeConversionException("'" + text.strip() + "' is more than " + EngineLimits.MOST_DRAFT);
            }
            return tokens;
        }
    }
}
