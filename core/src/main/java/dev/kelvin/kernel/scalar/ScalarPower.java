// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

/** The specification of powers: 2^(y·log₂ x) in double, rounded to float once. */
public final class ScalarPower {
    /** The bits of √½: what lies from there to √2 has the exponent 0. */
    public static final long ROOT_HALF_BITS = 0x3fe6a09e667f3bcdL;

    /** The bits of a double that are its fraction. */
    public static final long FRACTION = 0xf_ffff_ffff_ffffL;

    /** 1.5·2⁵²: adding and subtracting it rounds to the nearest integer, which then stands in the low bits. */
    public static final double ROUND = 0x1.8p52;

    /** Beyond ±2^this every power is 0 or +∞ as a float. */
    public static final double LARGEST_EXPONENT = 160;

    /** From here on every float is an even integer. */
    public static final double EVEN = 0x1p25;

    // log₂ m = s·(A0 + s²·(A1 + ...)) with s = (m − 1)/(m + 1): 2/(ln 2·(2k + 1)); what is left out is below 2⁻⁵⁰.
    public static final double A0 = 0x1.71547652b82fep+1;
    public static final double A1 = 0x1.ec709dc3a03fdp-1;
    public static final double A2 = 0x1.2776c50ef9bfep-1;
    public static final double A3 = 0x1.a61762a7aded9p-2;
    public static final double A4 = 0x1.484b13d7c02a9p-2;
    public static final double A5 = 0x1.0c9a84994022dp-2;
    public static final double A6 = 0x1.c68f568d31760p-3;
    public static final double A7 = 0x1.89f3b1694cffep-3;
    public static final double A8 = 0x1.5b9ac9b743f0dp-3;

    // 2^f on [-1/2, 1/2] is 1 + f·(B1 + f·(B2 + ...)): (ln 2)^k/k!; what is left out is below 2⁻⁴¹.
    public static final double B1 = 0x1.62e42fefa39efp-1;
    public static final double B2 = 0x1.ebfbdff82c58fp-3;
    public static final double B3 = 0x1.c6b08d704a0c0p-5;
    public static final double B4 = 0x1.3b2ab6fba4e77p-7;
    public static final double B5 = 0x1.5d87fe78a6731p-10;
    public static final double B6 = 0x1.430912f86c787p-13;
    public static final double B7 = 0x1.ffcbfc588b0c7p-17;
    public static final double B8 = 0x1.62c0223a5c824p-20;
    public static final double B9 = 0x1.b5253d395e7c4p-24;
    public static final double B10 = 0x1.e4cf5158b8ecap-28;

    private ScalarPower() {}

    /**
     * x to the power of y, within 0.501 ULP. Zeros, infinities and NaN as {@link Math#pow} has them: y = ±0 gives 1, a
     * negative x has powers of integers alone.
     *
     * @param x any float
     * @param y any float
     * @return xʸ
     */
    public static float pow(float x, float y) {
        if (!isPlain(x, y)) {
            return (float) Math.pow(x, y); // whose results are exact here: 0, 1, infinity, NaN, x or a multiple of it
        }
        double power = power(Math.abs((double) x), y);
        if (x < 0) {
            double bounded = Math.min(Math.max((double) y, -EVEN), EVEN);
            double rounded = bounded + ROUND;
            if (rounded - ROUND != bounded) {
                return Float.NaN;
            }
            return (float) ((Double.doubleToRawLongBits(rounded) & 1) != 0 ? -power : power);
        }
        return (float) power;
    }

    /** Whether both are finite and x is not 0: whether the power is computed and not looked up. */
    public static boolean isPlain(float x, float y) {
        return Float.isFinite(x) && x != 0 && Float.isFinite(y);
    }

    private static double power(double x, double y) {
        long bits = Double.doubleToRawLongBits(x) - ROOT_HALF_BITS;
        double m = Double.longBitsToDouble((bits & FRACTION) + ROOT_HALF_BITS);
        double exponent = Double.longBitsToDouble((bits >> 52) + Double.doubleToRawLongBits(ROUND)) - ROUND;
        double s = (m - 1) / (m + 1);
        double z = s * s;
        double a = Math.fma(A8, z, A7);
        a = Math.fma(a, z, A6);
        a = Math.fma(a, z, A5);
        a = Math.fma(a, z, A4);
        a = Math.fma(a, z, A3);
        a = Math.fma(a, z, A2);
        a = Math.fma(a, z, A1);
        a = Math.fma(a, z, A0);
        double t = Math.fma(s, a, exponent) * y;
        t = Math.min(Math.max(t, -LARGEST_EXPONENT), LARGEST_EXPONENT);
        double r = t + ROUND;
        double f = t - (r - ROUND);
        double b = Math.fma(B10, f, B9);
        b = Math.fma(b, f, B8);
        b = Math.fma(b, f, B7);
        b = Math.fma(b, f, B6);
        b = Math.fma(b, f, B5);
        b = Math.fma(b, f, B4);
        b = Math.fma(b, f, B3);
        b = Math.fma(b, f, B2);
        b = Math.fma(b, f, B1);
        b = Math.fma(b, f, 1);
        return Double.longBitsToDouble(Double.doubleToRawLongBits(b) + (Double.doubleToRawLongBits(r) << 52));
    }
}
