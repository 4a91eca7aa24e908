// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/**
 * The factor log₂(e)/τ that turns a logit into an exponent of two, as the unevaluated sum {@code high + low} of two
 * floats, so that a large exponent keeps its fraction.
 *
 * @param high the factor rounded towards 0, so that {@code low} is not negative: both products then rise with the logit
 * @param low what the rounding left
 * @param limit the largest magnitude of a row's maximum for which the exponent is exact enough: 2¹⁶·ln 2·τ
 * @param octave the difference of logits that doubles exp(x/τ): ln 2·τ
 */
public record SoftmaxScale(float high, float low, float limit, double octave) {
    private static final double LOG2_E = 1.4426950408889634;
    private static final double LN_2 = 0.6931471805599453;

    /** The largest exponent of two that a row's maximum may stand for. */
    private static final int LARGEST_EXPONENT = 1 << 16;

    /** 1.5·2²³: adding and subtracting it rounds to the nearest integer. */
    private static final float ROUND = 0x1.8p23f;

    /** So many powers of two below its chunk's base a numerator is as good as nothing. */
    private static final int DEPTH = 156;

    /** τ = 1. */
    public static final SoftmaxScale ONE = of(1);

    /**
     * Whether the pair of floats can hold the factor: outside, {@code high} would overflow or {@code low} be lost.
     *
     * @param temperature any float
     * @return whether 2⁻¹⁰⁰ ≤ τ ≤ 2¹⁰⁰
     */
    public static boolean covers(float temperature) {
        return temperature >= 0x1p-100f && temperature <= 0x1p100f;
    }

    /**
     * The factor for a temperature.
     *
     * @param temperature τ, which {@link #covers(float)} accepts
     * @return the factor
     */
    public static SoftmaxScale of(float temperature) {
        assert covers(temperature) : temperature;
        double factor = LOG2_E / temperature;
        float high = (float) factor;
        if (high > factor) {
            high = Math.nextDown(high);
        }
        double octave = LN_2 * temperature;
        return new SoftmaxScale(high, (float) (factor - high), (float) (LARGEST_EXPONENT * octave), octave);
    }

    /**
     * Whether the numerators of a row with this maximum can be computed in float.
     *
     * @param rowMax the largest logit of the whole row
     * @return whether |rowMax| ≤ {@link #limit}; false for NaN
     */
    public boolean holds(float rowMax) {
        return Math.abs(rowMax) <= limit;
    }

    /**
     * The base of a chunk: the even integer N next to max·log₂(e)/τ. Even, so that a tie between two exponents is
     * broken the same way in every chunk.
     *
     * @param max the largest logit of the chunk, at most {@link #limit}; below −limit it counts as that
     * @return N
     */
    public int base(float max) {
        float reference = Math.max(max, -limit);
        return 2 * (int) (Math.fma(reference, high * 0.5f, ROUND) - ROUND);
    }

    /**
     * The base of a chunk in a row that is lowered by its maximum if that is too large.
     *
     * @param max the largest logit of the chunk
     * @param rowMax the largest logit of the row
     * @return N
     */
    public int base(float max, float rowMax) {
        return base(holds(rowMax) ? max : max - rowMax);
    }

    /**
     * The logit that everything below it is raised to, masks of −∞ included: what it contributes is too small to change
     * a sum or to be anything but 0 as a probability.
     *
     * @param base of the chunk
     * @return (base − 156)·ln 2·τ
     */
    public float threshold(int base) {
        return (float) ((base - DEPTH) * octave);
    }
}
