// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.stream.Stream;

/**
 * What becomes of the scores between queries and keys before their softmax: s = scale · (temper(q)·k), then capped,
 * then joined by a sink.
 *
 * @param scale of the products
 * @param softCap c, by which a score s becomes c·tanh(s/c); +∞ for none
 * @param sinks {@code [H]}, a logit for each head that takes part in its softmax without having a value; null for none
 * @param temper grows queries with their position; null for none
 */
public record Scores(float scale, float softCap, Weight sinks, Temper temper) {
    /**
     * A factor of the queries that grows with the position p: 1 + slope · ln(1 + ⌊p / step⌋).
     *
     * <p>Source: Nakanishi, Scalable-Softmax Is Superior for Attention, 2025, in the form of Llama 4.
     *
     * @param slope of the logarithm
     * @param step positions between two values
     */
    public record Temper(float slope, int step) {
        /** Checks the step. */
        public Temper {
            if (step < 1) {
                throw new IllegalArgumentException("plan: the step of the queries' factor is " + step);
            }
        }

        /** The factor of the queries at a position. */
        public float factor(int position) {
            return (float) (1 + slope * StrictMath.log(1 + position / step));
        }
    }

    /** Checks the cap. */
    public Scores {
        if (!(softCap > 0)) {
            throw new IllegalArgumentException("plan: the soft cap of scores is " + softCap);
        }
    }

    /** Scores that are scaled and nothing else. */
    public static Scores scaled(float scale) {
        return new Scores(scale, Float.POSITIVE_INFINITY, null, null);
    }

    /** The same, capped. */
    public Scores withSoftCap(float softCap) {
        return new Scores(scale, softCap, sinks, temper);
    }

    /** The same with a sink a head. */
    public Scores withSinks(Weight sinks) {
        return new Scores(scale, softCap, sinks, temper);
    }

    /** The same with queries that grow. */
    public Scores withTemper(Temper temper) {
        return new Scores(scale, softCap, sinks, temper);
    }

    Stream<Weight> weights() {
        return sinks == null ? Stream.of() : Stream.of(sinks);
    }
}
