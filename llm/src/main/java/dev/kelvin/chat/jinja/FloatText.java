// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.math.BigDecimal;

/** Doubles as Python prints them. */
final class FloatText {
    private FloatText() {}

    /** The fewest digits that give the same double back, with an exponent below −4 and from 16 on. */
    static String repr(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        String digits = digits(Math.abs(value));
        // The value is 0.d₁d₂d₃… · 10^point.
        int point = point(Math.abs(value));
        StringBuilder out = new StringBuilder(value < 0 ? "-" : "");
        if (point > 16 || point < -3) {
            out.append(digits.charAt(0));
            if (digits.length() > 1) {
                out.append('.').append(digits, 1, digits.length());
            }
            return exponent(out, point - 1);
        }
        if (point <= 0) {
            return out.append("0.").repeat('0', -point).append(digits).toString();
        }
        if (point >= digits.length()) {
            return out.append(digits)
                    .repeat('0', point - digits.length())
                    .append(".0")
                    .toString();
        }
        return out.append(digits, 0, point)
                .append('.')
                .append(digits, point, digits.length())
                .toString();
    }

    static String exponent(StringBuilder out, int exponent) {
        out.append('e').append(exponent < 0 ? '-' : '+');
        int size = Math.abs(exponent);
        return out.append(size < 10 ? "0" : "").append(size).toString();
    }

    private static BigDecimal shortest(double value) {
        BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        if (decimal.precision() == 2) {
            // Java never gives fewer than two digits; of the smallest doubles one is enough.
            BigDecimal one = decimal.round(new java.math.MathContext(1));
            if (one.doubleValue() == value) {
                return one.stripTrailingZeros();
            }
        }
        return decimal;
    }

    private static String digits(double value) {
        return shortest(value).unscaledValue().toString();
    }

    private static int point(double value) {
        BigDecimal decimal = shortest(value);
        return decimal.precision() - decimal.scale();
    }
}
