// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.stream.Stream;

/**
 * A linear map, a causal convolution of each channel over the last K positions, and a SiLU: silu(conv(x·Wᵀ) + b).
 *
 * @param projection W, D to C
 * @param taps rows of {@code [channels, K]}, the oldest first
 * @param bias b, elements of {@code [channels]}; null for none
 */
public record Convolved(Projection projection, Part taps, Part bias) {
    /** Checks that there are taps for each channel. */
    public Convolved {
        if (taps.rows() != projection.outputDim() || (bias != null && bias.rows() != taps.rows())) {
            throw new IllegalArgumentException("plan: " + projection.outputDim() + " channels, but taps of "
                    + taps.rows() + " and biases of " + (bias == null ? "none" : bias.rows()));
        }
    }

    /** Some of the channels of a whole convolution; bias null for none. */
    public static Convolved part(Projection projection, Weight taps, Weight bias, int begin, int end) {
        Part biases = bias == null ? null : bias.part(begin, end);
        return new Convolved(projection.rows(begin, end), taps.part(begin, end), biases);
    }

    /** C. */
    public int channels() {
        return taps.rows();
    }

    Stream<Weight> weights() {
        Stream<Weight> convolution = bias == null ? Stream.of(taps.weight()) : Stream.of(taps.weight(), bias.weight());
        return Stream.concat(projection.weights(), convolution);
    }
}
