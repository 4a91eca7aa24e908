// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.ops.Compute;
import dev.kelvin.ops.ComputeGrid;
import dev.kelvin.ops.CrossEntropyOptions;
import dev.kelvin.ops.CrossEntropyOptions.Reduction;
import dev.kelvin.tensor.HeapTensor;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The fused loss against the textbook in double, its gradient against differences, and its bits against themselves. */
class CrossEntropyTest {
    private static final int ROWS = 11;
    private static final int DIM = 19;
    private static final int VOCAB = 1037;

    private static final List<CrossEntropyOptions> OPTIONS = List.of(
            CrossEntropyOptions.DEFAULT,
            CrossEntropyOptions.DEFAULT.withReduction(Reduction.SUM),
            CrossEntropyOptions.DEFAULT.withIgnoreIndex(-1).withLabelSmoothing(0.1f),
            CrossEntropyOptions.DEFAULT.withZLoss(1e-2f),
            new CrossEntropyOptions(Reduction.SUM, -7, 0.3f, 1e-3f));

    private static float[] random(long seed, int length, double scale) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) (random.nextGaussian() * scale);
        }
        return values;
    }

    /** Labels of which some are ignored. */
    private static int[] labels(long seed, int rows, int vocabSize, int ignoreIndex) {
        Random random = new Random(seed);
        int[] labels = new int[rows];
        for (int i = 0; i < rows; i++) {
            labels[i] = i % 4 == 1 ? ignoreIndex : random.nextInt(vocabSize);
        }
        return labels;
    }

    /** One case: what goes in, and what comes out of the fused implementation. */
    private static final class Case {
        final float[] hidden;
        final float[] weight;
        final int[] labels;
        final int rows;
        final int dim;
        final int vocabSize;
        final CrossEntropyOptions options;
        float[] dHidden;
        float[] dWeight;
        double forward;
        double loss;

        Case(int rows, int dim, int vocabSize, CrossEntropyOptions options) {
            this.rows = rows;
            this.dim = dim;
            this.vocabSize = vocabSize;
            this.options = options;
            hidden = random(rows, rows * dim, 1);
            weight = random(vocabSize, vocabSize * dim, 0.5);
            labels = labels(dim, rows, vocabSize, options.ignoreIndex());
        }

        Case run(Compute compute, float temperature, int scratchFloats) {
            CrossEntropy loss = new CrossEntropy(compute, options, scratchFloats);
            HeapTensor h = HeapTensor.of(hidden, rows, dim);
            HeapTensor w = HeapTensor.of(weight, vocabSize, dim);
            HeapTensor dH = HeapTensor.of(random(1, rows * dim, 1), rows, dim);
            HeapTensor dW = HeapTensor.zeros(vocabSize, dim);
            this.forward = loss.forward(h, w, labels, temperature);
            this.loss = loss.forwardBackward(h, w, labels, temperature, dH, dW);
            this.dHidden = dH.data();
            this.dWeight = dW.data();
            return this;
        }

        NaiveCrossEntropy naive() {
            return new NaiveCrossEntropy(hidden, weight, labels, dim, options);
        }
    }

    @Test
    void lossAndGradientAreWithinTheirBoundOfTheTextbook() {
        for (CrossEntropyOptions options : OPTIONS) {
            for (float temperature : new float[] {0.5f, 1, 3}) {
                Case fused = new Case(ROWS, DIM, VOCAB, options);
                fused.run(ComputeGrid.fastest(), temperature, 8 * VOCAB);
                NaiveCrossEntropy naive = fused.naive();
                naive.compute(temperature);
                String what = options + " at " + temperature;
                assertEquals(naive.loss, fused.loss, naive.lossBound, what);
                assertEquals(fused.forward, fused.loss, what);
                within(naive.dHidden, fused.dHidden, naive.dHiddenBound, what + " dHidden");
                within(naive.dWeight, fused.dWeight, naive.dWeightBound, what + " dWeight");
            }
        }
    }

    private static void within(double[] expected, float[] actual, double[] bound, String what) {
        for (int i = 0; i < expected.length; i++) {
            int at = i;
            assertTrue(
                    Math.abs(expected[i] - actual[i]) <= bound[i],
                    () -> what + "[" + at + "] is " + actual[at] + ", exact " + expected[at] + ", bound " + bound[at]);
        }
    }

    @Test
    void gradientIsThatOfDifferences() {
        double step = 1e-5;
        for (CrossEntropyOptions options : OPTIONS) {
            Case fused = new Case(5, 3, 31, options).run(ComputeGrid.fastest(), 0.7f, 8 * 31);
            NaiveCrossEntropy naive = fused.naive();
            differences(naive, naive.hidden, fused.dHidden, step, options + " dHidden");
            differences(naive, naive.weight, fused.dWeight, step, options + " dWeight");
        }
    }

    private static void differences(
            NaiveCrossEntropy naive, double[] parameters, float[] gradient, double step, String what) {
        double error = 0;
        double norm = 0;
        for (int i = 0; i < parameters.length; i++) {
            double value = parameters[i];
            parameters[i] = value + step;
            double above = naive.loss(0.7f);
            parameters[i] = value - step;
            double below = naive.loss(0.7f);
            parameters[i] = value;
            double expected = (above - below) / (2 * step);
            error = Math.hypot(error, gradient[i] - expected);
            norm = Math.hypot(norm, expected);
        }
        assertTrue(error <= 1e-4 * norm, what + ": off by " + error + " of " + norm);
    }

    /** Threads, lanes and the size of a block show in no bit. */
    @Test
    void sameBitsEverywhere() {
        CrossEntropyOptions options = new CrossEntropyOptions(Reduction.MEAN, -100, 0.1f, 1e-4f);
        Case expected = new Case(37, DIM, 4243, options).run(ComputeGrid.reference(), 0.8f, 1 << 20);
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            for (int blockRows : new int[] {8, 16, 32, 40}) {
                String what = point + ", blocks of " + blockRows + " rows (again: -Dtest=CrossEntropyTest)";
                Case actual = new Case(37, DIM, 4243, options).run(point.compute(), 0.8f, blockRows * 4243);
                assertEquals(expected.loss, actual.loss, what);
                assertEquals(expected.forward, actual.forward, what);
                assertSameBits(expected.dHidden, actual.dHidden, what);
                assertSameBits(expected.dWeight, actual.dWeight, what);
            }
        }
    }

    private static void assertSameBits(float[] expected, float[] actual, String what) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(actual[i]), what);
        }
    }

    /** Rows of a batch cut in two calls, the gradient of the second added to that of the first. */
    @Test
    void weightGradientAccumulatesAcrossCalls() {
        CrossEntropyOptions options = CrossEntropyOptions.DEFAULT.withReduction(Reduction.SUM);
        Case whole = new Case(ROWS, DIM, VOCAB, options).run(ComputeGrid.fastest(), 1.5f, 1 << 20);
        CrossEntropy loss = new CrossEntropy(ComputeGrid.fastest(), options);
        HeapTensor w = HeapTensor.of(whole.weight, VOCAB, DIM);
        HeapTensor dW = HeapTensor.zeros(VOCAB, DIM);
        double sum = 0;
        for (int[] range : new int[][] {{0, 4}, {4, ROWS}}) {
            HeapTensor h = HeapTensor.of(whole.hidden, ROWS, DIM).rowRange(range[0], range[1]);
            int[] labels = Arrays.copyOfRange(whole.labels, range[0], range[1]);
            sum += loss.forwardBackward(h, w, labels, 1.5f, h, dW);
        }
        assertEquals(whole.loss, sum, 1e-12 * sum);
        assertSameBits(whole.dWeight, dW.data(), "dWeight");
        assertSameBits(whole.dHidden, whole.hidden, "dHidden over hidden");
    }

    @Test
    void upstreamGradientMultiplies() {
        Case fused = new Case(ROWS, DIM, VOCAB, CrossEntropyOptions.DEFAULT).run(ComputeGrid.fastest(), 1, 1 << 20);
        HeapTensor dH = HeapTensor.zeros(ROWS, DIM);
        HeapTensor dW = HeapTensor.zeros(VOCAB, DIM);
        double loss = new CrossEntropy(ComputeGrid.fastest())
                .backward(
                        HeapTensor.of(fused.hidden, ROWS, DIM),
                        HeapTensor.of(fused.weight, VOCAB, DIM),
                        fused.labels,
                        1,
                        0.25,
                        dH,
                        dW);
        assertEquals(fused.loss, loss);
        // A power of two changes no digit.
        for (int i = 0; i < dW.data().length; i++) {
            assertEquals(fused.dWeight[i] / 4, dW.data()[i]);
        }
        for (int i = 0; i < dH.data().length; i++) {
            assertEquals(fused.dHidden[i] / 4, dH.data()[i]);
        }
    }

    @Test
    void ignoredRowsHaveNoGradient() {
        Case fused = new Case(ROWS, DIM, VOCAB, OPTIONS.get(4)).run(ComputeGrid.fastest(), 1, 1 << 20);
        for (int row = 1; row < ROWS; row += 4) {
            float[] gradient = Arrays.copyOfRange(fused.dHidden, row * DIM, (row + 1) * DIM);
            for (float each : gradient) {
                assertEquals(0, Math.abs(each), "row " + row);
            }
        }
    }

    /** At a high temperature the loss is log V; a hidden state far along the label's weight makes it vanish. */
    @Test
    void knownLosses() {
        CrossEntropy loss = new CrossEntropy(ComputeGrid.fastest());
        HeapTensor hidden = HeapTensor.of(new float[] {1, 0}, 1, 2);
        HeapTensor weight = HeapTensor.of(new float[] {200, 0, 0, 1, 0, 2, 3, 4}, 4, 2);
        assertEquals(Math.log(4), loss.forward(hidden, weight, new int[] {2}, 0x1p100f), 1e-6);
        assertEquals(0, loss.forward(hidden, weight, new int[] {0}, 1), 1e-30);
        assertEquals(200, loss.forward(hidden, weight, new int[] {1}, 1), 1e-4);
        assertEquals(400, loss.forward(hidden, weight, new int[] {1}, 0.5f), 1e-4);
    }

    @Test
    void invalidLogitsAreNamed() {
        Case bad = new Case(9, 4, 50, CrossEntropyOptions.DEFAULT);
        bad.weight[7 * 4] = Float.NaN;
        bad.weight[9 * 4] = Float.NaN;
        Arrays.fill(bad.hidden, 0, 8 * 4, 0.5f);
        refuses(
                "crossEntropy: logits[row 0] has NaN at index 7 (2 of 50 are NaN or +inf)",
                () -> bad.run(ComputeGrid.fastest(), 1, 8 * 50));
        bad.weight[7 * 4] = 1;
        bad.weight[9 * 4] = 1;
        bad.hidden[8 * 4 + 1] = Float.NaN;
        refuses(
                "crossEntropy: logits[row 8] has NaN at index 0 (50 of 50 are NaN or +inf)",
                () -> bad.run(ComputeGrid.fastest(), 1, 8 * 50));
    }

    @Test
    void refusals() {
        CrossEntropy loss = new CrossEntropy(ComputeGrid.fastest());
        HeapTensor h = HeapTensor.zeros(2, 3);
        HeapTensor w = HeapTensor.zeros(5, 3);
        int[] labels = {4, -100};
        refuses(
                "crossEntropy: hidden [2, 3] and weight [5, 4] must be [N, D] and [V, D]",
                () -> loss.forward(h, HeapTensor.zeros(5, 4), labels, 1));
        refuses(
                "crossEntropy: hidden [2, 3] and labels [1] must have as many rows",
                () -> loss.forward(h, w, new int[1], 1));
        refuses(
                "crossEntropy: labels[1] is 5, neither a row of weight [5, 3] nor ignoreIndex -100",
                () -> loss.forward(h, w, new int[] {0, 5}, 1));
        refuses(
                "crossEntropy: no mean of no row: all 2 labels are ignored",
                () -> loss.forward(h, w, new int[] {-100, -100}, 1));
        refuses(
                "crossEntropy: temperature must be in [2^-100, 2^100], where loss and gradient are finite, got 0.0",
                () -> loss.forward(h, w, labels, 0));
        refuses(
                "crossEntropy: hidden [2, 3] and dHidden [3, 3] must have the same shape",
                () -> loss.forwardBackward(h, w, labels, 1, HeapTensor.zeros(3, 3), HeapTensor.zeros(5, 3)));
        refuses(
                "crossEntropy: weight [5, 3] and dWeight [5, 4] must have the same shape",
                () -> loss.forwardBackward(h, w, labels, 1, h, HeapTensor.zeros(5, 4)));
        refuses("crossEntropy: dWeight must not overlap weight", () -> loss.forwardBackward(h, w, labels, 1, h, w));
        float[] shared = new float[40];
        refuses(
                "crossEntropy: dHidden must not overlap hidden",
                () -> loss.forwardBackward(
                        HeapTensor.view(shared, 0, 2, 3), w, labels, 1, HeapTensor.view(shared, 3, 2, 3), w));
        refuses(
                "crossEntropy: dWeight must not overlap hidden",
                () -> loss.forwardBackward(
                        HeapTensor.view(shared, 0, 2, 3),
                        w,
                        labels,
                        1,
                        HeapTensor.zeros(2, 3),
                        HeapTensor.view(shared, 5, 5, 3)));
        refuses(
                "crossEntropy: labelSmoothing must be in [0, 1), got 1.0",
                () -> CrossEntropyOptions.DEFAULT.withLabelSmoothing(1));
        refuses(
                "crossEntropy: zLoss must be in [0, +inf), got NaN",
                () -> CrossEntropyOptions.DEFAULT.withZLoss(Float.NaN));
        refuses(
                "crossEntropy: ignoreIndex must be negative, so that it is no token id, got 0",
                () -> CrossEntropyOptions.DEFAULT.withIgnoreIndex(0));
        assertEquals(
                0,
                new CrossEntropy(ComputeGrid.fastest(), CrossEntropyOptions.DEFAULT.withReduction(Reduction.SUM))
                        .forward(h, w, new int[] {-100, -100}, 1));
    }

    private static void refuses(String message, Runnable operation) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, operation::run).getMessage());
    }

    /**
     * With a vocabulary of 50,304, everything that is made for a call stays below 64 MiB, once; a second call makes
     * nothing. With plain loops: vectors are objects until the compiler has seen them.
     */
    @Test
    void memoryIsBounded() {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int rows = 300;
        int dim = 8;
        int vocabSize = 50_304;
        HeapTensor h = HeapTensor.of(random(1, rows * dim, 1), rows, dim);
        HeapTensor w = HeapTensor.of(random(2, vocabSize * dim, 1), vocabSize, dim);
        HeapTensor dH = HeapTensor.zeros(rows, dim);
        HeapTensor dW = HeapTensor.zeros(vocabSize, dim);
        int[] labels = labels(3, rows, vocabSize, -100);
        CrossEntropy loss = new CrossEntropy(ComputeGrid.reference());
        long start = threads.getTotalThreadAllocatedBytes();
        loss.forwardBackward(h, w, labels, 1, dH, dW);
        long once = threads.getTotalThreadAllocatedBytes();
        loss.forwardBackward(h, w, labels, 1, dH, dW);
        long twice = threads.getTotalThreadAllocatedBytes();
        assertTrue(once - start <= 64 << 20, () -> (once - start) + " bytes");
        assertTrue(once - start >= 40 << 20, () -> (once - start) + " bytes: the block of logits was not seen");
        assertTrue(twice - once <= 20_000, () -> (twice - once) + " bytes in a second call");
    }

    /** Not one object a call, for as long as a training loop keeps its tensors. */
    @Test
    void steadyCallsAllocateNothing() {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        Case small = new Case(ROWS, 3, 50, OPTIONS.get(4));
        HeapTensor h = HeapTensor.of(small.hidden, ROWS, 3);
        HeapTensor w = HeapTensor.of(small.weight, 50, 3);
        HeapTensor dH = HeapTensor.zeros(ROWS, 3);
        HeapTensor dW = HeapTensor.zeros(50, 3);
        CrossEntropy loss = new CrossEntropy(ComputeGrid.reference(), small.options, 8 * 50);
        int calls = 1_000;
        long before = 0;
        for (int i = -100; i < calls; i++) {
            if (i == 0) {
                before = threads.getTotalThreadAllocatedBytes();
            }
            loss.forwardBackward(h, w, small.labels, 1, dH, dW);
        }
        long bytes = threads.getTotalThreadAllocatedBytes() - before;
        assertTrue(bytes < 10_000, () -> bytes + " bytes in " + calls + " calls; an object each would be 16,000");
    }
}
