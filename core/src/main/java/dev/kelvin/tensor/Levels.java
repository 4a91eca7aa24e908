// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * The values that codes stand for before they are scaled, integers, ascending: what encoders round to, and the search
 * for the scale.
 */
final class Levels {
    /** Scales that are tried for each group of elements. */
    private static final int TRIALS = 16;

    private final byte[] values;

    /**
     * The code nearest to each half-open interval [i/2, (i + 1)/2), from one below the lowest level on: the middle of
     * two integers is a multiple of 1/2, so that an interval lies on one side of it.
     */
    private final byte[] codes;

    private final float[] nearest;
    private final int firstInterval;

    private Levels(byte[] values) {
        this.values = values;
        int last = values.length - 1;
        firstInterval = 2 * (values[0] - 1);
        codes = new byte[2 * (values[last] + 1) - firstInterval + 1];
        nearest = new float[codes.length];
        int code = 0;
        for (int i = 0; i < codes.length; i++) {
            while (code < last && firstInterval + i >= values[code] + values[code + 1]) {
                code++;
            }
            codes[i] = (byte) code;
            nearest[i] = values[code];
        }
    }

    /** The integers in [lowest, highest]. */
    static Levels integers(int lowest, int highest) {
        byte[] values = new byte[highest - lowest + 1];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (lowest + i);
        }
        return new Levels(values);
    }

    /** Values of a table, ascending. */
    static Levels of(byte[] values) {
        return new Levels(values);
    }

    /** Where {@code x} stands in the tables: beyond the ends at an end. */
    private int interval(float x) {
        return Math.min(Math.max((int) (2 * x - firstInterval), 0), codes.length - 1);
    }

    /** The index of the level nearest to {@code x / scale}; of one near 0 where the scale is 0. */
    int code(float x, float scale) {
        return codes[interval(scale == 0 ? 0 : x / scale)] & 255;
    }

    /** The level nearest to {@code x / scale}; one near 0 where the scale is 0. */
    int value(float x, float scale) {
        return values[code(x, scale)];
    }

    /**
     * The scale with the least squared error among those that reach every element within half a step; its sign puts the
     * largest element on the side that reaches farther, the negative one.
     *
     * @param x elements in [offset, offset + count)
     * @return the scale; 0 if all elements are
     */
    float scale(float[] x, int offset, int count) {
        float highest = 0;
        float lowest = 0;
        for (int i = offset; i < offset + count; i++) {
            highest = Math.max(highest, x[i]);
            lowest = Math.min(lowest, x[i]);
        }
        boolean flipped = highest > -lowest;
        float far = flipped ? highest : -lowest;
        float near = flipped ? -lowest : highest;
        int last = values.length - 1;
        int gap = values[1] - values[0];
        float farReach = -values[0] + gap * 0.5f;
        float nearReach = values[last] + (values[last] - values[last - 1]) * 0.5f;
        float least = Math.max(far / farReach, near / nearReach);
        if (!(least > 0)) {
            return 0;
        }
        float leastReach = Math.max(-values[0] - gap, -values[0] * 0.875f);
        float best = least;
        double bestError = Double.POSITIVE_INFINITY;
        for (int trial = 0; trial <= TRIALS; trial++) {
            float reach = farReach + (leastReach - farReach) * trial / TRIALS;
            float scale = Math.max(least, far / reach);
            double error = squaredError(x, offset, count, flipped ? -scale : scale);
            if (error < bestError) {
                bestError = error;
                best = scale;
            }
        }
        return flipped ? -best : best;
    }

    private double squaredError(float[] x, int offset, int count, float scale) {
        float inverse = 1 / scale;
        double sum = 0;
        for (int i = offset; i < offset + count; i++) {
            float difference = x[i] - nearest[interval(x[i] * inverse)] * scale;
            sum += difference * difference;
        }
        return sum;
    }

    /**
     * One scale a group of a block.
     *
     * @param x the block's elements from offset on
     * @param scales [groups], receives the scales
     * @return the scale of the largest magnitude; 0 if all are
     */
    float scales(float[] x, int offset, int groupSize, float[] scales) {
        float largest = 0;
        for (int group = 0; group < scales.length; group++) {
            scales[group] = scale(x, offset + group * groupSize, groupSize);
            if (Math.abs(scales[group]) > Math.abs(largest)) {
                largest = scales[group];
            }
        }
        return largest;
    }

    /**
     * The code of a group's scale: of the two integers around {@code scale / unit}, the one with the smaller error.
     *
     * @param unit the scale of scales
     * @param lowest the lowest code
     * @return an integer in [lowest, −lowest)
     */
    int scaleCode(float[] x, int offset, int count, float scale, float unit, int lowest) {
        if (unit == 0 || scale == 0) {
            return 0;
        }
        float exact = Math.clamp(scale / unit, lowest, -lowest - 1);
        int below = (int) Math.floor(exact);
        int above = (int) Math.ceil(exact);
        if (below == above || below == 0) {
            return above;
        }
        if (above == 0) {
            return below;
        }
        double errorBelow = squaredError(x, offset, count, below * unit);
        return errorBelow <= squaredError(x, offset, count, above * unit) ? below : above;
    }
}
