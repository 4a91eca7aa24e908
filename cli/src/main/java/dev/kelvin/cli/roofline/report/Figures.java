// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.Locale;

/** Measured numbers as text: three digits, since no more of them repeat. What is unknown is empty. */
public final class Figures {
    private Figures() {}

    /** A number: {@code 1234}, {@code 12.3}, {@code 0.12}. */
    public static String number(double value) {
        if (!Double.isFinite(value)) {
            return "";
        }
        double magnitude = Math.abs(value);
        int decimals = magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2;
        return fixed(value, decimals);
    }

    /** A number with so many decimals. */
    public static String fixed(double value, int decimals) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + decimals + "f", value) : "";
    }

    /** A share in percent: {@code 87%}. */
    public static String percent(double share) {
        return Double.isFinite(share) ? fixed(100 * share, 0) + "%" : "";
    }

    /** A share in percent with a decimal: {@code 1.4%}. */
    public static String finePercent(double share) {
        return Double.isFinite(share) ? fixed(100 * share, 1) + "%" : "";
    }

    /** A time: {@code 812 ns}, {@code 12.3 µs}, {@code 4.56 ms}. */
    public static String time(double nanos) {
        if (!Double.isFinite(nanos)) {
            return "";
        }
        if (nanos < 999.5) {
            return number(nanos) + " ns";
        }
        if (nanos < 999.5e3) {
            return number(nanos * 1e-3) + " µs";
        }
        return nanos < 999.5e6 ? number(nanos * 1e-6) + " ms" : number(nanos * 1e-9) + " s";
    }

    /** How long something took: {@code 48 s}, {@code 5 min 3 s}. */
    public static String duration(double seconds) {
        long whole = Math.round(seconds);
        return whole < 60 ? whole + " s" : whole / 60 + " min " + whole % 60 + " s";
    }

    /** A size: {@code 32 KiB}, {@code 1.5 GiB}. */
    public static String size(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double size = (double) bytes;
        int unit = 0;
        while (size >= 1023.5 && unit < units.length - 1) {
            size /= 1024;
            unit++;
        }
        return (size == Math.rint(size) ? fixed(size, 0) : number(size)) + " " + units[unit];
    }
}
