// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.tensor.HeapTensor;

/**
 * The probabilities of the token that follows, as logits and the logarithm of their sum. In double: the figures are
 * printed to be compared with those of other engines and weight types.
 *
 * @param logits [V], not copied
 * @param logSumExp ln Σ exp(z)
 */
record OutputDistribution(HeapTensor logits, double logSumExp) {
    static OutputDistribution of(HeapTensor logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (int id = 0; id < logits.columns(); id++) {
            max = Math.max(max, logits.data()[logits.offset() + id]);
        }
        double sum = 0;
        for (int id = 0; id < logits.columns(); id++) {
            sum += Math.exp(logits.data()[logits.offset() + id] - max);
        }
        return new OutputDistribution(logits, max + Math.log(sum));
    }

    double logProb(int id) {
        return logits.data()[logits.offset() + id] - logSumExp;
    }

    /** The lowest id with the largest probability. */
    int first() {
        int first = 0;
        for (int id = 1; id < logits.columns(); id++) {
            if (logits.data()[logits.offset() + id] > logits.data()[logits.offset() + first]) {
                first = id;
            }
        }
        return first;
    }

    /**
     * Kullback and Leibler's divergence from this distribution to another over the same ids, Σ p·(ln p − ln q), nats.
     */
    double divergence(OutputDistribution other) {
        double sum = 0;
        for (int id = 0; id < logits.columns(); id++) {
            double logProb = logProb(id);
            double p = Math.exp(logProb);
            sum += p == 0 ? 0 : p * (logProb - other.logProb(id));
        }
        return sum;
    }
}
