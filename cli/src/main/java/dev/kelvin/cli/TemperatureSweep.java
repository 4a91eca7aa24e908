// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.head.Entropy;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * One row of logits [V] at several temperatures: what {@code kelvin temperature} shows, apart from how it shows it.
 *
 * @param logits the logits [V]
 * @param levels the distributions, in the order that the temperatures were given
 */
record TemperatureSweep(float[] logits, List<Level> levels) {
    /**
     * The distribution at one temperature.
     *
     * @param temperature in [0, +inf]
     * @param probs probabilities [V]
     * @param entropy in nats
     */
    record Level(float temperature, float[] probs, double entropy) {}

    /** @throws IllegalArgumentException if a logit is NaN or +inf, or all are -inf */
    static TemperatureSweep of(float[] logits, float[] temperatures, Compute compute) {
        HeapTensor row = HeapTensor.of(logits, 1, logits.length);
        List<Level> levels = new ArrayList<>(temperatures.length);
        for (float temperature : temperatures) {
            HeapTensor probs = HeapTensor.zeros(1, logits.length);
            compute.softmax(row, temperature, probs);
            float[] data = probs.data();
            levels.add(new Level(temperature, data, Entropy.nats(data, 0, data.length)));
        }
        return new TemperatureSweep(logits, levels);
    }

    /**
     * The ids of the {@code n} largest logits, descending, the lower id first among equals: the order of probability at
     * every temperature.
     */
    int[] top(int n) {
        return top(logits, n);
    }

    /** The indices of the {@code n} largest values, descending, the lower index first among equals. */
    static int[] top(float[] values, int n) {
        int count = Math.min(n, values.length);
        int[] best = new int[count];
        int size = 0;
        for (int id = 0; id < values.length; id++) {
            if (size == count && (count == 0 || !(values[id] > values[best[size - 1]]))) {
                continue;
            }
            int place = size < count ? size++ : size - 1;
            for (; place > 0 && values[id] > values[best[place - 1]]; place--) {
                best[place] = best[place - 1];
            }
            best[place] = id;
        }
        return best;
    }

    /** How many candidates share the largest logit. */
    int tiedMaxima() {
        float max = Float.NEGATIVE_INFINITY;
        int count = 0;
        for (float logit : logits) {
            if (logit > max) {
                max = logit;
                count = 0;
            }
            if (logit == max) {
                count++;
            }
        }
        return count;
    }

    /** How many candidates are not masked by -inf. */
    int candidates() {
        int count = 0;
        for (float logit : logits) {
            if (logit != Float.NEGATIVE_INFINITY) {
                count++;
            }
        }
        return count;
    }

    /** The probability of all ids that are not among {@code shown}. */
    static double others(float[] probs, int[] shown) {
        boolean[] skip = new boolean[probs.length];
        for (int id : shown) {
            skip[id] = true;
        }
        double mass = 0;
        for (int id = 0; id < skip.length; id++) {
            if (!skip[id]) {
                mass += probs[id];
            }
        }
        return mass;
    }
}
