// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.stream.Stream;

/**
 * A state-space layer with one decay a head: each head has a matrix S as its state, which each row lets decay, writes
 * to and reads:
 *
 * <pre>
 * u, b, c convolved projections of x     δ = softplus(step)
 * S ← S·exp(δ·rate) + b ⊗ (u·δ)          o = Sᵀ·c + skip·u
 * </pre>
 *
 * and y is the projection of norm(silu(gate) ⊙ o), where each group of heads is normalised by itself. Head h reads
 * group h / (H / groups) of b and c.
 *
 * <p>Source: Dao and Gu, Transformers are SSMs, arXiv:2405.21060.
 *
 * @param groups of b and c, and of the norm; a divisor of the heads
 * @param gate D to H · Dh
 * @param input u, D to H · Dh
 * @param write b, D to groups · N
 * @param read c, D to groups · N
 * @param step D to H
 * @param rate {@code [H, 1]}, negative
 * @param skip {@code [H, 1]}
 * @param gain of the norm, {@code [groups, H · Dh / groups]}
 * @param epsilon of the norm
 * @param output H · Dh to D
 */
public record Mamba2Plan(
        int groups,
        Projection gate,
        Convolved input,
        Convolved write,
        Convolved read,
        Projection step,
        Weight rate,
        Weight skip,
        Weight gain,
        float epsilon,
        Projection output)
        implements Mixer {
    /** Checks that heads, groups and projections fit together. */
    public Mamba2Plan {
        int inner = input.channels();
        int heads = rate.rows();
        if (groups < 1 || heads % groups != 0 || inner % heads != 0 || write.channels() % groups != 0) {
            throw new IllegalArgumentException("plan: " + groups + " groups of " + heads + " heads of " + inner
                    + " elements in all, with states of " + write.channels() + " in all");
        }
        if (gate.outputDim() != inner
                || output.inputDim() != inner
                || read.channels() != write.channels()
                || step.outputDim() != heads
                || skip.rows() != heads
                || gain.shape().elements() != inner) {
            throw new IllegalArgumentException("plan: " + heads + " heads of " + inner
                    + " elements in all between gate "
                    + gate.outputDim() + ", output " + output.inputDim() + ", read " + read.channels() + ", write "
                    + write.channels() + ", step " + step.outputDim() + ", skip " + skip.shape() + " and gain "
                    + gain.shape());
        }
    }

    /** H. */
    public int heads() {
        return rate.rows();
    }

    /** N, numbers that a state has for each element of a head. */
    public int stateDim() {
        return write.channels() / groups;
    }

    @Override
    public Stream<Weight> weights() {
        return Stream.of(
                        gate.weights(),
                        Stream.of(input, write, read).flatMap(Convolved::weights),
                        step.weights(),
                        Stream.of(rate, skip, gain),
                        output.weights())
                .flatMap(weights -> weights);
    }
}
