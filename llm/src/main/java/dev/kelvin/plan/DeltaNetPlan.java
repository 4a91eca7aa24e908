// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.stream.Stream;

/**
 * The gated delta rule: each value head has a matrix S as its state, which each row lets decay, corrects towards what
 * it wants to remember, and reads:
 *
 * <pre>
 * q, k, v convolved projections of x     q ← q / |q| / √Dk     k ← k / |k|
 * S ← S·exp(rate · softplus(decay))     S ← S + k ⊗ (v − Sᵀ·k)·sigmoid(beta)     o = Sᵀ·q
 * </pre>
 *
 * and y is the projection of norm(o) ⊙ silu(gate). Value head h reads the query and the key of head h mod keyHeads.
 *
 * <p>Source: Yang et al., Gated Delta Networks, arXiv:2412.06464.
 *
 * @param keyHeads of queries and keys, a divisor of the value heads
 * @param query D to keyHeads · Dk
 * @param key D to keyHeads · Dk
 * @param value D to Hv · Dv
 * @param gate D to Hv · Dv
 * @param decay D to Hv
 * @param rate {@code [Hv]}, negative
 * @param beta D to Hv
 * @param norm of what each head reads, over Dv
 * @param output Hv · Dv to D
 * @param epsilon the least length that queries and keys are divided by
 */
public record DeltaNetPlan(
        int keyHeads,
        Convolved query,
        Convolved key,
        Convolved value,
        Projection gate,
        Projection decay,
        Weight rate,
        Projection beta,
        Norm norm,
        Projection output,
        float epsilon)
        implements Mixer {
    /** Checks that heads and projections fit together. */
    public DeltaNetPlan {
        int valueHeads = rate.rows();
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
        if (decay.outputDim() != valueHeads || beta.outputDim() != valueHeads) {
            throw new IllegalArgumentException("plan: decay " + decay.outputDim() + " and beta " + beta.outputDim()
                    + " of " + valueHeads + " value heads");
        }
    }

    /** Hv, the heads of values. */
    public int valueHeads() {
        return rate.rows();
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
                        Stream.of(gate, decay, beta).flatMap(Projection::weights),
                        Stream.of(rate),
                        norm.weights(),
                        output.weights())
                .flatMap(weights -> weights);
    }
}
