// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.SoftmaxChunk;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.kernel.scalar.ScalarSoftmax;
import java.util.Arrays;

/**
 * What is kept of rows of logits for a pick: of each chunk of 4096 its maximum and the canonical sum of its
 * exponentials, of each block of 512 the sum of its exponentials. Item c of row r is {@code r · chunks + c}.
 *
 * <p>Draws descend by shares: u times the sum of the chunks falls into one chunk and leaves a share of it in [0, 1);
 * that share of the sum of the chunk's blocks falls into one block, and so on. So no level needs to know how the sum of
 * the level above was rounded. The probability of a token is off by a relative 2⁻²⁰ at most.
 */
final class ChunkSums {
    private static final int CHUNK = 4096;
    private static final int BLOCK = 512;
    private static final int BLOCKS = CHUNK / BLOCK;

    /**
     * Weights below this are none: the softmax raises what is far below the maximum, masks included, to a numerator of
     * about 2⁻¹²⁴, while the largest is about 2³², and no draw, a multiple of 2⁻⁵³, is meant for what lies between.
     */
    private static final double NEGLIGIBLE = 0x1p-64;

    /** So many powers of two below the row's maximum, a chunk adds nothing to a sum. */
    private static final double NEGLIGIBLE_OCTAVES = 250;

    /** Exponentials of a chunk, a worker. */
    private final float[][] exponentials;

    /** How each row is weighed; kept from call to call, since temperatures rarely change. */
    private Weighing[] weighings = new Weighing[0];

    private int vocabSize;
    private int chunks;

    private float[] maxima = new float[0];
    private int[] bases = new int[0];
    private double[] sums = new double[0];
    private float[] blockSums = new float[0];

    /** Tied maxima in a chunk, or logits that are not −∞, or, where the maximum is NaN or +∞, those at fault. */
    private int[] counts = new int[0];

    /** The lowest index in the row of a chunk's maximum, or of what is at fault. */
    private int[] firsts = new int[0];

    private float[] rowMaxima = new float[0];
    private double[] rowSums = new double[0];
    private double[] rowLogSums = new double[0];
    private double[] shares = new double[0];
    private int[] drawnItems = new int[0];
    private float[] pickedLogits = new float[0];

    ChunkSums(int threads) {
        this.exponentials = new float[threads][CHUNK];
    }

    void prepare(int rows, int vocabSize, float[] temperatures) {
        this.vocabSize = vocabSize;
        this.chunks = Math.ceilDiv(vocabSize, CHUNK);
        int items = Math.multiplyExact(rows, chunks);
        // The array whose length is asked comes last: should memory end before, the next call tries again.
        if (maxima.length < items) {
            bases = new int[items];
            sums = new double[items];
            counts = new int[items];
            firsts = new int[items];
            blockSums = new float[Math.multiplyExact(items, BLOCKS)];
            maxima = new float[items];
        }
        if (rowMaxima.length < rows) {
            rowSums = new double[rows];
            rowLogSums = new double[rows];
            shares = new double[rows];
            drawnItems = new int[rows];
            pickedLogits = new float[rows];
            rowMaxima = new float[rows];
        }
        if (weighings.length < rows) {
            weighings = Arrays.copyOf(weighings, rows);
        }
        for (int row = 0; row < rows; row++) {
            if (weighings[row] == null || weighings[row].temperature() != temperatures[row]) {
                weighings[row] = Weighing.of(temperatures[row]);
            }
        }
    }

    /** Keeps what is needed of a chunk; returns its maximum. */
    float take(Kernels kernels, int worker, int item, float[] x, int offset, int length) {
        Weighing weighing = weighings[item / chunks];
        float max = kernels.rows().max(x, offset, length);
        maxima[item] = max;
        if (!(max < Float.POSITIVE_INFINITY)) {
            takeFaults(item, x, offset, length);
        } else if (weighing.isGreedy()) {
            takeTies(item, x, offset, length, max);
        } else if (max == Float.NEGATIVE_INFINITY
                || (weighing.isExponential() && max > weighing.scale().limit())) {
            // Masked, or of a row that will be lowered.
            sums[item] = 0;
        } else {
            // A chunk whose maximum is below -limit is not lowered, unless its row's is.
            bases[item] = weighing.isExponential() ? weighing.scale().base(max) : 0;
            weighChunk(kernels, worker, item, x, offset, length, 0);
        }
        return max;
    }

    /** Whether a chunk must be weighed again, since its row is lowered by its maximum. */
    boolean wantsAgain(int row, int item) {
        Weighing weighing = weighings[row];
        SoftmaxScale scale = weighing.scale();
        if (!weighing.isExponential() || scale.holds(rowMaxima[row])) {
            return false;
        }
        double octaves = ((double) maxima[item] - rowMaxima[row]) / scale.octave();
        if (octaves < -NEGLIGIBLE_OCTAVES) {
            sums[item] = 0;
            return false;
        }
        return true;
    }

    /** Weighs a chunk again, lowered by the maximum of its row. */
    void takeAgain(Kernels kernels, int worker, int row, int item, float[] x, int offset, int length) {
        bases[item] = weighings[row].scale().base(maxima[item], rowMaxima[row]);
        weighChunk(kernels, worker, item, x, offset, length, rowMaxima[row]);
    }

    private void weighChunk(Kernels kernels, int worker, int item, float[] x, int offset, int length, float rowMax) {
        sums[item] = weigh(kernels, worker, item, x, offset, length, rowMax);
        float[] e = exponentials[worker];
        for (int i = 0, b = item * BLOCKS; i < length; i += BLOCK, b++) {
            blockSums[b] = SoftmaxBackward.blockSum(kernels, e, i, Math.min(BLOCK, length - i));
        }
    }

    private void takeFaults(int item, float[] x, int offset, int length) {
        int count = 0;
        for (int i = length - 1; i >= 0; i--) {
            if (LogitErrors.isFault(x[offset + i])) {
                firsts[item] = item % chunks * CHUNK + i;
                sums[item] = x[offset + i];
                count++;
            }
        }
        counts[item] = count;
    }

    private void takeTies(int item, float[] x, int offset, int length, float max) {
        int count = 0;
        for (int i = length - 1; i >= 0; i--) {
            if (x[offset + i] == max) {
                firsts[item] = item % chunks * CHUNK + i;
                count++;
            }
        }
        counts[item] = count;
    }

    /** Leaves the weights of logits of a chunk in the worker's scratch; returns their sum. */
    private double weigh(Kernels kernels, int worker, int item, float[] x, int offset, int length, float rowMax) {
        float[] e = exponentials[worker];
        Weighing weighing = weighings[item / chunks];
        if (weighing.isExponential()) {
            return SoftmaxChunk.numerators(kernels, x, offset, e, 0, length, bases[item], rowMax, weighing.scale());
        }
        float max = maxima[item];
        double sum = 0;
        for (int i = 0; i < length; i++) {
            float logit = x[offset + i];
            double weight = weighing.kind() == Weighing.Kind.UNIFORM
                    ? logit == Float.NEGATIVE_INFINITY ? 0 : 1
                    : TemperatureSoftmax.exp(logit, max, weighing.temperature());
            e[i] = (float) weight;
            sum += weight;
        }
        return sum;
    }

    /**
     * Finds the maxima of rows; refuses the lowest row that has no distribution.
     *
     * @return whether all chunks are weighed as they should be; else those that want it must be taken again
     */
    boolean findRowMaxima(String operation, int rows) {
        boolean done = true;
        for (int row = 0; row < rows; row++) {
            float max = Float.NEGATIVE_INFINITY;
            for (int item = row * chunks; item < (row + 1) * chunks; item++) {
                max = Math.max(max, maxima[item]);
            }
            rowMaxima[row] = max;
            if (!LogitErrors.hasFiniteMaximum(max)) {
                throw fault(operation, row);
            }
            done &= !weighings[row].isExponential() || weighings[row].scale().holds(max);
        }
        return done;
    }

    /** The sums of rows, once all chunks are weighed. */
    void addUpRows(int rows) {
        for (int row = 0; row < rows; row++) {
            int begin = row * chunks;
            double sum = 0;
            for (int item = begin; item < begin + chunks; item++) {
                sum += weight(row, item);
            }
            rowSums[row] = sum;
            rowLogSums[row] = weighings[row].isExponential()
                    ? ScalarSoftmax.logSum(sum, rowMaxima[row], weighings[row].scale())
                    : StrictMath.log(sum);
        }
    }

    private IllegalArgumentException fault(String operation, int row) {
        int count = 0;
        int first = -1;
        float value = Float.NEGATIVE_INFINITY;
        for (int item = (row + 1) * chunks - 1; item >= row * chunks; item--) {
            if (!(maxima[item] < Float.POSITIVE_INFINITY)) {
                count += counts[item];
                first = firsts[item];
                value = (float) sums[item];
            }
        }
        return LogitErrors.of(operation, "logits[row " + row + "]", value, first, count, vocabSize);
    }

    /** The weight of a chunk in the unit of its row. */
    private double weight(int row, int item) {
        float max = rowMaxima[row];
        Weighing weighing = weighings[row];
        return switch (weighing.kind()) {
            case GREEDY -> maxima[item] == max ? counts[item] : 0;
            case UNIFORM -> sums[item];
            case EXPONENTIAL ->
                SoftmaxChunk.inRow(sums[item], bases[item], weighing.scale().base(max, max));
            case DOUBLE ->
                sums[item] == 0 ? 0 : sums[item] * TemperatureSoftmax.exp(maxima[item], max, weighing.temperature());
        };
    }

    boolean isGreedy(int row) {
        return weighings[row].isGreedy();
    }

    /** The lowest id among the largest logits of a row. */
    int argmax(int row) {
        int item = row * chunks;
        while (maxima[item] != rowMaxima[row]) {
            item++;
        }
        pickedLogits[row] = rowMaxima[row];
        return firsts[item];
    }

    /** The first token of the block in which a draw falls. */
    int drawBlock(int row, double u) {
        int begin = row * chunks;
        int end = begin + chunks;
        double target = u * rowSums[row];
        double before = 0;
        int drawn = -1;
        double drawnWeight = 0;
        double drawnBefore = 0;
        for (int item = begin; item < end && !(drawn >= 0 && before > target); item++) {
            double weight = weight(row, item);
            if (weight >= NEGLIGIBLE) {
                drawn = item;
                drawnWeight = weight;
                drawnBefore = before;
                before += weight;
            }
        }
        drawnItems[row] = drawn;
        double share = share(target, drawnBefore, drawnWeight);
        int blocks = Math.ceilDiv(Math.min(CHUNK, vocabSize - (drawn - begin) * CHUNK), BLOCK);
        int block = choose(row, blockSums, drawn * BLOCKS, blocks, share);
        return (drawn - begin) * CHUNK + block * BLOCK;
    }

    /**
     * The token of a block on which a draw falls.
     *
     * @return its index in the block
     */
    int drawToken(Kernels kernels, int worker, int row, float[] x, int offset, int length) {
        weigh(kernels, worker, drawnItems[row], x, offset, length, rowMaxima[row]);
        int token = choose(row, exponentials[worker], 0, length, shares[row]);
        pickedLogits[row] = x[offset + token];
        return token;
    }

    /**
     * The first index at which the running sum of weights exceeds a share of their sum; leaves the share of that
     * weight.
     */
    private int choose(int row, float[] weights, int offset, int length, double share) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += weights[offset + i];
        }
        double target = share * sum;
        double before = 0;
        double chosenBefore = 0;
        int chosen = 0;
        for (int i = 0; i < length && before <= target; i++) {
            if (weights[offset + i] >= NEGLIGIBLE) {
                chosen = i;
                chosenBefore = before;
                before += weights[offset + i];
            }
        }
        shares[row] = share(target, chosenBefore, weights[offset + chosen]);
        return chosen;
    }

    private static double share(double target, double before, double weight) {
        return Math.clamp((target - before) / weight, 0, 0x1.fffffffffffffp-1);
    }

    /** The logit of the token picked last in a row. */
    float pickedLogit(int row) {
        return pickedLogits[row];
    }

    /** The log-probability of a logit of a row, as {@link TemperatureSoftmax} computes it. */
    float logProb(int row, float logit) {
        float max = rowMaxima[row];
        double logSum = rowLogSums[row];
        return switch (weighings[row].kind()) {
            case GREEDY -> logit == max ? (float) (0.0 - logSum) : Float.NEGATIVE_INFINITY;
            case UNIFORM -> (float) (0.0 - logSum);
            case EXPONENTIAL, DOUBLE -> TemperatureSoftmax.logProb(logit, max, weighings[row].temperature(), logSum);
        };
    }
}
