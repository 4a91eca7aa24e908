// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.stream.Stream;

/** How rows are normalised: whole rows, or where the width is that of a head, each head by itself. */
public sealed interface Norm {
    /** Elements that are normalised together. */
    int width();

    /** The factors {@code [width]}; null for none. */
    Weight gain();

    /** Added to the mean square or the variance; positive and finite. */
    float epsilon();

    /** The tensors, in the order of files. */
    Stream<Weight> weights();

    /**
     * x / √(mean(x²) + ε) · gain.
     *
     * @param gain {@code [width]}
     */
    record Rms(Weight gain, float epsilon) implements Norm {
        /** Checks ε. */
        public Rms {
            requireEpsilon(epsilon);
        }

        @Override
        public int width() {
            return gain.rows();
        }

        @Override
        public Stream<Weight> weights() {
            return Stream.of(gain);
        }
    }

    /**
     * x / √(mean(x²) + ε).
     *
     * @param width elements that are normalised together
     */
    record PlainRms(int width, float epsilon) implements Norm {
        /** Checks the width and ε. */
        public PlainRms {
            if (width < 1) {
                throw new IllegalArgumentException("plan: a norm over " + width + " elements");
            }
            requireEpsilon(epsilon);
        }

        @Override
        public Weight gain() {
            return null;
        }

        @Override
        public Stream<Weight> weights() {
            return Stream.of();
        }
    }

    /**
     * (x − mean(x)) / √(variance(x) + ε) · gain + bias.
     *
     * @param gain {@code [width]}, or {@code [H, width]} where each head of a row has factors of its own
     * @param bias {@code [width]}; null for none, as heads with factors of their own have it
     */
    record Layer(Weight gain, Weight bias, float epsilon) implements Norm {
        /** Checks that gain and bias fit together, and ε. */
        public Layer {
            if (gain.shape().rank() > 2 || (gain.shape().rank() == 2 && bias != null)) {
                throw new IllegalArgumentException(
                        "plan: " + gain.name() + " " + gain.shape() + " of a norm with bias " + bias);
            }
            if (bias != null && !gain.shape().equals(bias.shape())) {
                throw new IllegalArgumentException("plan: " + gain.name() + " " + gain.shape() + " and " + bias.name()
                        + " " + bias.shape() + " must be alike");
            }
            requireEpsilon(epsilon);
        }

        @Override
        public int width() {
            return gain.shape().columns();
        }

        @Override
        public Stream<Weight> weights() {
            return bias == null ? Stream.of(gain) : Stream.of(gain, bias);
        }
    }

    private static void requireEpsilon(float epsilon) {
        if (!(epsilon > 0) || epsilon == Float.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("plan: epsilon must be positive and finite, but is " + epsilon);
        }
    }
}
