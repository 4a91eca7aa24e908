// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

/**
 * What the heads of a query make of keys and values, in double precision.
 *
 * @param width of a head
 * @param scale of the products
 * @param cap of the scores; 0 for none
 * @param sinks a logit a head without a value; null for none
 */
record NaiveScores(int width, double scale, double cap, double[] sinks) {
    /** What is mixed of the positions in [begin, end). */
    double[] mix(double[] q, double[][] k, double[][] v, int begin, int end) {
        int heads = q.length / width;
        int group = heads / (k[begin].length / width);
        double[] mixed = new double[q.length];
        for (int h = 0; h < heads; h++) {
            int offset = h / group * width;
            double sum = sinks == null ? 0 : Math.exp(sinks[h]);
            for (int j = begin; j < end; j++) {
                double score = 0;
                for (int i = 0; i < width; i++) {
                    score += q[h * width + i] * k[j][offset + i] * scale;
                }
                double weight = Math.exp(cap == 0 ? score : cap * Math.tanh(score / cap));
                sum += weight;
                for (int i = 0; i < width; i++) {
                    mixed[h * width + i] += weight * v[j][offset + i];
                }
            }
            for (int i = 0; i < width; i++) {
                mixed[h * width + i] /= sum;
            }
        }
        return mixed;
    }
}
