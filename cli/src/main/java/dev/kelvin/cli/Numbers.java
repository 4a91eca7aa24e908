// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

/**
 * Numbers as text, the same in every locale. {@code String.format} would do, at the price of some 20 ms when the
 * program starts.
 */
final class Numbers {
    private static final long[] POWERS_OF_TEN = {1, 10, 100, 1_000, 10_000, 100_000, 1_000_000};
    private static final String[] BYTE_UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Numbers() {}

    /** The value with a fixed number of decimals, at most 6, half away from zero. */
    static String fixed(double value, int decimals) {
        double magnitude = Math.abs(value) * POWERS_OF_TEN[decimals];
        if (!(magnitude < 1e15)) {
            return Double.isInfinite(value) ? (value > 0 ? "inf" : "-inf") : String.valueOf(value);
        }
        long scaled = Math.round(magnitude);
        StringBuilder digits = new StringBuilder(Long.toString(scaled));
        while (digits.length() <= decimals) {
            digits.insert(0, '0');
        }
        if (decimals > 0) {
            digits.insert(digits.length() - decimals, '.');
        }
        return value < 0 && scaled != 0 ? "-" + digits : digits.toString();
    }

    /**
     * A probability: three decimals, or one and an exponent where three would show nothing. {@code 0} and {@code 1}
     * without decimals are exact.
     */
    static String probability(double p) {
        if (p == 0) {
            return "0";
        }
        if (p == 1) {
            return "1";
        }
        if (!(p < 0.0005)) {
            return fixed(p, 3);
        }
        int exponent = (int) Math.floor(Math.log10(p));
        long tenths = Math.round(p / Math.pow(10, exponent) * 10);
        if (tenths >= 100) {
            tenths /= 10;
            exponent++;
        }
        return tenths / 10 + "." + tenths % 10 + "e" + exponent;
    }

    /** A count with its thousands apart: {@code 1,185,440}. */
    static String grouped(long count) {
        StringBuilder digits = new StringBuilder(Long.toString(count));
        int first = count < 0 ? 1 : 0;
        for (int i = digits.length() - 3; i > first; i -= 3) {
            digits.insert(i, ',');
        }
        return digits.toString();
    }

    /** A size for people: {@code 512 B}, {@code 1.1 MiB}. */
    static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double size = bytes / 1024.0;
        int unit = 0;
        while (size >= 1023.95 && unit < BYTE_UNITS.length - 1) {
            size /= 1024;
            unit++;
        }
        return fixed(size, 1) + " " + BYTE_UNITS[unit];
    }
}
