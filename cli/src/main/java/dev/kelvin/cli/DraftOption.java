// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.EngineMetrics;
import dev.kelvin.generate.OpenModel;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --draft}: how many tokens are guessed, and by what. */
final class DraftOption {
    /** Tokens of a guess where a model guesses and nobody says how many. */
    private static final int OF_A_MODEL = 8;

    /** How many, or by which model; the other is null. */
    record Asked(Integer tokens, Path model) {}

    @Option(
            names = "--draft",
            paramLabel = "N|FILE",
            hideParamSyntax = true,
            converter = Guesses.class,
            description = "Guess up to N tokens and check them in one pass: the same text, sooner. They are guessed "
                    + "from what was said before, or by FILE, a smaller model of the same vocabulary; given twice, up "
                    + "to N by FILE. Default: 0, or 8 by FILE.")
    private List<Asked> asked = List.of();

    /** What may be guessed at once, of all answers together, where nobody stands against it. */
    int tokens() {
        Optional<Integer> number =
                asked.stream().map(Asked::tokens).filter(Objects::nonNull).reduce((_, last) -> last);
        return number.orElse(model().isPresent() ? OF_A_MODEL : 0);
    }

    private Optional<Path> model() {
        return asked.stream().map(Asked::model).filter(Objects::nonNull).reduce((_, last) -> last);
    }

    /**
     * Gives a model what guesses for it.
     *
     * @return how many tokens may be guessed
     * @throws IOException if the file is no model that can guess for this one
     */
    int prepare(OpenModel open) throws IOException {
        if (tokens() > 0 && model().isPresent()) {
            open.guessWith(Models.file(model().get()));
        }
        return tokens();
    }

    /** How often guesses were right, as one tells it. */
    static String told(EngineMetrics metrics) {
        long guessed = metrics.draftedTokens();
        double share = guessed == 0 ? 0 : 100.0 * metrics.acceptedTokens() / guessed;
        return guessed + " tokens, " + metrics.acceptedTokens() + " right (" + Numbers.fixed(share, 0) + "%)";
    }

    /** A number of tokens that the engine may guess, or a file. */
    static final class Guesses implements ITypeConverter<Asked> {
        private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+");

        @Override
        public Asked convert(String text) {
            if (!NUMBER.matcher(text.strip()).matches()) {
                return new Asked(null, file(text));
            }
            int tokens = new Arguments.Count().convert(text);
            if (tokens > EngineLimits.MOST_DRAFT) {
                throw new TypeConversionException("'" + text.strip() + "' is more than " + EngineLimits.MOST_DRAFT);
            }
            return new Asked(tokens, null);
        }

        private static Path file(String text) {
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw new TypeConversionException("'" + text + "' is neither a number nor a file");
            }
        }
    }
}
