// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/**
 * Softmax and log-softmax of each row at one temperature.
 *
 * <p>Whole rows are split over the workers. Few long rows are cut inside as well, into the chunks of 4096 elements of
 * which the kernels' canonical sum is made: the maximum of each chunk, then the exponentials and the sum of each chunk
 * (added up in ascending order, as the kernel does for a whole row), then the scaling. Both ways give the same bits.
 *
 * <p>A row that cannot be normalised is left as it is while the others are computed; then the lowest such row is
 * reported. So what a call leaves behind and what it says do not depend on the number of threads, and no pass over all
 * the logits is spent before the first row, which would read them twice from memory.
 */
final class TemperatureSoftmax {
    /** The canonical sum is made of independent chunks of so many elements (see {@link Kernels#expSum}). */
    private static final int CHUNK = 4096;

    /** A few rows per thread are split evenly enough as whole rows. */
    private static final int WHOLE_ROWS_PER_THREAD = 4;

    private static final long MAX_PICOS = 60;
    private static final long EXP_PICOS = 200;
    private static final long SCALE_PICOS = 100;
    private static final long ROW_PICOS = MAX_PICOS + EXP_PICOS + SCALE_PICOS;

    /**
     * Below this a finite logit less the maximum cannot overflow: its distance to -MAX_VALUE rounds to a finite float.
     */
    private static final float LARGEST_SAFE_MAXIMUM = 0x1p102f;

    private final Team team;
    private final RangeTask rowTask = this::computeRows;
    private final RangeTask maximumTask = this::findChunkMaxima;
    private final RangeTask sumTask = this::sumChunks;
    private final RangeTask finishTask = this::finishChunks;

    /** The lowest faulty row that each worker met. */
    private final int[] faultyRows;

    /**
     * Exponentials that only the sum is wanted of, one chunk a worker; made for all workers when it is first needed.
     */
    private float[][] discarded;

    private SoftmaxScale scale = SoftmaxScale.of(1);
    private float scaleTemperature = 1;

    /** The scale before the last: samplers alternate between two temperatures, and neither is made again. */
    private SoftmaxScale otherScale = scale;

    private float otherTemperature = 1;

    private boolean logarithmic;
    private float temperature;
    private float[] x;
    private float[] y;
    private int xOffset;
    private int yOffset;
    private int columns;
    private int chunksPerRow;
    private float[] chunkMaxima = new float[0];
    private double[] chunkSums = new double[0];
    private float[] rowMaxima = new float[0];
    private double[] rowSums = new double[0];

    TemperatureSoftmax(Team team) {
        this.team = team;
        this.faultyRows = new int[team.threads()];
    }

    void softmax(HeapTensor logits, float temperature, HeapTensor probs) {
        apply("softmax", false, logits, temperature, "probs", probs);
    }

    void logSoftmax(HeapTensor logits, float temperature, HeapTensor logProbs) {
        apply("logSoftmax", true, logits, temperature, "logProbs", logProbs);
    }

    private void apply(
            String operation,
            boolean logarithmic,
            HeapTensor logits,
            float temperature,
            String outName,
            HeapTensor out) {
        Require.sameShape(operation, "logits", logits, outName, out);
        Require.sameOrDisjoint(operation, outName, out, "logits", logits);
        if (!(temperature >= 0)) {
            throw new IllegalArgumentException(operation + ": temperature must be in [0, +inf], got " + temperature);
        }
        int rows = logits.rows();
        columns = logits.columns();
        if (columns == 0 && rows > 0) {
            throw new IllegalArgumentException(
                    operation + ": logits " + logits.shape() + " has no candidate in its rows");
        }
        this.logarithmic = logarithmic;
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
        if (logarithmic && discarded == null) {
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
        Kernels kernels = team.kernels(worker);
        for (int row = begin; row < end; row++) {
            int from = row * columns;
            float max = kernels.max(x, xOffset + from, columns);
            if (!LogitErrors.hasFiniteMaximum(max)) {
                faultyRows[worker] = Math.min(faultyRows[worker], row);
            } else if (temperature == 0) {
                shareEqually(from, max);
            } else if (temperature == Float.POSITIVE_INFINITY) {
                shareEqually(from, -Float.MAX_VALUE);
            } else if (inKernelRange()) {
                finish(kernels, from, columns, max, sum(kernels, worker, from, columns, max));
            } else {
                computeInDouble(from, max);
            }
        }
    }

    /**
     * Both limits: equal shares among the logits of a row that are at least {@code threshold}, nothing for the others.
     */
    private void shareEqually(int from, float threshold) {
        int count = 0;
        for (int i = 0; i < columns; i++) {
            if (x[xOffset + from + i] >= threshold) {
                count++;
            }
        }
        float share = logarithmic ? (float) (0.0 - StrictMath.log(count)) : (float) (1.0 / count);
        float nothing = logarithmic ? Float.NEGATIVE_INFINITY : 0;
        for (int i = 0; i < columns; i++) {
            y[yOffset + from + i] = x[xOffset + from + i] >= threshold ? share : nothing;
        }
    }

    /**
     * A row at a temperature that is too extreme for a float's exponent: log2(e)/tau would be infinite or lose its low
     * part. Nobody waits for such a temperature, so the exponentials are computed twice rather than kept.
     */
    private void computeInDouble(int from, float max) {
        double sum = 0;
        for (int i = 0; i < columns; i++) {
            sum += StrictMath.exp(exponent(from + i, max));
        }
        double logSum = StrictMath.log(sum);
        for (int i = 0; i < columns; i++) {
            double exponent = exponent(from + i, max);
            y[yOffset + from + i] = (float) (logarithmic ? exponent - logSum : StrictMath.exp(exponent) / sum);
        }
    }

    private double exponent(int i, float max) {
        return ((double) x[xOffset + i] - max) / temperature;
    }

    // Chunks of rows: item = row * chunksPerRow + chunk

    private void computeChunks(int rows) {
        chunksPerRow = Math.ceilDiv(columns, CHUNK);
        int items = rows * chunksPerRow;
        if (chunkMaxima.length < items) {
            chunkMaxima = new float[items];
            chunkSums = new double[items];
        }
        if (rowMaxima.length < rows) {
            rowMaxima = new float[rows];
            rowSums = new double[rows];
        }
        team.run(items, MAX_PICOS * CHUNK, 1, maximumTask);
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
        team.run(items, EXP_PICOS * CHUNK, 1, sumTask);
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int c = 0; c < chunksPerRow; c++) {
                sum += chunkSums[row * chunksPerRow + c];
            }
            rowSums[row] = sum;
        }
        team.run(items, SCALE_PICOS * CHUNK, 1, finishTask);
    }

    private void findChunkMaxima(int worker, int begin, int end) {
        for (int item = begin; item < end; item++) {
            chunkMaxima[item] = team.kernels(worker).max(x, xOffset + chunkStart(item), chunkLength(item));
        }
    }

    private void sumChunks(int worker, int begin, int end) {
        for (int item = begin; item < end; item++) {
            float max = rowMaxima[item / chunksPerRow];
            if (LogitErrors.hasFiniteMaximum(max)) {
                chunkSums[item] = sum(team.kernels(worker), worker, chunkStart(item), chunkLength(item), max);
            }
        }
    }

    private void finishChunks(int worker, int begin, int end) {
        for (int item = begin; item < end; item++) {
            int row = item / chunksPerRow;
            float max = rowMaxima[row];
            if (LogitErrors.hasFiniteMaximum(max)) {
                finish(team.kernels(worker), chunkStart(item), chunkLength(item), max, rowSums[row]);
            }
        }
    }

    private int chunkStart(int item) {
        return (item / chunksPerRow) * columns + (item % chunksPerRow) * CHUNK;
    }

    private int chunkLength(int item) {
        return Math.min(CHUNK, columns - (item % chunksPerRow) * CHUNK);
    }

    // Both

    /** The canonical sum of the exponentials; softmax keeps these in y, log-softmax throws them away chunk by chunk. */
    private double sum(Kernels kernels, int worker, int from, int length, float max) {
        double sum = 0;
        for (int i = 0; i < length; i += CHUNK) {
            int n = Math.min(CHUNK, length - i);
            float[] e = logarithmic ? discarded[worker] : y;
            int eOffset = logarithmic ? 0 : yOffset + from + i;
            sum += kernels.expSum(x, xOffset + from + i, e, eOffset, n, max, scale);
        }
        return sum;
    }

    private void finish(Kernels kernels, int from, int length, float max, double sum) {
        if (!logarithmic) {
            kernels.scale(y, yOffset + from, y, yOffset + from, length, (float) (1 / sum));
        } else if (max <= LARGEST_SAFE_MAXIMUM) {
            float logSum = (float) StrictMath.log(sum);
            kernels.logProbs(x, xOffset + from, y, yOffset + from, length, max, 1 / temperature, logSum);
        } else {
            double logSum = StrictMath.log(sum);
            for (int i = 0; i < length; i++) {
                y[yOffset + from + i] = (float) (exponent(from + i, max) - logSum);
            }
        }
    }
}
