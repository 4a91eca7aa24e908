// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.composed;

import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.scalar.ScalarRows;
import dev.kelvin.tensor.HeapTensor;

/**
 * LayerNorm, and the derivatives of LayerNorm and RMSNorm, row by row and column by column, in terms of kernels whose
 * order is fixed elsewhere. RMSNorm is the case without a mean: x − 0 and g − 0 are exact, so one path serves both.
 *
 * <p>A row's mean m is Σx/D, and what that leaves, m' = Σ(x − m)/D, corrects it: where elements differ little, m may be
 * off by more than they do. Σ(x − m)² comes with m' from one look at the row. Where m' is small beside it, Σ(x − m)² −
 * D·m'² is the sum of the squares of c = (x − m) − m'; else a second look takes that. The inverse root is
 * {@link ScalarRows#inverseRootMeanSquare} of it; x̂ = c·inverse. With g = dy·weight: dx += inverse·(g − mean(g) −
 * x̂·dot(g, x̂)/D), where mean(g) is Σg/D, and nothing for RMSNorm. dWeight and dBias add rows in ascending order.
 *
 * <p>An instance owns scratch and belongs to one thread.
 */
public final class NormRows {
    /** Numbers that {@link #backward} leaves of a row. */
    public static final int STATISTICS = 3;

    /** Where D·m'² is at most this part of Σ(x − m)², their difference costs a sixty-third of its precision. */
    private static final double SMALL_PART = 1.0 / 64;

    private final Kernels kernels;
    private float[] normalised = new float[0];
    private float[] gradient = new float[0];

    /** Σ c and Σ c² of the row at hand. */
    private final float[] sums = new float[2];

    /** Of the row at hand. */
    private float mean;

    /** The mean of what is left when {@link #mean} is taken off the row. */
    private float rest;

    /** 1/√(variance + ε) of the row at hand. */
    private float inverse;

    /**
     * Rows computed by these kernels.
     *
     * @param kernels of the same thread
     */
    public NormRows(Kernels kernels) {
        this.kernels = kernels;
    }

    private void reserve(int dim) {
        if (normalised.length < dim) {
            normalised = new float[dim];
            gradient = new float[dim];
        }
    }

    /**
     * LayerNorm of rows: y = x̂·weight + bias.
     *
     * @param x [R, D]
     * @param weight [D]; null for none, and then no bias either
     * @param bias [D]; null for none
     * @param epsilon ε
     * @param y [R, D]; may be x
     * @param rowBegin the first row
     * @param rowEnd the row after the last
     */
    public void layerNorm(
            HeapTensor x, HeapTensor weight, HeapTensor bias, float epsilon, HeapTensor y, int rowBegin, int rowEnd) {
        int dim = x.columns();
        for (int row = rowBegin; row < rowEnd; row++) {
            int from = x.offset() + row * dim;
            int to = y.offset() + row * dim;
            measure(x.data(), from, dim, epsilon);
            if (bias != null) {
                kernels.rows()
                        .normalizeAffine(
                                x.data(),
                                from,
                                mean,
                                rest,
                                inverse,
                                weight.data(),
                                weight.offset(),
                                bias.data(),
                                bias.offset(),
                                y.data(),
                                to,
                                dim);
            } else {
                kernels.rows().normalize(x.data(), from, mean, rest, inverse, y.data(), to, dim);
            }
            if (weight != null && bias == null) {
                kernels.elements().mul(y.data(), to, weight.data(), weight.offset(), y.data(), to, dim);
            }
        }
    }

    /** Leaves both means and the inverse root of a row in fields. */
    private void measure(float[] x, int offset, int dim, float epsilon) {
        mean = kernels.vectors().sum(x, offset, dim) / dim;
        kernels.rows().deviations(x, offset, dim, mean, 0, sums);
        rest = sums[0] / dim;
        double common = (double) sums[0] * sums[0] / dim;
        float squares = (float) (sums[1] - common);
        if (!(common <= SMALL_PART * sums[1])) {
            kernels.rows().deviations(x, offset, dim, mean, rest, sums);
            squares = sums[1];
        }
        inverse = ScalarRows.inverseRootMeanSquare(squares, dim, epsilon);
    }

    /** The same without means. */
    private void measureAboutZero(float[] x, int offset, int dim, float epsilon) {
        mean = 0;
        rest = 0;
        inverse = ScalarRows.inverseRootMeanSquare(kernels.rows().dot(x, offset, x, offset, dim), dim, epsilon);
    }

    /**
     * Adds the derivative by x to dx, and leaves each row's means and inverse for {@link #weightBackward}.
     *
     * @param x [R, D], as in the forward pass
     * @param weight [D]
     * @param epsilon ε
     * @param centred true for LayerNorm, false for RMSNorm
     * @param dy [R, D]
     * @param dx [R, D]
     * @param statistics receives {@value #STATISTICS} numbers a row: both means and the inverse
     * @param rowBegin the first row
     * @param rowEnd the row after the last
     */
    public void backward(
            HeapTensor x,
            HeapTensor weight,
            float epsilon,
            boolean centred,
            HeapTensor dy,
            HeapTensor dx,
            float[] statistics,
            int rowBegin,
            int rowEnd) {
        int dim = x.columns();
        reserve(dim);
        for (int row = rowBegin; row < rowEnd; row++) {
            int from = x.offset() + row * dim;
            if (centred) {
                measure(x.data(), from, dim, epsilon);
            } else {
                measureAboutZero(x.data(), from, dim, epsilon);
            }
            kernels.rows().normalize(x.data(), from, mean, rest, inverse, normalised, 0, dim);
            statistics[STATISTICS * row] = mean;
            statistics[STATISTICS * row + 1] = rest;
            statistics[STATISTICS * row + 2] = inverse;
            kernels.elements()
                    .mul(dy.data(), dy.offset() + row * dim, weight.data(), weight.offset(), gradient, 0, dim);
            float gMean = centred ? kernels.vectors().sum(gradient, 0, dim) / dim : 0;
            float projection = kernels.rows().dot(gradient, 0, normalised, 0, dim) / dim;
            kernels.training()
                    .normBackward(
                            gradient, normalised, gMean, projection, inverse, dx.data(), dx.offset() + row * dim, dim);
        }
    }

    /**
     * Adds some columns of the derivatives by weight and bias.
     *
     * @param x [R, D]
     * @param statistics from {@link #backward}
     * @param dy [R, D]
     * @param dWeight [D]
     * @param dBias [D]; null for RMSNorm
     * @param begin the first column
     * @param end the column after the last
     */
    public void weightBackward(
            HeapTensor x, float[] statistics, HeapTensor dy, HeapTensor dWeight, HeapTensor dBias, int begin, int end) {
        int dim = x.columns();
        int length = end - begin;
        for (int row = 0; row < x.rows(); row++) {
            int at = row * dim + begin;
            kernels.training()
                    .normWeightBackward(
                            dy.data(),
                            dy.offset() + at,
                            x.data(),
                            x.offset() + at,
                            statistics[STATISTICS * row],
                            statistics[STATISTICS * row + 1],
                            statistics[STATISTICS * row + 2],
                            dWeight.data(),
                            dWeight.offset() + begin,
                            length);
        }
        if (dBias != null) {
            for (int row = 0; row < x.rows(); row++) {
                int to = dBias.offset() + begin;
                kernels.elements()
                        .add(dBias.data(), to, dy.data(), dy.offset() + row * dim + begin, dBias.data(), to, length);
            }
        }
    }
}
