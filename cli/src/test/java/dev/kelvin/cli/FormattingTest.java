// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.generate.SamplerLanguage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

/**
 * {@link Numbers}, {@link Glyphs}, {@link TextTable}, {@link Arguments}, {@link FailureMessage},
 * {@link StandardOutput}.
 */
class FormattingTest {
    private static final Glyphs UNICODE = new Glyphs(true);
    private static final Glyphs ASCII = new Glyphs(false);

    @Test
    void fixedDecimals() {
        for (double value : new double[] {0, 0.0004, 0.0006, 0.25, -1.2345, 12345.678, 999.9996, 1e9}) {
            assertEquals(String.format(Locale.ROOT, "%.3f", value), Numbers.fixed(value, 3));
        }
        assertEquals("12", Numbers.fixed(12.4, 0));
        assertEquals("0.000", Numbers.fixed(-0.0001, 3));
        assertEquals("inf", Numbers.fixed(Double.POSITIVE_INFINITY, 3));
        assertEquals("NaN", Numbers.fixed(Double.NaN, 3));
        assertEquals("1.0E300", Numbers.fixed(1e300, 3));
    }

    @Test
    void probabilities() {
        assertEquals("0", Numbers.probability(0));
        assertEquals("1", Numbers.probability(1));
        assertEquals("1.000", Numbers.probability(Math.nextDown(1f)));
        assertEquals("0.001", Numbers.probability(0.0005));
        assertEquals("4.9e-4", Numbers.probability(0.00049));
        assertEquals("1.0e-4", Numbers.probability(0.0000999));
        assertEquals("1.4e-45", Numbers.probability(Float.MIN_VALUE));
    }

    @Test
    void sizes() {
        assertEquals("0 B", Numbers.bytes(0));
        assertEquals("1023 B", Numbers.bytes(1023));
        assertEquals("1.0 KiB", Numbers.bytes(1024));
        assertEquals("1.0 MiB", Numbers.bytes((1 << 20) - 1));
        assertEquals("8.0 EiB", Numbers.bytes(Long.MAX_VALUE));
        assertEquals("1,185,440", Numbers.grouped(1185440));
        assertEquals("185", Numbers.grouped(185));
        assertEquals("-185,000", Numbers.grouped(-185000));
        assertEquals("10", SamplerLanguage.shortest(10));
        assertEquals("0.2", SamplerLanguage.shortest(0.2f));
    }

    @Test
    void bars() {
        assertEquals("", UNICODE.bar(0, 40));
        assertEquals("█".repeat(40), UNICODE.bar(1, 40));
        assertEquals("█▌", UNICODE.bar(1.5 / 40, 40));
        String eighths = "▏▎▍▌▋▊▉█";
        for (int i = 1; i <= 8; i++) {
            assertEquals(eighths.substring(i - 1, i), UNICODE.bar(i / 8.0 / 40, 40));
        }
        assertEquals("#".repeat(20), ASCII.bar(0.5, 40));
    }

    @Test
    void labels() {
        assertEquals("abc", UNICODE.fit("abc", 3));
        assertEquals("ab…", UNICODE.fit("abcd", 3));
        assertEquals("...", ASCII.fit("abcd", 3));
        assertEquals("日…", UNICODE.fit("日本語", 4));
        assertEquals("🙂…", UNICODE.fit("🙂🙂🙂", 3));
        assertEquals(6, Glyphs.columns("日本語"));
        assertEquals(1, Glyphs.columns("e\u0301"));
        assertEquals("\\n\\t\\r\\\\\\u{7f}\\u{0}", UNICODE.escape("\n\t\r\\\u007f\0"));
        assertEquals("\" a\\\"b \"", UNICODE.quote(" a\"b "));
        assertEquals("\\u{d800}", UNICODE.escape("\ud800"));
        assertEquals("a\n\tb\\u{9b}\\u{7}", Glyphs.withoutControls("a\n\tb\u009b\u0007"));
    }

    @Test
    void tables() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(new PrintStream(out, true, StandardCharsets.UTF_8), System.err, true, false);
        new TextTable("lr").row("a", "1").row("bcd", "200").print(terminal);
        assertEquals("  a      1\n  bcd  200\n", out.toString(StandardCharsets.UTF_8));
        assertThrows(IllegalArgumentException.class, () -> new TextTable("lr").row("a"));
    }

    @Test
    void numbersAreReadAsTheyAreMeant() {
        Arguments.Temperature temperature = new Arguments.Temperature();
        assertEquals(0, Float.floatToRawIntBits(temperature.convert("-0")));
        assertEquals(Float.MIN_VALUE, temperature.convert("1.4e-45"));
        assertEquals(0f, temperature.convert("0.000e-99"));
        assertEquals(Float.POSITIVE_INFINITY, temperature.convert(" INFINITY "));
        for (String wrong : new String[] {"1e-46", "1e-400", "1e39", "nan", "-1e-300", "0x", "1d", "1 2"}) {
            assertThrows(TypeConversionException.class, () -> temperature.convert(wrong), wrong);
        }
    }

    @Test
    void failuresAreOneLine() {
        assertEquals("/x: permission denied", FailureMessage.of(new AccessDeniedException("/x")));
        assertEquals("a; b\\u{1b}", FailureMessage.of(new IOException("a\n  b\u001b\n")));
        assertEquals(
                "unexpected NullPointerException (--debug shows where)", FailureMessage.of(new NullPointerException()));
        assertEquals(
                "unexpected AssertionError: broken (--debug shows where)",
                FailureMessage.of(new AssertionError("broken")));
        assertTrue(FailureMessage.of(new OutOfMemoryError("Java heap space"))
                .startsWith("out of memory: Java heap space"));
    }

    @Test
    void aFullDiskIsAFailureAndAClosedPipeIsNot() {
        assertEquals("No space left on device", failureOfWriting("No space left on device"));
        assertEquals("", failureOfWriting("Broken pipe"));
    }

    private static String failureOfWriting(String message) {
        StandardOutput stdout = new StandardOutput(new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException(message);
            }
        });
        new PrintStream(stdout, true, StandardCharsets.UTF_8).println("x");
        return stdout.failure().map(IOException::getMessage).orElse("");
    }
}
