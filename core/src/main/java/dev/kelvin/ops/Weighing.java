// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.SoftmaxScale;

/**
 * How the logits of a row become weights at its temperature.
 *
 * @param kind which of four ways
 * @param temperature τ
 * @param scale of τ, where the way is by the kernels' exponentials; else that of τ = 1
 */
record Weighing(Kind kind, float temperature, SoftmaxScale scale) {
    /** The ways. */
    enum Kind {
        /** τ = 0: the argmax is picked, probabilities are equal shares of the tied. */
        GREEDY,
        /** τ = +∞: 1 for each logit that is not −∞. */
        UNIFORM,
        /** The kernels' exponentials. */
        EXPONENTIAL,
        /** Exponentials in double, at temperatures too extreme for a float's exponent. */
        DOUBLE
    }

    /**
     * The way of a temperature.
     *
     * @param temperature τ in [0, +∞]
     */
    static Weighing of(float temperature) {
        if (temperature == 0) {
            return new Weighing(Kind.GREEDY, temperature, SoftmaxScale.ONE);
        }
        if (temperature == Float.POSITIVE_INFINITY) {
            return new Weighing(Kind.UNIFORM, temperature, SoftmaxScale.ONE);
        }
        return SoftmaxScale.covers(temperature)
                ? new Weighing(Kind.EXPONENTIAL, temperature, SoftmaxScale.of(temperature))
                : new Weighing(Kind.DOUBLE, temperature, SoftmaxScale.ONE);
    }

    boolean isGreedy() {
        return kind == Kind.GREEDY;
    }

    boolean isExponential() {
        return kind == Kind.EXPONENTIAL;
    }
}
