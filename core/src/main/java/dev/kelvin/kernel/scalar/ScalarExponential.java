// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

/** The specification of exp, on which the functions of {@link ScalarActivations} stand. */
public final class ScalarExponential {
    /** 1.5·2²³: adding and subtracting it rounds to the nearest integer, which then stands in the low bits. */
    public static final float ROUND = 0x1.8p23f;

    /** log₂ e, rounded to float. */
    public static final float LOG2_E_HIGH = 0x1.715476p+0f;

    /** What the rounding left of log₂ e. */
    public static final float LOG2_E_LOW = 0x1.4ae0cp-26f;

    /** Below, exp rounds to 0. */
    public static final float EXP_UNDERFLOW = -104;

    /** Above, exp is +∞ (from 88.722839 on, which the arithmetic itself finds). */
    public static final float EXP_OVERFLOW = 89;

    /** The largest float whose exp is finite. */
    public static final float EXP_LARGEST = 0x1.62e42ep6f;

    // 2^f on [-1/2, 1/2] as 1 + f·(P1 + f·(P2 + ...)): least maximal relative error, 3.0e-9 after rounding the
    // coefficients to float.
    public static final float P1 = 0x1.62e43p-1f;
    public static final float P2 = 0x1.ebfbdcp-3f;
    public static final float P3 = 0x1.c6af7cp-5f;
    public static final float P4 = 0x1.3b2dep-7f;
    public static final float P5 = 0x1.5f082ep-10f;
    public static final float P6 = 0x1.416b52p-13f;

    /** ln 2, rounded to float. */
    public static final float LN2_HIGH = 0x1.62e43p-1f;

    /** What the rounding left of ln 2. */
    public static final float LN2_LOW = -0x1.05c61p-29f;

    /** Below, exp − 1 rounds to −1. */
    public static final float EXPM1_FLAT = -30;

    // exp(r) − 1 = r + r²·(1/2 + r·(M3 + r·(M4 + ...))) on |r| ≤ ln 2/2: least maximal relative error, 0.007 u.
    public static final float M3 = 0x1.555554p-3f;
    public static final float M4 = 0x1.5554f8p-5f;
    public static final float M5 = 0x1.1112d4p-7f;
    public static final float M6 = 0x1.6d3a5ep-10f;
    public static final float M7 = 0x1.9e7c7cp-13f;

    private ScalarExponential() {}

    /**
     * exp within 1 ULP over all floats: the worst error is 0.85 ULP, exp(±0) = 1, exp(−∞) = 0, subnormal results are
     * right, from 88.722839 on the result is +∞, NaN gives NaN. Monotone.
     *
     * @param x any float
     * @return eˣ
     */
    public static float exp(float x) {
        if (x < EXP_UNDERFLOW) {
            return 0;
        }
        if (x > EXP_OVERFLOW) {
            return Float.POSITIVE_INFINITY;
        }
        if (Float.isNaN(x)) {
            return Float.NaN;
        }
        float y = x * LOG2_E_HIGH;
        float q = Math.fma(x, LOG2_E_HIGH, -y);
        q = Math.fma(x, LOG2_E_LOW, q);
        float r = y + ROUND;
        float p = pow2((y - (r - ROUND)) + q);
        // 2^n in two factors, each normal: n runs from -150 to 128.
        int n = Float.floatToRawIntBits(r) - Float.floatToRawIntBits(ROUND);
        int half = n >> 1;
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (half << 23))
                * Float.intBitsToFloat((n - half + 127) << 23);
    }

    /**
     * 2^f for |f| ≤ 1/2; exactly 1 at 0. The linear part 1 + P1·f is carried as high + low, so that the only rounding
     * of weight is the last: Horner's rule to the end would round P1·f by as much as neighbouring arguments differ, and
     * not be monotone.
     */
    private static float pow2(float f) {
        float p = Math.fma(P6, f, P5);
        p = Math.fma(p, f, P4);
        p = Math.fma(p, f, P3);
        p = Math.fma(p, f, P2);
        float high = Math.fma(f, P1, 1);
        float low = Math.fma(f, P1, 1 - high);
        return high + Math.fma(f * f, p, low);
    }

    /**
     * exp(x) − 1 within 0.87 ULP over all floats: with x = n·ln 2 + r it is 2ⁿ·((1 − 2⁻ⁿ) + (exp(r) − 1)), of which
     * what the reduction and the first two sums lose is kept. ±0 give ±0, −∞ gives −1, from 88.722839 on the result is
     * +∞, NaN gives NaN.
     *
     * @param x any float
     * @return eˣ − 1
     */
    public static float expm1(float x) {
        if (x > EXP_OVERFLOW) {
            return Float.POSITIVE_INFINITY;
        }
        float low = Math.max(x, EXPM1_FLAT);
        float shifted = low * LOG2_E_HIGH + ROUND;
        float whole = shifted - ROUND;
        float exact = Math.fma(whole, -LN2_HIGH, low);
        float r = Math.fma(whole, -LN2_LOW, exact);
        float lost = Math.fma(whole, -LN2_LOW, exact - r);
        float p = Math.fma(M7, r, M6);
        p = Math.fma(p, r, M5);
        p = Math.fma(p, r, M4);
        p = Math.fma(p, r, M3);
        p = Math.fma(p, r, 0.5f);
        int n = Float.floatToRawIntBits(shifted) - Float.floatToRawIntBits(ROUND);
        float inverse = Float.intBitsToFloat(Math.max(127 - n, 0) << 23);
        float constant = 1 - inverse;
        float sum = constant + r;
        float rest = (r - (sum - constant)) + ((1 - constant) - inverse);
        float value = sum + Math.fma(r * r, p, rest + Math.fma(lost, r, lost));
        int half = n >> 1;
        // r of a NaN is NaN, whatever its n; −0 is itself, of which the sum with +0 knows nothing.
        float result = value * Float.intBitsToFloat((half + 127) << 23) * Float.intBitsToFloat((n - half + 127) << 23);
        return x == 0 ? x : result;
    }
}
