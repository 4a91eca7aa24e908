// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.stream.Stream;

/**
 * The gated delta rule: each value head has a matrix S as its state, which each row lets decay, corrects towards what
 * it wants to remember, and reads:
 *
 * <pre>
 * q, k, v convolved projections of x     q ← q / |q| / √Dk     k ← k / |k|
 * S ← S·exp(rate · softplus(decay + shift))     S ← S + k ⊗ (v − Sᵀ·k)·sigmoid(beta)     o = Sᵀ·q
 * </pre>
 *
 * and y is the projection of norm(o) ⊙ silu(gate). Value head h reads the query and the key of head h mod keyHeads, or
 * where value heads of a key head follow each other, of head h / (Hv / keyHeads).
 *
 * <p>Source: Yang et al., Gated Delta Networks, arXiv:2412.06464.
 *
 * @param keyHeads of queries and keys, a divisor of the value heads
 * @param consecutive whether value heads of a key head follow each other
 * @param query D to keyHeads · Dk
 * @param key D to keyHeads · Dk
 * @param value D to Hv · Dv
 * @param gate D to Hv · Dv
 * @param rates what each value head forgets and learns
 * @param norm of what each head reads, over Dv
 * @param output Hv · Dv to D
 * @param epsilon the least length that queries and keys are divided by
 */
public record DeltaNetPlan(
        int keyHeads,
        boolean consecutive,
        Convolved query,
        Convolved key,
        Convolved value,
        Projection gate,
        Rates rates,
        Norm norm,
        Projection output,
        float epsilon)
        implements Mixer {
    /**
     * What each value head forgets of its state, and how much it learns of a row.
     *
     * @param decay D to Hv; or without beta D to 2 · Hv, of each key head first the beta and then the decay of its
     *     value heads
     * @param shift {@code [Hv]}, added to the decay
     * @param rate {@code [Hv]}, negative
     * @param beta D to Hv; null where one projection makes both
     */
    public record Rates(Projection decay, Weight shift, Weight rate, Projection beta) {
        /** Checks that all are of as many heads. */
        public Rates {
            int heads = rate.rows();
            boolean fits = beta == null
                    ? decay.outputDim() == 2L * heads
                    : decay.outputDim() == heads && beta.outputDim() == heads;
            if (!fits || shift.rows() != heads) {
                throw new IllegalArgumentException("plan: decay " + decay.outputDim() + ", shift " + shift.rows()
                        + " and beta " + (beta == null ? "with it" : beta.outputDim()) + " of " + heads
                        + " value heads");
            }
        }

        Stream<Weight> weights() {
            return Stream.of(
                            decay.weights(),
                            Stream.of(shift, rate),
                            beta == null ? Stream.<Weight>of() : beta.weights())
                    .flatMap(weights -> weights);
        }
    }

    /** Checks that heads and projections fit together. */
    public DeltaNetPlan {
        int valueHeads = rates.rate().rows();
        if (keyHeads < 1 || valueHeads % keyHeads != 0 || query.channels() % keyHeads != 0) {
            throw new IllegalArgumentException("plan: " + keyHeads + " key heads for " + valueHeads
                    + " value heads, with keys of " + query.channels() + " elements in all");
        }
        if (key.channels() != query.channels()
                || value.channels() != (long) valueHeads * norm.width()
                || gate.outputDim() != value.channels()
                || output.inputDim() != value.channels()) {
            throw new IllegalArgumentException("plan: a delta net of queries " + query.channels() + ", keys "
                    + key.channels() + ", values " + value.channels() + ", gate " + gate.outputDim() + ", output "
                    + output.inputDim() + " and " + valueHeads + " heads of " + norm.width());
        }
    }

    /** Hv, the heads of values. */
    public int valueHeads() {
        return rates.rate().rows();
    }

    /** Dk, elements of a key. */
    public int keyDim() {
        return key.channels() / keyHeads;
    }

    /** Dv, elements of a value. */
    public int valueDim() {
        return norm.width();
    }

    @Override
    public Stream<Weight> weights() {
        return Stream.of(
                        Stream.of(query, key, value).flatMap(Convolved::weights),
                        gate.weights(),
                        rates.weights(),
                        norm.weights(),
                        output.weights())
                .flatMap(weights -> weights);
    }
}
