// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * A temperature that follows the entropy: where the model is sure it stays cold, where it is not it gets warm.
 *
 * <p>With H the entropy of the candidates at the temperature so far and n their number,
 *
 * <p>τ = low + (high − low)·(H/ln n)^exponent, low = max(0, value − range), high = value + range.
 *
 * <p>H/ln n is 0 for a certain candidate and 1 for equal ones. A range of 0 makes it {@link Temperature} {@code value}.
 * A single candidate stays as it is.
 *
 * <p>Source: llama.cpp's {@code temp-ext}, after kalomaze's "Dynamic Temperature", 2023.
 *
 * @param value the middle of the range, at least 0, finite
 * @param range how far τ may be from it, at least 0, finite; 0 for a fixed temperature
 * @param exponent the bend of the curve, at least 0, finite; 1 is a straight line
 */
public record DynamicTemperature(float value, float range, float exponent) implements Sampler {
    /** Refuses NaN, infinities and negative numbers. */
    public DynamicTemperature {
        Ranges.atLeast("dynamic temperature", "value", value, 0);
        Ranges.atLeast("dynamic temperature", "range", range, 0);
        Ranges.atLeast("dynamic temperature", "exponent", exponent, 0);
    }

    @Override
    public void apply(Candidates candidates, Sampling sampling) {
        if (range == 0) {
            candidates.heat(value);
        } else if (candidates.count() > 1) {
            double low = Math.max(0, (double) value - range);
            double high = (double) value + range;
            // Rounding may leave the entropy of equal candidates a little above ln n.
            double share = Math.min(1, candidates.entropy() / StrictMath.log(candidates.count()));
            // Not StrictMath.pow, which allocates until it is compiled.
            double bent = exponent == 0 ? 1 : StrictMath.exp(exponent * StrictMath.log(share));
            candidates.heat((float) (low + (high - low) * bent));
        }
    }
}
