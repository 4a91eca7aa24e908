// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * Sums over logits, in double and in an order of their own: element i goes to sum i mod 4, ascending, and the four are
 * added as (0 + 2) + (1 + 3). One sum would wait for each addition.
 */
final class LogitMoments {
    private LogitMoments() {}

    /**
     * The standard deviation of the logits that are not −∞: √(Σ(z − mean)²/count).
     *
     * @param x holds the logits, at least one finite
     * @param offset the first
     * @param length how many
     */
    static double standardDeviation(float[] x, int offset, int length) {
        int count = 0;
        for (int i = offset; i < offset + length; i++) {
            count += x[i] > Float.NEGATIVE_INFINITY ? 1 : 0;
        }
        double mean = sum(x, offset, length, false, 0) / count;
        return Math.sqrt(sum(x, offset, length, true, mean) / count);
    }

    private static double sum(float[] x, int offset, int length, boolean squares, double mean) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int i = offset;
        for (; i <= offset + length - 4; i += 4) {
            sum0 += term(x[i], squares, mean);
            sum1 += term(x[i + 1], squares, mean);
            sum2 += term(x[i + 2], squares, mean);
            sum3 += term(x[i + 3], squares, mean);
        }
        int rest = offset + length - i;
        sum0 += rest > 0 ? term(x[i], squares, mean) : 0;
        sum1 += rest > 1 ? term(x[i + 1], squares, mean) : 0;
        sum2 += rest > 2 ? term(x[i + 2], squares, mean) : 0;
        return (sum0 + sum2) + (sum1 + sum3);
    }

    private static double term(float logit, boolean square, double mean) {
        double value = logit > Float.NEGATIVE_INFINITY ? logit - mean : 0;
        return square ? value * value : value;
    }
}
