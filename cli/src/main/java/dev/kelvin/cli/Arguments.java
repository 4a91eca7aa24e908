// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.parallel.Workers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How arguments become values: the numbers of the command line, checked while they are read, and texts. */
final class Arguments {
    private Arguments() {}

    /** A text argument; {@code -} stands for all of standard input, read as UTF-8. */
    static String text(String argument) throws IOException {
        if (!argument.equals("-")) {
            return argument;
        }
        if ("closed".equals(System.getProperty("kelvin.stdin"))) { // as the launcher found it
            throw new IOException("standard input is closed");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(System.in.readAllBytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException("standard input is not UTF-8 text", e);
        }
    }

    /** The text of a file, in UTF-8; a file that is none is told by name. */
    static String textOf(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a directory, not a text");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": is not UTF-8 text", e);
        }
    }

    /**
     * A logit: any float, with {@code -inf} for a masked candidate. NaN and +inf are read too; the command names their
     * index.
     */
    static final class Logit implements ITypeConverter<Float> {
        @Override
        public Float convert(String text) {
            return real(text);
        }
    }

    /** A temperature in [0, +inf]; {@code inf}, {@code infinity} and {@code ∞} are the upper limit. */
    static final class Temperature implements ITypeConverter<Float> {
        @Override
        public Float convert(String text) {
            float value = real(text);
            if (!(value >= 0)) {
                throw new TypeConversionException(
                        "'" + text.strip() + "' is no temperature: expected a number >= 0 or inf");
            }
            return value + 0.0f; // -0 becomes 0
        }
    }

    /** A share in [0, 1]. */
    static final class Share implements ITypeConverter<Float> {
        @Override
        public Float convert(String text) {
            float value = real(text);
            if (!(value >= 0 && value <= 1)) {
                throw new TypeConversionException("'" + text.strip() + "' is not in [0, 1]");
            }
            return value;
        }
    }

    /** A whole number that is not negative. */
    static final class Count implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return whole(text, 0);
        }
    }

    /** A size of memory of at least a byte: {@code 1000000}, {@code 800M}, {@code 2G}; units are powers of 1024. */
    static final class Bytes implements ITypeConverter<Long> {
        private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})([KMGT]?)(?:I?B)?");

        @Override
        public Long convert(String text) {
            Matcher size = SIZE.matcher(text.strip().toUpperCase(Locale.ROOT));
            if (!size.matches() || Long.parseLong(size.group(1)) == 0) {
                throw new TypeConversionException("'" + text.strip() + "' is no size of memory such as 800M or 2G");
            }
            long unit = size.group(2).isEmpty() ? 1 : 1L << (10 * (1 + "KMGT".indexOf(size.group(2))));
            long count = Long.parseLong(size.group(1));
            return count > Long.MAX_VALUE / unit ? Long.MAX_VALUE : count * unit;
        }
    }

    /** A whole number of at least 1. */
    static final class PositiveCount implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return whole(text, 1);
        }
    }

    /** A whole number that may be negative, such as a seed. */
    static final class Whole implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            try {
                return Long.parseLong(text.strip());
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + text.strip() + "' is not a whole number from " + Long.MIN_VALUE
                        + " to " + Long.MAX_VALUE);
            }
        }
    }

    /** A finite number in double precision. */
    static final class Real implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            String number = text.strip().toLowerCase(Locale.ROOT);
            if (!number.matches("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)(e[+-]?[0-9]+)?")) {
                throw new TypeConversionException("'" + text.strip() + "' is not a finite number");
            }
            double value = Double.parseDouble(number);
            if (Double.isInfinite(value)) {
                throw new TypeConversionException("'" + text.strip() + "' is beyond double precision");
            }
            return value;
        }
    }

    /**
     * The text of an option, or of the words that stand alone; null if neither is given.
     *
     * @param command whose mistake it is if both are, or several words
     */
    static String promptOf(Subcommand command, String option, List<String> words) throws IOException {
        if (words != null && (option != null || words.size() > 1)) {
            List<String> all = new ArrayList<>(words);
            if (option != null) {
                all.addFirst(option);
            }
            throw command.usage("put the prompt in quotes: \"" + String.join(" ", all) + "\"");
        }
        String text = words == null ? option : words.getFirst();
        return text == null ? null : text(text);
    }

    /** A number of threads that a crew can have. */
    static final class Threads implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            int value = whole(text, 1);
            if (value > Workers.MAX_THREADS) {
                throw new TypeConversionException("'" + text.strip() + "' is more than " + Workers.MAX_THREADS);
            }
            return value;
        }
    }

    private static int whole(String text, int least) {
        int value;
        try {
            value = Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new TypeConversionException(
                    "'" + text.strip() + "' is not a whole number up to " + Integer.MAX_VALUE);
        }
        if (value < least) {
            throw new TypeConversionException("'" + text.strip() + "' is less than " + least);
        }
        return value;
    }

    private static float real(String text) {
        try {
            return SamplerLanguage.number(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
