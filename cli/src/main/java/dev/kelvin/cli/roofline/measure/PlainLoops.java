// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.peer.Defect;
import dev.kelvin.cli.roofline.peer.Peer;
import dev.kelvin.cli.roofline.peer.Problem;
import java.util.Arrays;
import java.util.Optional;

/** Loops as one writes them in Java, and what C2 makes of them by itself. */
final class PlainLoops implements Peer {
    private static final Defect SUMS = new Defect(
            "C2 may not reorder a sum of floats, so this loop stays scalar", "Java Language Specification, 15.7");
    private static final Defect EXPONENTIALS =
            new Defect("Math.exp is computed one element at a time, in double", "Javadoc of java.lang.Math");

    @Override
    public String name() {
        return "loops";
    }

    @Override
    public String version() {
        return "plain Java, this JVM";
    }

    @Override
    public boolean solves(Problem problem, int threads) {
        return threads == 1;
    }

    @Override
    public Optional<Defect> defect(Problem problem) {
        return switch (problem) {
            case Problem.Product _ -> Optional.empty();
            case Problem.Dots _ -> Optional.of(SUMS);
            case Problem.Softmax _ -> Optional.of(EXPONENTIALS);
        };
    }

    @Override
    public Computation prepare(Problem problem, int threads) {
        return switch (problem) {
            case Problem.Product p -> product(p);
            case Problem.Dots p -> () -> dots(p);
            case Problem.Softmax p -> () -> softmax(p);
        };
    }

    /** Weights are transposed once, so that the inner loop has no sum and C2 can use vectors. */
    private static Computation product(Problem.Product p) {
        float[] transposed = new float[p.w().length];
        for (int n = 0; n < p.n(); n++) {
            for (int k = 0; k < p.k(); k++) {
                transposed[k * p.n() + n] = p.w()[n * p.k() + k];
            }
        }
        return () -> {
            for (int m = 0; m < p.m(); m++) {
                row(p, m, transposed);
            }
        };
    }

    private static void row(Problem.Product p, int m, float[] transposed) {
        Arrays.fill(p.y(), m * p.n(), (m + 1) * p.n(), 0);
        for (int k = 0; k < p.k(); k++) {
            add(p.x()[m * p.k() + k], transposed, k * p.n(), p.y(), m * p.n(), p.n());
        }
    }

    private static void add(float factor, float[] w, int wOffset, float[] y, int yOffset, int n) {
        for (int i = 0; i < n; i++) {
            y[yOffset + i] = Math.fma(factor, w[wOffset + i], y[yOffset + i]);
        }
    }

    private static void dots(Problem.Dots p) {
        for (int row = 0; row < p.rows(); row++) {
            float sum = 0;
            int begin = row * p.length();
            for (int i = begin; i < begin + p.length(); i++) {
                sum += p.a()[i] * p.b()[i];
            }
            p.y()[row] = sum;
        }
    }

    private static void softmax(Problem.Softmax p) {
        float[] z = p.logits();
        float[] probs = p.probs();
        for (int begin = 0; begin < z.length; begin += p.columns()) {
            int end = begin + p.columns();
            float most = Float.NEGATIVE_INFINITY;
            for (int i = begin; i < end; i++) {
                most = Math.max(most, z[i]);
            }
            float sum = 0;
            for (int i = begin; i < end; i++) {
                probs[i] = (float) Math.exp(z[i] - most);
                sum += probs[i];
            }
            for (int i = begin; i < end; i++) {
                probs[i] /= sum;
            }
        }
    }
}
