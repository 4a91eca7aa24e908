// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operand.LossOptions;
import dev.kelvin.operand.LossOptions.Reduction;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Losses of classified rows against double, their gradients against differences, the same bits whatever computes. */
class LossesTest {
    private static final int ROWS = 6;
    private static final int CLASSES = 7;
    private static final int[] LABELS = {0, 3, 6, 3, 2, 1};
    private static final float[] WEIGHTS = {0.5f, 1, 2, 0.25f, 0, 3, 1.5f};

    private static final List<LossOptions> OPTIONS = List.of(
            LossOptions.DEFAULT,
            LossOptions.DEFAULT.withIgnoreIndex(3).withReduction(Reduction.SUM),
            LossOptions.DEFAULT.withClassWeights(WEIGHTS).withIgnoreIndex(2),
            LossOptions.DEFAULT.withLabelSmoothing(0.2f),
            new LossOptions(Reduction.MEAN, WEIGHTS, 6, 0.3f),
            new LossOptions(Reduction.SUM, WEIGHTS, -1, 0.1f));

    private static float[] logits() {
        return FiniteDifferences.gaussian(3, ROWS * CLASSES);
    }

    private static float[] targets() {
        float[] targets = FiniteDifferences.gaussian(4, ROWS * CLASSES);
        for (int i = 0; i < targets.length; i++) {
            targets[i] = i % 5 == 0 ? 0 : Math.abs(targets[i]);
        }
        return targets;
    }

    /** From the formula; labels or targets may be null, logarithms are given or not. */
    private static double naive(double[] z, int[] labels, float[] targets, LossOptions options, boolean given) {
        double sum = 0;
        double divisor = 0;
        for (int row = 0; row < ROWS; row++) {
            if (labels != null && labels[row] == options.ignoreIndex()) {
                continue;
            }
            double partition = 0;
            for (int j = 0; j < CLASSES && !given; j++) {
                partition += Math.exp(z[row * CLASSES + j]);
            }
            partition = given ? 0 : Math.log(partition);
            for (int j = 0; j < CLASSES; j++) {
                double w = options.classWeights() == null ? 1 : options.classWeights()[j];
                double target = labels == null ? targets[row * CLASSES + j] : labels[row] == j ? 1 : 0;
                double smooth = (1 - options.labelSmoothing()) * target + options.labelSmoothing() / (double) CLASSES;
                sum += smooth * w * (partition - z[row * CLASSES + j]);
            }
            divisor += labels == null || options.classWeights() == null ? 1 : options.classWeights()[labels[row]];
        }
        return options.reduction() == Reduction.MEAN ? sum / divisor : sum;
    }

    @Test
    void againstDouble() {
        HeapTensor z = HeapTensor.of(logits(), ROWS, CLASSES);
        HeapTensor t = HeapTensor.of(targets(), ROWS, CLASSES);
        double[] wide = FiniteDifferences.widen(z.data());
        for (LossOptions options : OPTIONS) {
            for (ComputeGrid.Point point : ComputeGrid.points()) {
                Losses losses = point.compute().losses();
                HeapTensor each = HeapTensor.zeros(ROWS);
                double loss = losses.crossEntropy(z, LABELS, options, each);
                assertEquals(naive(wide, LABELS, null, options, false), loss, 3e-6, options.toString());
                double sum = 0;
                for (float one : each.data()) {
                    sum += one;
                }
                assertTrue(options.reduction() == Reduction.MEAN || Math.abs(sum - loss) < 1e-5, "losses " + sum);
                assertEquals(
                        naive(wide, LABELS, null, options, true),
                        losses.negativeLogLikelihood(z, LABELS, options, null),
                        1e-6);
                assertEquals(
                        naive(wide, null, t.data(), options, false), losses.crossEntropy(z, t, options, null), 1e-5);
                assertEquals(
                        ComputeGrid.reference().losses().crossEntropy(z, LABELS, options, null), loss, "at " + point);
            }
        }
    }

    @Test
    void gradients() {
        float[] z = logits();
        HeapTensor logits = HeapTensor.of(z, ROWS, CLASSES);
        HeapTensor t = HeapTensor.of(targets(), ROWS, CLASSES);
        float[] expected = new float[z.length];
        for (LossOptions options : OPTIONS) {
            for (ComputeGrid.Point point : ComputeGrid.points()) {
                Losses losses = point.compute().losses();
                HeapTensor dz = HeapTensor.zeros(ROWS, CLASSES);
                losses.crossEntropyBackward(logits, LABELS, options, 0.7, dz);
                if (point.compute() == ComputeGrid.reference()) {
                    System.arraycopy(dz.data(), 0, expected, 0, expected.length);
                    FiniteDifferences.check("labels", x -> 0.7 * naive(x, LABELS, null, options, false), z, dz.data());
                    losses.crossEntropyBackward(logits, t, options, 0.7, dz);
                    FiniteDifferences.check(
                            "targets", x -> 0.7 * naive(x, null, t.data(), options, false), z, dz.data());
                    losses.negativeLogLikelihoodBackward(logits, LABELS, options, 0.7, dz);
                    FiniteDifferences.check("given", x -> 0.7 * naive(x, LABELS, null, options, true), z, dz.data());
                } else {
                    assertArrayEquals(expected, dz.data(), options + " at " + point);
                }
            }
        }
        HeapTensor inPlace = HeapTensor.of(z.clone(), ROWS, CLASSES);
        LossOptions last = OPTIONS.getLast();
        ComputeGrid.fastest().losses().crossEntropyBackward(inPlace, LABELS, last, 0.7, inPlace);
        assertArrayEquals(expected, inPlace.data());
    }

    @Test
    void oddRows() {
        Losses losses = ComputeGrid.fastest().losses();
        float inf = Float.POSITIVE_INFINITY;
        HeapTensor z = HeapTensor.of(new float[] {-inf, 0, 0, 1e30f, 1, 2, Float.NaN, 1, 2, -inf, -inf, -inf}, 4, 3);
        HeapTensor each = HeapTensor.zeros(4);
        LossOptions none = LossOptions.DEFAULT.withReduction(Reduction.NONE);
        losses.crossEntropy(z, new int[] {1, 0, 0, 0}, none, each);
        assertEquals("[0.6931472, 0.0, NaN, NaN]", Arrays.toString(each.data()));
        losses.crossEntropy(z, new int[] {0, 1, -100, -100}, none, each);
        assertEquals("[Infinity, 1.0E30, 0.0, 0.0]", Arrays.toString(each.data()));
        HeapTensor target = HeapTensor.of(new float[] {0, 0.5f, 0.5f}, 1, 3);
        HeapTensor first = HeapTensor.view(z.data(), 0, 1, 3);
        assertEquals(Math.log(2), losses.crossEntropy(first, target, LossOptions.DEFAULT, null), 1e-6);
        assertEquals(Double.NaN, losses.crossEntropy(z, new int[] {-100, -100, -100, -100}, LossOptions.DEFAULT, null));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Losses losses = ComputeGrid.fastest().losses();
        HeapTensor z = HeapTensor.zeros(2, 3);
        LossOptions options = LossOptions.DEFAULT;
        assertRefused(() -> losses.crossEntropy(z, new int[] {0, 3}, options, null));
        assertRefused(() -> losses.crossEntropy(z, new int[] {0}, options, null));
        assertRefused(() -> losses.crossEntropy(z, new int[2], options.withReduction(Reduction.NONE), null));
        assertRefused(() -> losses.crossEntropy(z, new int[2], options.withClassWeights(1, 2), null));
        assertRefused(() -> losses.crossEntropy(z, HeapTensor.zeros(3, 2), options, null));
        assertRefused(() -> losses.crossEntropy(z, new int[2], options, HeapTensor.zeros(3)));
        assertRefused(() -> options.withLabelSmoothing(1));
    }

    private static void assertRefused(org.junit.jupiter.api.function.Executable call) {
        assertThrows(IllegalArgumentException.class, call);
    }
}
