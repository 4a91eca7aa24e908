// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;

/**
 * The probabilities of the token that follows, as logits and the logarithm of their sum. In double: the figures are
 * printed to be compared with those of other engines and weight types.
 *
 * @param logits [V], not copied
 * @param first the lowest id with the largest probability
 * @param logSumExp ln Σ exp(z)
 */
public record OutputDistribution(HeapTensor logits, int first, double logSumExp) {
    /**
     * The distribution of some logits.
     *
     * @param logits [V]
     * @throws IllegalArgumentException if they have none, because of a NaN, a +inf or no candidate; it says where
     */
    public static OutputDistribution of(Compute compute, HeapTensor logits) {
        int first = compute.logits().argmax(logits);
        double max = logits.data()[logits.offset() + first];
        double sum = 0;
        for (int id = 0; id < logits.columns(); id++) {
            sum += Math.exp(logits.data()[logits.offset() + id] - max);
        }
        return new OutputDistribution(logits, first, max + Math.log(sum));
    }

    /** ln p of a token, in nats. */
    public double logProb(int id) {
        return logits.data()[logits.offset() + id] - logSumExp;
    }

    /**
     * Kullback and Leibler's divergence from this distribution to another over the same ids, Σ p·(ln p − ln q), nats.
     */
    public double divergence(OutputDistribution other) {
        double sum = 0;
        for (int id = 0; id < logits.columns(); id++) {
            double logProb = logProb(id);
            double p = Math.exp(logProb);
            sum += p == 0 ? 0 : p * (logProb - other.logProb(id));
        }
        return sum;
    }
}
