// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.Objects;
import java.util.stream.Stream;

/**
 * Multi-head latent attention: the keys and values of all heads are maps of one short row, so that only this row is
 * kept of a position, and beside it the part of a key that turns, which all heads share:
 *
 * <pre>
 * [c | r] = x·Wlᵀ     c ← norm(c)     r ← rotated r     [a_h | b_h] = query of head h     b_h ← rotated b_h
 * s_h = scale · ((K_h·a_h)·c + b_h·r)     o_h = V_h·Σ softmax(s_h)·c
 * </pre>
 *
 * and y is the projection of o. The product of a_h with the keys that K_hᵀ would make of c is that of K_h·a_h with c
 * itself; so a position's keys and values are never made.
 *
 * <p>Source: DeepSeek-AI, DeepSeek-V2: A Strong, Economical, and Efficient Mixture-of-Experts Language Model,
 * arXiv:2405.04434.
 *
 * @param query how x becomes queries, of each head N elements and then R that turn
 * @param latent D to C + R
 * @param latentNorm of c
 * @param keys K of each head, N to C, without biases and factors
 * @param values V of each head, C to Dv, without biases and factors
 * @param output H · Dv to D
 * @param rotary the rotation of R elements
 * @param scores what becomes of them before the softmax; without sinks
 */
public record LatentAttentionPlan(
        Query query,
        Projection latent,
        Norm latentNorm,
        ExpertProjection keys,
        ExpertProjection values,
        Projection output,
        Rotary rotary,
        Scores scores)
        implements Mixer {
    /**
     * How x becomes queries, directly or by a short row of its own.
     *
     * @param down D to the short row; null for none
     * @param norm of the short row; null for none
     * @param up to H · (N + R)
     */
    public record Query(Projection down, Norm norm, Projection up) {
        /** Checks that the parts fit together. */
        public Query {
            if ((down == null) != (norm == null)
                    || (down != null && (norm.width() != down.outputDim() || up.inputDim() != down.outputDim()))) {
                throw new IllegalArgumentException("plan: queries by " + down + ", " + norm + " and " + up);
            }
        }

        /** D. */
        public int inputDim() {
            return down == null ? up.inputDim() : down.inputDim();
        }

        Stream<Weight> weights() {
            Stream<Weight> first = down == null ? Stream.of() : Stream.concat(down.weights(), norm.weights());
            return Stream.concat(first, up.weights());
        }
    }

    /** Checks that heads and projections fit together. */
    public LatentAttentionPlan {
        Objects.requireNonNull(scores, "scores");
        int heads = keys.experts();
        long queries = heads * ((long) keys.inputDim() + rotary.dims());
        if (values.experts() != heads
                || query.up().outputDim() != queries
                || query.inputDim() != latent.inputDim()
                || latentNorm.width() != keys.outputDim()
                || latent.outputDim() != keys.outputDim() + rotary.dims()
                || values.inputDim() != keys.outputDim()
                || output.inputDim() != (long) heads * values.outputDim()
                || output.outputDim() != latent.inputDim()
                || scores.sinks() != null
                || Stream.of(keys.bias(), keys.scales(), values.bias(), values.scales())
                        .anyMatch(Objects::nonNull)) {
            throw new IllegalArgumentException("plan: latent attention of " + heads + " heads with queries of "
                    + query.up().outputDim() + ", a latent of " + latent.outputDim() + " normed over "
                    + latentNorm.width() + ", keys [" + keys.outputDim() + ", " + keys.inputDim() + "], values ["
                    + values.outputDim() + ", " + values.inputDim() + "] of " + values.experts() + ", output ["
                    + output.outputDim() + ", " + output.inputDim() + "], " + rotary.dims() + " that turn, " + scores);
        }
    }

    /** H. */
    public int heads() {
        return keys.experts();
    }

    /** N, the elements of a head of queries that do not turn. */
    public int stillDim() {
        return keys.inputDim();
    }

    /** R, the elements that turn. */
    public int turningDim() {
        return rotary.dims();
    }

    /** C, the elements of what is kept of a position besides those that turn. */
    public int latentDim() {
        return keys.outputDim();
    }

    /** Dv, the elements of a head of values. */
    public int valueDim() {
        return values.outputDim();
    }

    @Override
    public Stream<Weight> weights() {
        return Stream.of(
                        query.weights(),
                        latent.weights(),
                        latentNorm.weights(),
                        keys.weights(),
                        values.weights(),
                        output.weights(),
                        scores.weights())
                .flatMap(weights -> weights);
    }
}
