// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * The search for scale s and base b of x ≈ s·q + b with q in [0, highest]: of the lines that fit trial codes best,
 * those that reach every element within half a step, the one with the least squared error.
 */
final class AffineFit {
    /** Trial steps: the range of the elements divided by highest − 0.5 to highest + 1. */
    private static final int TRIALS = 16;

    private final int highest;
    private final boolean baseNotPositive;

    /** The scale that {@link #fit} has found, at least 0. */
    float scale;

    /** The base that {@link #fit} has found. */
    float base;

    /**
     * A fit.
     *
     * @param highest the largest code
     * @param baseNotPositive whether b must be at most 0
     */
    AffineFit(int highest, boolean baseNotPositive) {
        this.highest = highest;
        this.baseNotPositive = baseNotPositive;
    }

    /** Finds scale and base of the elements in [offset, offset + count). */
    void fit(float[] x, int offset, int count) {
        float low = baseNotPositive ? 0 : Float.POSITIVE_INFINITY;
        float high = Float.NEGATIVE_INFINITY;
        double sum = 0;
        for (int i = offset; i < offset + count; i++) {
            low = Math.min(low, x[i]);
            high = Math.max(high, x[i]);
            sum += x[i];
        }
        scale = 0;
        base = low;
        if (!(high > low)) {
            return;
        }
        scale = (high - low) / highest;
        // Errors are squared sums less Σx², which every line shares.
        double bestError = Double.POSITIVE_INFINITY;
        for (int trial = -1; trial < TRIALS; trial++) {
            float codes = trial < 0 ? highest : highest - 0.5f + 0.1f * trial;
            float inverse = codes / (high - low);
            int sumQ = 0;
            int sumQq = 0;
            double sumXq = 0;
            for (int i = offset; i < offset + count; i++) {
                int q = code((x[i] - low) * inverse);
                sumQ += q;
                sumQq += q * q;
                sumXq += x[i] * q;
            }
            double s = (high - low) / (double) highest;
            double b = low;
            if (trial >= 0) {
                double determinant = (double) count * sumQq - (double) sumQ * sumQ;
                s = (count * sumXq - sum * sumQ) / determinant;
                b = (sum - s * sumQ) / count;
                if (baseNotPositive && b > 0) {
                    b = 0;
                    s = sumXq / sumQq;
                }
            }
            double error = s * s * sumQq + count * b * b + 2 * (s * b * sumQ - s * sumXq - b * sum);
            boolean reaches = b - 0.5 * s <= low && b + (highest + 0.5) * s >= high;
            if (reaches && error < bestError) {
                bestError = error;
                scale = (float) s;
                base = (float) b;
            }
        }
    }

    /**
     * Fits each group of a block.
     *
     * @param scales [groups], receives s
     * @param mins [groups], receives −b
     */
    void groups(float[] x, int offset, int groupSize, float[] scales, float[] mins) {
        for (int group = 0; group < scales.length; group++) {
            fit(x, offset + group * groupSize, groupSize);
            scales[group] = scale;
            mins[group] = -base;
        }
    }

    /** The largest of some numbers that are not negative; 0 if there is none. */
    static float largest(float[] numbers) {
        float largest = 0;
        for (float number : numbers) {
            largest = Math.max(largest, number);
        }
        return largest;
    }

    /** The integer in [0, highest] nearest to {@code scale / unit}; 0 where the unit is. */
    static int scaleCode(float scale, float unit, int highest) {
        return unit == 0 ? 0 : Math.clamp(Math.round(scale / unit), 0, highest);
    }

    /** The code nearest to {@code x}. */
    private int code(float x) {
        return Math.min(Math.max((int) (x + 0.5f), 0), highest);
    }

    /** The code nearest to {@code (x − base) / scale}; 0 where the scale is. */
    int code(float x, float scale, float base) {
        return scale == 0 ? 0 : code((x - base) / scale);
    }
}
