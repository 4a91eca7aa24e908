// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import dev.kelvin.operand.AttentionMask;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Grouped-query attention: q, k, v are projections of x, normalised and rotated where the plan says so; head h mixes
 * o_h = softmax(scale · q_h·kᵀ)·v over the positions that the mask lets it see; y is the projection of o, or where
 * heads have gates g, of o ⊙ sigmoid(g).
 *
 * <p>Sources: Ainslie et al., GQA: Training Generalized Multi-Query Transformer Models, 2023; Qiu et al., Gated
 * Attention for Large Language Models, 2025.
 *
 * @param heads how many, and their width
 * @param query D to H · Dh; or D to H · 2 · Dh, of each head the query and then the gate
 * @param key D to Hkv · Dh; null with a source
 * @param value D to Hkv · Dh, the keys before their norm where it is their projection; null with a source
 * @param output H · Dh to D
 * @param norms of queries and keys
 * @param valueNorm of the values; null for none
 * @param rotary the rotation of queries and keys; null for none
 * @param mask which positions a row sees
 * @param scores what becomes of them before the softmax
 * @param source an earlier layer, whose keys and values this one reads instead of its own; null for none
 */
public record AttentionPlan(
        Heads heads,
        Projection query,
        Projection key,
        Projection value,
        Projection output,
        QueryKeyNorms norms,
        Norm valueNorm,
        Rotary rotary,
        AttentionMask mask,
        Scores scores,
        AttentionPlan source)
        implements Mixer {
    /** Checks that heads and projections fit together. */
    public AttentionPlan {
        int dim = query.inputDim();
        if (query.outputDim() != 2 * heads.queryDim()) {
            require("query", query, heads.queryDim(), dim);
        }
        if (source == null) {
            require("key", key, heads.kvDim(), dim);
            require("value", value, heads.kvDim(), dim);
        } else {
            requireSource(source, heads, mask);
        }
        require("output", output, output.outputDim(), heads.queryDim());
        requireWidth("queryNorm", norms.query(), heads.dim(), heads.queryDim());
        requireWidth("keyNorm", norms.key(), heads.dim(), heads.kvDim());
        requireWidth("valueNorm", valueNorm, heads.dim(), heads.kvDim());
        Objects.requireNonNull(mask, "mask");
        Objects.requireNonNull(scores, "scores");
        if (rotary != null && rotary.dims() > heads.dim()) {
            throw new IllegalArgumentException(
                    "plan: " + rotary.dims() + " rotated elements of heads of " + heads.dim());
        }
    }

    private static void require(String what, Projection projection, int outputDim, int inputDim) {
        if (projection.outputDim() != outputDim || projection.inputDim() != inputDim) {
            throw new IllegalArgumentException("plan: the " + what + " projection must be [" + outputDim + ", "
                    + inputDim + "], but is [" + projection.outputDim() + ", " + projection.inputDim() + "]");
        }
    }

    private static void requireSource(AttentionPlan source, Heads heads, AttentionMask mask) {
        if (source.heads().dim() != heads.dim() || source.heads().kvCount() != heads.kvCount()) {
            throw new IllegalArgumentException(
                    "plan: heads " + heads + " cannot read the keys and values of " + source.heads());
        }
        if (source.source() != null || mask.before() > source.mask().before()) {
            throw new IllegalArgumentException("plan: a layer that sees " + mask
                    + " reads keys and values of one that keeps " + (source.source() != null ? "none" : source.mask()));
        }
    }

    private static void requireWidth(String what, Norm norm, int headDim, int rowDim) {
        if (norm != null && norm.width() != headDim && norm.width() != rowDim) {
            throw new IllegalArgumentException("plan: " + what + " is over " + norm.width()
                    + " elements, neither a head of " + headDim + " nor a row of " + rowDim);
        }
        if (norm != null
                && norm.gain() != null
                && norm.gain().shape().rank() == 2
                && norm.gain().shape().elements() != rowDim) {
            throw new IllegalArgumentException("plan: " + what + " has factors "
                    + norm.gain().shape() + ", which are not those of the heads of a row of " + rowDim);
        }
    }

    /** Causal attention without positions, its scores divided by √Dh. */
    public static AttentionPlan of(Heads heads, Projection query, Projection key, Projection value, Projection output) {
        Scores scores = Scores.scaled((float) (1 / Math.sqrt(heads.dim())));
        AttentionMask causal = AttentionMask.causal();
        QueryKeyNorms none = QueryKeyNorms.NONE;
        return new AttentionPlan(heads, query, key, value, output, none, null, null, causal, scores, null);
    }

    /** The same that reads keys and values of this one, with queries and an output of its own. */
    public AttentionPlan reader(Heads heads, Projection query, Projection output, Norm queryNorm) {
        QueryKeyNorms own = new QueryKeyNorms(queryNorm, null, norms.afterRotation());
        return new AttentionPlan(heads, query, null, null, output, own, null, rotary, mask, scores, this);
    }

    /** The same with rotary positions; null for none. */
    public AttentionPlan withRotary(Rotary rotary) {
        return new AttentionPlan(heads, query, key, value, output, norms, valueNorm, rotary, mask, scores, source);
    }

    /** The same with queries and keys that are normalised before they are rotated. */
    public AttentionPlan withNorms(Norm queryNorm, Norm keyNorm) {
        return withNorms(new QueryKeyNorms(queryNorm, keyNorm, false));
    }

    /** The same with normalised queries and keys. */
    public AttentionPlan withNorms(QueryKeyNorms norms) {
        return new AttentionPlan(heads, query, key, value, output, norms, valueNorm, rotary, mask, scores, source);
    }

    /** The same with normalised values. */
    public AttentionPlan withValueNorm(Norm valueNorm) {
        return new AttentionPlan(heads, query, key, value, output, norms, valueNorm, rotary, mask, scores, source);
    }

    /** The same with another view of the sequence. */
    public AttentionPlan withMask(AttentionMask mask) {
        return new AttentionPlan(heads, query, key, value, output, norms, valueNorm, rotary, mask, scores, source);
    }

    /** The same with other scores. */
    public AttentionPlan withScores(Scores scores) {
        return new AttentionPlan(heads, query, key, value, output, norms, valueNorm, rotary, mask, scores, source);
    }

    /** Whether each head has a gate of what it mixes. */
    public boolean gated() {
        return query.outputDim() == 2 * heads.queryDim();
    }

    /** Whether values are the keys before their norm and rotation. */
    public boolean valuesAreKeys() {
        return value != null && value.isSame(key);
    }

    @Override
    public Stream<Weight> weights() {
        Stream<Weight> ofValues = valueNorm == null ? Stream.of() : valueNorm.weights();
        Stream<Weight> projections =
                Stream.of(query, key, value, output).filter(Objects::nonNull).flatMap(Projection::weights);
        return Stream.of(projections, norms.weights(), ofValues, scores.weights())
                .flatMap(weights -> weights);
    }
}
