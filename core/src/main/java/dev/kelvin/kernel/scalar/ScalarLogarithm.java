// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

/** The specification of logarithms. */
public final class ScalarLogarithm {
    /** The bits of √½: what lies from there to √2 has the exponent 0. */
    public static final int ROOT_HALF_BITS = 0x3f3504f3;

    /** 2²³, which makes of a subnormal number a normal one. */
    public static final float LIFT = 0x1p23f;

    /** ln 2 in so few bits that its products with exponents are exact. */
    public static final float LN2_HIGH = 0x1.63p-1f;

    /** What is left of ln 2. */
    public static final float LN2_LOW = -0x1.bd0106p-13f;

    /** The largest exponent whose power of two has an inverse that is a normal number. */
    public static final int LARGEST_EXPONENT = 126;

    // ln(1 + f) = f − f²/2 + f³·(G0 + f·(G1 + ...)) on [√½ − 1, √2 − 1]: least maximal relative error, 0.013 u.
    public static final float G0 = 0x1.555548p-2f;
    public static final float G1 = -0x1.000006p-2f;
    public static final float G2 = 0x1.99a478p-3f;
    public static final float G3 = -0x1.555c4ep-3f;
    public static final float G4 = 0x1.233b78p-3f;
    public static final float G5 = -0x1.fc26acp-4f;
    public static final float G6 = 0x1.e6c03ep-4f;
    public static final float G7 = -0x1.de1004p-4f;
    public static final float G8 = 0x1.1484e8p-4f;

    private ScalarLogarithm() {}

    /**
     * ln x within 0.9 ULP over all floats: with x = 2ᵉ·(1 + f), e·ln 2 + ln(1 + f), of which what the first sum loses
     * is kept. ±0 give −∞, what is below gives NaN, +∞ gives +∞.
     *
     * @param x any float
     * @return ln x
     */
    public static float log(float x) {
        if (!(x > 0)) {
            return x == 0 ? Float.NEGATIVE_INFINITY : Float.NaN;
        }
        if (x == Float.POSITIVE_INFINITY) {
            return x;
        }
        boolean small = x < Float.MIN_NORMAL;
        int bits = Float.floatToRawIntBits(small ? x * LIFT : x) - ROOT_HALF_BITS;
        int exponent = (bits >> 23) - (small ? 23 : 0);
        return sum(exponent, Float.intBitsToFloat((bits & 0x7f_ffff) + ROOT_HALF_BITS) - 1);
    }

    /**
     * ln(1 + x) within 1.5 ULP over all floats: the logarithm of u, which is 1 + x rounded, with what the rounding lost
     * added to its fraction. ±0 give ±0, −1 gives −∞, what is below gives NaN, +∞ gives +∞.
     *
     * @param x any float
     * @return ln(1 + x)
     */
    public static float log1p(float x) {
        if (!(x > -1)) {
            return x == -1 ? Float.NEGATIVE_INFINITY : Float.NaN;
        }
        if (x == Float.POSITIVE_INFINITY || x == 0) {
            return x;
        }
        float u = 1 + x;
        float back = u - 1;
        float lost = (1 - (u - back)) + (x - back);
        int bits = Float.floatToRawIntBits(u) - ROOT_HALF_BITS;
        int exponent = bits >> 23;
        float inverse = Float.intBitsToFloat((127 - Math.min(exponent, LARGEST_EXPONENT)) << 23);
        float fraction = Float.intBitsToFloat((bits & 0x7f_ffff) + ROOT_HALF_BITS) - 1;
        return sum(exponent, Math.fma(lost, inverse, fraction));
    }

    /** exponent·ln 2 + ln(1 + f). */
    private static float sum(int exponent, float f) {
        float p = Math.fma(G8, f, G7);
        p = Math.fma(p, f, G6);
        p = Math.fma(p, f, G5);
        p = Math.fma(p, f, G4);
        p = Math.fma(p, f, G3);
        p = Math.fma(p, f, G2);
        p = Math.fma(p, f, G1);
        p = Math.fma(p, f, G0);
        float tail = (f * f) * Math.fma(p, f, -0.5f);
        float whole = exponent * LN2_HIGH;
        float high = whole + f;
        return high + (Math.fma((float) exponent, LN2_LOW, f - (high - whole)) + tail);
    }
}
