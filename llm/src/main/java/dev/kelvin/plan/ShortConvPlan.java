// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.stream.Stream;

/**
 * A gated short convolution: b, c, z are projections of x; y is the projection of c ⊙ conv(b ⊙ z), with a causal
 * convolution of each channel over the last K positions.
 *
 * <p>Source: Liquid AI, LFM2 Technical Report, 2025.
 *
 * @param before b, D to C
 * @param after c, D to C
 * @param value z, D to C
 * @param taps {@code [C, K]}, the oldest first
 * @param output C to D
 */
public record ShortConvPlan(Projection before, Projection after, Projection value, Weight taps, Projection output)
        implements Mixer {
    /** Checks that the widths fit together. */
    public ShortConvPlan {
        int channels = taps.rows();
        if (before.outputDim() != channels
                || after.outputDim() != channels
                || value.outputDim() != channels
                || output.inputDim() != channels) {
            throw new IllegalArgumentException(
                    "plan: a convolution of " + channels + " channels between projections to "
                            + before.outputDim() + ", " + after.outputDim() + ", " + value.outputDim() + " and from "
                            + output.inputDim());
        }
    }

    @Override
    public Stream<Weight> weights() {
        return Stream.concat(
                Stream.of(taps), Stream.of(before, after, value, output).flatMap(Projection::weights));
    }
}
