// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.peer.Problem;
import java.util.Arrays;

/** Compares answers with double precision before they are timed: a wrong one has no speed. */
final class Checks {
    /** 2⁻²⁴, half the distance of floats at 1. */
    static final double ROUNDING = 0x1p-24;

    private Checks() {}

    /**
     * An element of a product.
     *
     * @param x from {@code xOffset} on
     * @param roundings how many the sum may have
     */
    static void dot(String what, float actual, float[] x, int xOffset, float[] w, double roundings) {
        double expected = 0;
        double magnitude = 0;
        for (int k = 0; k < w.length; k++) {
            double product = (double) x[xOffset + k] * w[k];
            expected += product;
            magnitude += Math.abs(product);
        }
        near(what, actual, expected, roundings * ROUNDING * magnitude);
    }

    static void near(String what, double actual, double expected, double tolerance) {
        if (!(Math.abs(actual - expected) <= tolerance)) {
            throw new IllegalStateException(what + " is " + actual + ", expected " + expected + " within " + tolerance);
        }
    }

    /** Probabilities of a row sum to 1. */
    static void sumsToOne(String what, float[] probs, int begin, int end, double tolerance) {
        double sum = 0;
        for (int i = begin; i < end; i++) {
            sum += probs[i];
        }
        near(what + ": the sum of a row", sum, 1, tolerance);
    }

    /** A peer's answer, which may sum in any order: its first and its last element. */
    static void answer(Problem problem) {
        switch (problem) {
            case Problem.Product p -> {
                element(p, 0, 0);
                element(p, p.m() - 1, p.n() - 1);
            }
            case Problem.Dots p -> {
                int last = p.rows() - 1;
                float[] b = Arrays.copyOfRange(p.b(), last * p.length(), p.rows() * p.length());
                dot("dot", p.y()[last], p.a(), last * p.length(), b, p.length());
            }
            case Problem.Softmax p ->
                sumsToOne("softmax", p.probs(), (p.rows() - 1) * p.columns(), p.rows() * p.columns(), 1e-4);
        }
    }

    private static void element(Problem.Product p, int m, int n) {
        float[] w = Arrays.copyOfRange(p.w(), n * p.k(), (n + 1) * p.k());
        dot("y[" + m + ", " + n + "]", p.y()[m * p.n() + n], p.x(), m * p.k(), w, p.k());
    }
}
