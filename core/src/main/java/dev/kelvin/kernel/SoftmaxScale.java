// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/**
 * The factor log₂(e)/τ that turns a difference of logits into an exponent of two, as the unevaluated sum {@code high +
 * low} of two floats, so that a large exponent keeps its fraction.
 *
 * @param high the factor rounded to float
 * @param low what the rounding left
 * @param cutoff the difference of logits (negative) below which exp((x − max)/τ) is 0 in float: −160·ln 2·τ
 */
public record SoftmaxScale(float high, float low, float cutoff) {
    private static final double LOG2_E = 1.4426950408889634;
    private static final double LN_2 = 0.6931471805599453;

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
     * @param temperature τ, which {@link #covers} accepts
     * @return the factor
     */
    public static SoftmaxScale of(float temperature) {
        assert covers(temperature) : temperature;
        double factor = LOG2_E / temperature;
        float high = (float) factor;
        return new SoftmaxScale(high, (float) (factor - high), (float) (-160 * LN_2 * temperature));
    }
}
