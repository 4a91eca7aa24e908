// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.SoftmaxChunk;
import dev.kelvin.kernel.SoftmaxKernels;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.kernel.composed.SoftmaxRow;
import dev.kelvin.kernel.scalar.ScalarSoftmax;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/**
 * Softmax, log-softmax and log-sum-exp of each row at one temperature.
 *
 * <p>Whole rows are split over the workers. Few long rows are cut inside as well, into the chunks of which a softmax is
 * made: the maximum of each chunk, then its numerators and their sum (added up in ascending order, as in a whole row),
 * then the probabilities. Both ways give the same bits.
 *
 * <p>A row that cannot be normalised is left as it is while the others are computed; then the lowest such row is
 * reported. So what a call leaves behind and what it says do not depend on the number of threads, and no pass over all
 * the logits is spent before the first row, which would read them twice from memory.
 */
final class TemperatureSoftmax {
    private static final int CHUNK = SoftmaxKernels.CHUNK;

    /** A few rows per thread are split evenly enough as whole rows. */
    private static final int WHOLE_ROWS_PER_THREAD = 4;

    private static final long ROW_PICOS = Cost.MAXIMUM.picos() + Cost.NUMERATOR.picos() + Cost.PROBABILITY.picos();

    /**
     * Below this a finite logit less the maximum cannot overflow: its distance to -MAX_VALUE rounds to a finite float.
     */
    private static final float LARGEST_SAFE_MAXIMUM = 0x1p102f;

    /** What is made of a row: as many probabilities or log-probabilities, or one logarithm. */
    private enum Result {
        PROBS,
        LOG_PROBS,
        LOG_SUM_EXP
    }

    private final Team team;
    private final RangeTask rowTask = this::computeRows;
    private final RangeTask maximumTask = this::findChunkMaxima;
    private final RangeTask sumTask = this::sumChunks;
    private final RangeTask finishTask = this::finishChunks;

    /** The lowest faulty row that each worker met. */
    private final int[] faultyRows;

    private final SoftmaxRow[] rowsOfWorkers;

    /** Numerators that only the sum is wanted of, one chunk a worker; made when it is first needed. */
    private float[][] discarded;

    private SoftmaxScale scale = SoftmaxScale.ONE;
    private float scaleTemperature = 1;

    /** The scale before the last: samplers alternate between two temperatures, and neither is made again. */
    private SoftmaxScale otherScale = scale;

    private float otherTemperature = 1;

    private Result result;
    private float temperature;
    private float[] x;
    private float[] y;
    private int xOffset;
    private int yOffset;
    private int columns;
    private int chunksPerRow;
    private float[] chunkMaxima = new float[0];
    private int[] chunkBases = new int[0];
    private double[] chunkSums = new double[0];
    private float[] rowMaxima = new float[0];
    private double[] rowSums = new double[0];

    TemperatureSoftmax(Team team) {
        this.team = team;
        this.faultyRows = new int[team.threads()];
        this.rowsOfWorkers = new SoftmaxRow[team.threads()];
        for (int worker = 0; worker < rowsOfWorkers.length; worker++) {
            rowsOfWorkers[worker] = new SoftmaxRow(team.kernels(worker));
        }
    }

    void softmax(HeapTensor logits, float temperature, HeapTensor probs) {
        checkShapes("softmax", logits, "probs", probs);
        apply("softmax", Result.PROBS, logits, temperature, probs);
    }

    void logSoftmax(HeapTensor logits, float temperature, HeapTensor logProbs) {
        checkShapes("logSoftmax", logits, "logProbs", logProbs);
        apply("logSoftmax", Result.LOG_PROBS, logits, temperature, logProbs);
    }

    void logSumExp(HeapTensor logits, float temperature, HeapTensor out) {
        if (out.shape().elements() != logits.rows()) {
            throw Require.mismatch("logSumExp", "one element of out a row of logits", "logits", logits, "out", out);
        }
        Require.disjoint("logSumExp", "out", out, "logits", logits);
        apply("logSumExp", Result.LOG_SUM_EXP, logits, temperature, out);
    }

    private static void checkShapes(String operation, HeapTensor logits, String outName, HeapTensor out) {
        Require.sameShape(operation, "logits", logits, outName, out);
        Require.sameOrDisjoint(operation, outName, out, "logits", logits);
    }

    private void apply(String operation, Result result, HeapTensor logits, float temperature, HeapTensor out) {
        if (!(temperature >= 0)) {
            throw new IllegalArgumentException(operation + ": temperature must be in [0, +inf], got " + temperature);
        }
        int rows = logits.rows();
        columns = logits.columns();
        if (columns == 0 && rows > 0) {
            throw new IllegalArgumentException(
                    operation + ": logits " + logits.shape() + " has no candidate in its rows");
        }
        this.result = result;
        this.temperature = temperature;
        x = logits.data();
        xOffset = logits.offset();
        y = out.data();
        yOffset = out.offset();
        if (inKernelRange() && temperature != scaleTemperature) {
            SoftmaxScale wanted = temperature == otherTemperature ? otherScale : SoftmaxScale.of(temperature);
            otherScale = scale;
            otherTemperature = scaleTemperature;
            scale = wanted;
            scaleTemperature = temperature;
        }
        if (result != Result.PROBS && discarded == null) {
            discarded = new float[team.threads()][CHUNK];
        }
        Arrays.fill(faultyRows, Integer.MAX_VALUE);
        try {
            if (cutsRows(rows)) {
                computeChunks(rows);
            } else {
                team.run(rows, ROW_PICOS * columns, 1, rowTask);
            }
        } finally {
            x = null;
            y = null;
        }
        int faulty = Integer.MAX_VALUE;
        for (int row : faultyRows) {
            faulty = Math.min(faulty, row);
        }
        if (faulty != Integer.MAX_VALUE) {
            throw LogitErrors.of(operation, "logits[row " + faulty + "]", logits, faulty);
        }
    }

    /** Whether the kernel takes this temperature; the two limits and what lies next to them are computed here. */
    private boolean inKernelRange() {
        return temperature != 0 && SoftmaxScale.covers(temperature);
    }

    private boolean cutsRows(int rows) {
        return inKernelRange()
                && columns > CHUNK
                && rows < WHOLE_ROWS_PER_THREAD * team.threads()
                && team.worthSharing(ROW_PICOS * columns * rows);
    }

    // Whole rows

    private void computeRows(int worker, int begin, int end) {
        SoftmaxRow softmax = rowsOfWorkers[worker];
        for (int row = begin; row < end; row++) {
            int from = row * columns;
            float max = softmax.max(x, xOffset + from, columns);
            if (!LogitErrors.hasFiniteMaximum(max)) {
                faultyRows[worker] = Math.min(faultyRows[worker], row);
            } else if (temperature == 0) {
                shareEqually(row, max, max);
            } else if (temperature == Float.POSITIVE_INFINITY) {
                shareEqually(row, -Float.MAX_VALUE, max);
            } else if (!inKernelRange()) {
                computeInDouble(row, max);
            } else if (result == Result.PROBS) {
                softmax.numerators(x, xOffset + from, y, yOffset + from, columns, scale);
                softmax.probabilities(y, yOffset + from, y, yOffset + from, columns, 1);
            } else {
                softmax.sum(x, xOffset + from, columns, scale);
                finish(team.kernels(worker), row, 0, columns, max, softmax.logSum(scale));
            }
        }
    }

    /**
     * Both limits: equal shares among the logits of a row that are at least {@code threshold}, nothing for the others.
     */
    private void shareEqually(int row, float threshold, float max) {
        int from = xOffset + row * columns;
        int count = 0;
        for (int i = 0; i < columns; i++) {
            if (x[from + i] >= threshold) {
                count++;
            }
        }
        if (result == Result.LOG_SUM_EXP) {
            y[yOffset + row] = logSumExp(max, StrictMath.log(count));
            return;
        }
        boolean logarithmic = result == Result.LOG_PROBS;
        float share = logarithmic ? (float) (0.0 - StrictMath.log(count)) : (float) (1.0 / count);
        float nothing = logarithmic ? Float.NEGATIVE_INFINITY : 0;
        int to = yOffset + row * columns;
        for (int i = 0; i < columns; i++) {
            y[to + i] = x[from + i] >= threshold ? share : nothing;
        }
    }

    /** max/τ + logSum, where 0/0 is the limit of 0/τ. */
    private float logSumExp(float max, double logSum) {
        return (float) ((max == 0 ? 0 : max / (double) temperature) + logSum);
    }

    /**
     * A row at a temperature that is too extreme for a float's exponent: log2(e)/tau would be infinite or lose its low
     * part. Nobody waits for such a temperature, so the exponentials are computed twice rather than kept.
     */
    private void computeInDouble(int row, float max) {
        int from = row * columns;
        double sum = 0;
        for (int i = 0; i < columns; i += CHUNK) {
            int length = Math.min(CHUNK, columns - i);
            float chunkMax = team.kernels(0).rows().max(x, xOffset + from + i, length);
            if (chunkMax != Float.NEGATIVE_INFINITY) {
                double chunkSum = sumInDouble(x, xOffset + from + i, length, chunkMax, temperature);
                sum += chunkSum * exp(chunkMax, max, temperature);
            }
        }
        double logSum = StrictMath.log(sum);
        if (result == Result.LOG_SUM_EXP) {
            y[yOffset + row] = logSumExp(max, logSum);
            return;
        }
        for (int i = 0; i < columns; i++) {
            double exponent = exponent(from + i, max);
            boolean logarithmic = result == Result.LOG_PROBS;
            y[yOffset + from + i] = (float) (logarithmic ? exponent - logSum : StrictMath.exp(exponent) / sum);
        }
    }

    private double exponent(int i, float max) {
        return ((double) x[xOffset + i] - max) / temperature;
    }

    /** The sum of the exponentials of a chunk, relative to its own maximum. */
    static double sumInDouble(float[] x, int offset, int length, float max, float temperature) {
        double sum = 0;
        for (int i = offset; i < offset + length; i++) {
            sum += exp(x[i], max, temperature);
        }
        return sum;
    }

    /** exp((x − max)/τ). */
    static double exp(float x, float max, float temperature) {
        return StrictMath.exp(((double) x - max) / temperature);
    }

    /**
     * The log-probability of one logit, in the arithmetic of {@link #logSoftmax}, that of
     * {@link SoftmaxKernels#logProbs} written out: lanes called for one element would box their vectors.
     */
    static float logProb(float logit, float max, float temperature, double logSum) {
        if (!SoftmaxScale.covers(temperature) || max > LARGEST_SAFE_MAXIMUM) {
            return (float) (((double) logit - max) / temperature - logSum);
        }
        return Math.fma(logit - max, 1 / temperature, -(float) logSum);
    }

    // Chunks of rows: item = row * chunksPerRow + chunk

    private void computeChunks(int rows) {
        chunksPerRow = Math.ceilDiv(columns, CHUNK);
        int items = rows * chunksPerRow;
        if (chunkMaxima.length < items) {
            chunkBases = new int[items];
            chunkSums = new double[items];
            chunkMaxima = new float[items]; // the one whose length is asked: last, should memory end before
        }
        if (rowMaxima.length < rows) {
            rowSums = new double[rows];
            rowMaxima = new float[rows];
        }
        team.run(items, Cost.MAXIMUM.picos() * CHUNK, 1, maximumTask);
        for (int row = 0; row < rows; row++) {
            float max = Float.NEGATIVE_INFINITY;
            for (int c = 0; c < chunksPerRow; c++) {
                max = Math.max(max, chunkMaxima[row * chunksPerRow + c]);
            }
            rowMaxima[row] = max;
            if (!LogitErrors.hasFiniteMaximum(max)) {
                faultyRows[0] = Math.min(faultyRows[0], row);
            }
        }
        team.run(items, Cost.NUMERATOR.picos() * CHUNK, 1, sumTask);
        for (int row = 0; row < rows; row++) {
            float max = rowMaxima[row];
            if (LogitErrors.hasFiniteMaximum(max)) {
                int begin = row * chunksPerRow;
                int base = scale.base(max, max);
                double sum = ScalarSoftmax.rowSum(chunkSums, chunkBases, begin, begin + chunksPerRow, base);
                rowSums[row] = result == Result.PROBS ? sum : ScalarSoftmax.logSum(sum, max, scale);
            }
        }
        if (result == Result.LOG_SUM_EXP) {
            for (int row = 0; row < rows; row++) {
                if (LogitErrors.hasFiniteMaximum(rowMaxima[row])) {
                    y[yOffset + row] = logSumExp(rowMaxima[row], rowSums[row]);
                }
            }
        } else {
            team.run(items, Cost.PROBABILITY.picos() * CHUNK, 1, finishTask);
        }
    }

    private void findChunkMaxima(int worker, int begin, int end) {
        for (int item = begin; item < end; item++) {
            chunkMaxima[item] = team.kernels(worker).rows().max(x, xOffset + chunkStart(item), chunkLength(item));
        }
    }

    private void sumChunks(int worker, int begin, int end) {
        for (int item = begin; item < end; item++) {
            float max = rowMaxima[item / chunksPerRow];
            if (LogitErrors.hasFiniteMaximum(max)) {
                int start = chunkStart(item);
                int base = scale.base(chunkMaxima[item], max);
                float[] e = result == Result.PROBS ? y : discarded[worker];
                int eOffset = result == Result.PROBS ? yOffset + start : 0;
                Kernels kernels = team.kernels(worker);
                chunkBases[item] = base;
                chunkSums[item] = SoftmaxChunk.numerators(
                        kernels, x, xOffset + start, e, eOffset, chunkLength(item), base, max, scale);
            }
        }
    }

    private void finishChunks(int worker, int begin, int end) {
        for (int item = begin; item < end; item++) {
            int row = item / chunksPerRow;
            float max = rowMaxima[row];
            if (!LogitErrors.hasFiniteMaximum(max)) {
                continue;
            }
            Kernels kernels = team.kernels(worker);
            int length = chunkLength(item);
            if (result == Result.PROBS) {
                int at = yOffset + chunkStart(item);
                double factor = SoftmaxChunk.inRow(1 / rowSums[row], chunkBases[item], scale.base(max, max));
                kernels.softmax().probabilities(y, at, y, at, length, factor);
            } else {
                finish(kernels, row, (item % chunksPerRow) * CHUNK, length, max, rowSums[row]);
            }
        }
    }

    private int chunkStart(int item) {
        return (item / chunksPerRow) * columns + (item % chunksPerRow) * CHUNK;
    }

    private int chunkLength(int item) {
        return Math.min(CHUNK, columns - (item % chunksPerRow) * CHUNK);
    }

    /** The logarithmic results of a row, from its element {@code begin} on. */
    private void finish(Kernels kernels, int row, int begin, int length, float max, double logSum) {
        int from = row * columns + begin;
        if (result == Result.LOG_SUM_EXP) {
            y[yOffset + row] = logSumExp(max, logSum);
        } else if (max <= LARGEST_SAFE_MAXIMUM) {
            float inverse = 1 / temperature;
            kernels.softmax().logProbs(x, xOffset + from, y, yOffset + from, length, max, inverse, (float) logSum);
        } else {
            for (int i = 0; i < length; i++) {
                y[yOffset + from + i] = (float) (exponent(from + i, max) - logSum);
            }
        }
    }
}
