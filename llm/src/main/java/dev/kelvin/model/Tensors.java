// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.Activation;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Classifier;
import dev.kelvin.plan.ExpertProjection;
import dev.kelvin.plan.FeedForward.Gated;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Norm;
import dev.kelvin.plan.Part;
import dev.kelvin.plan.Pooling;
import dev.kelvin.plan.Projection;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.Shape;

/**
 * The tensors that an architecture asks for by name, each checked against the file before it becomes part of a plan.
 * Names are without the prefix of a block and without {@code .weight} or {@code .bias}.
 */
final class Tensors {
    /** What holds the tensors: a file, or for a model that is yet to be made, nothing. */
    interface Holder {
        /** Whether there is a tensor of this name. */
        boolean has(String name);

        /** Takes the tensor, which must have this shape. */
        void take(String name, Shape shape) throws ModelFormatException;

        /** Takes every tensor whose name begins so, and computes nothing with it. */
        void ignore(String prefix);

        /** The rows of a tensor that is there. */
        int rows(String name) throws ModelFormatException;

        /** The elements of a vector that the plan itself depends on. */
        float[] values(String name, int length) throws ModelFormatException;

        /** A refusal because of a tensor. */
        ModelFormatException refuse(String name, String expected, String found);
    }

    private final Holder holder;
    private final String prefix;

    Tensors(Holder holder) {
        this(holder, "");
    }

    private Tensors(Holder holder, String prefix) {
        this.holder = holder;
        this.prefix = prefix;
    }

    /** The tensors of a block. */
    Tensors block(int index) {
        return new Tensors(holder, "blk." + index + ".");
    }

    /** Takes all tensors whose name begins so, which nothing is computed with. */
    void ignore(String names) {
        holder.ignore(prefix + names);
    }

    /** The rows of a table of this full name, however many the file has, but none. */
    int rows(String name) throws ModelFormatException {
        int rows = holder.rows(prefix + name);
        if (rows < 1) {
            throw refuse(name, "at least one row", "none");
        }
        return rows;
    }

    /** Whether there is a tensor of this full name. */
    boolean has(String name) {
        return holder.has(prefix + name);
    }

    /** The table {@code name.weight} {@code [rows, columns]}, whose rows are looked up. */
    Weight table(String name, long rows, long columns) throws ModelFormatException {
        return matrix(name, rows, columns, Weight.Role.TABLE);
    }

    /** The projection {@code name.weight} {@code [N, K]} alone, but for a {@code name.scale}. */
    Projection unbiased(String name, long outputDim, long inputDim) throws ModelFormatException {
        return projection(name, outputDim, inputDim, Weight.Role.PROJECTION, false);
    }

    /**
     * The projection {@code name.weight} {@code [N, K]} of a router, with {@code name.bias} if there is one; a
     * {@code name.scale} is no factor of it.
     */
    Projection router(String name, long outputDim, long inputDim) throws ModelFormatException {
        Part weight = matrix(name, outputDim, inputDim, Weight.Role.PROJECTION).whole();
        return new Projection(
                weight,
                has(name + ".bias") ? bias(name + ".bias", weight.rows()).whole() : null);
    }

    /**
     * The projection {@code name.weight} {@code [N, K]}, with {@code name.bias} and {@code name.scale} if there are
     * such.
     */
    Projection projection(String name, long outputDim, long inputDim) throws ModelFormatException {
        return projection(name, outputDim, inputDim, Weight.Role.PROJECTION, has(name + ".bias"));
    }

    /** The last projection of a branch, with its bias if there is one. */
    Projection branchEnd(String name, long outputDim, long inputDim) throws ModelFormatException {
        return projection(name, outputDim, inputDim, Weight.Role.BRANCH_END, has(name + ".bias"));
    }

    /** A projection whose bias must be there. */
    Projection biased(String name, long outputDim, long inputDim) throws ModelFormatException {
        return projection(name, outputDim, inputDim, Weight.Role.PROJECTION, true);
    }

    /** The last projection of a branch, whose bias must be there. */
    Projection biasedBranchEnd(String name, long outputDim, long inputDim) throws ModelFormatException {
        return projection(name, outputDim, inputDim, Weight.Role.BRANCH_END, true);
    }

    private Projection projection(String name, long outputDim, long inputDim, Weight.Role role, boolean biased)
            throws ModelFormatException {
        Part weight = matrix(name, outputDim, inputDim, role).whole();
        return new Projection(
                weight,
                biased ? vector(name + ".bias", weight.rows(), Weight.Role.BIAS).whole() : null,
                scales(name, 1));
    }

    /** The factors {@code name.scale} if there are any. What files say of the inputs' range changes nothing. */
    private Weight scales(String name, int count) throws ModelFormatException {
        if (has(name + ".input_scale")) {
            ignore(name + ".input_scale");
        }
        return has(name + ".scale") ? factors(name + ".scale", count) : null;
    }

    /** RMS normalisation by {@code name.weight}. */
    Norm rms(String name, int width, float epsilon) throws ModelFormatException {
        return new Norm.Rms(vector(name + ".weight", width, Weight.Role.GAIN), epsilon);
    }

    /** LayerNorm by {@code name.weight} and a {@code name.bias} that must be there. */
    Norm biasedLayerNorm(String name, int width, float epsilon) throws ModelFormatException {
        return new Norm.Layer(
                vector(name + ".weight", width, Weight.Role.GAIN),
                vector(name + ".bias", width, Weight.Role.BIAS),
                epsilon);
    }

    /** LayerNorm by {@code name.weight}, and by {@code name.bias} if there is one. */
    Norm layerNorm(String name, int width, float epsilon) throws ModelFormatException {
        return new Norm.Layer(
                vector(name + ".weight", width, Weight.Role.GAIN),
                has(name + ".bias") ? vector(name + ".bias", width, Weight.Role.BIAS) : null,
                epsilon);
    }

    /**
     * Attention by the usual four tensors, with biases where the file has them; or where it has one for queries, keys
     * and values, by that.
     */
    AttentionPlan attention(Heads heads, int dim) throws ModelFormatException {
        if (has("attn_qkv.weight")) {
            return fusedAttention(heads, dim);
        }
        return AttentionPlan.of(
                heads,
                projection("attn_q", heads.queryDim(), dim),
                projection("attn_k", heads.kvDim(), dim),
                projection("attn_v", heads.kvDim(), dim),
                branchEnd("attn_output", dim, heads.queryDim()));
    }

    /** Attention whose queries, keys and values are rows of one tensor, in this order. */
    AttentionPlan fusedAttention(Heads heads, int dim) throws ModelFormatException {
        int queries = heads.queryDim();
        int keys = queries + heads.kvDim();
        int values = keys + heads.kvDim();
        Projection all = projection("attn_qkv", values, dim);
        return AttentionPlan.of(
                heads,
                all.rows(0, queries),
                all.rows(queries, keys),
                all.rows(keys, values),
                branchEnd("attn_output", dim, queries));
    }

    /** The same attention with LayerNorm of each head, by factors of its own, where the file has such. */
    AttentionPlan withNormsOfHeads(AttentionPlan attention, float epsilon) throws ModelFormatException {
        if (!has("attn_q_norm.weight")) {
            return attention;
        }
        Heads heads = attention.heads();
        Weight query = factors("attn_q_norm.weight", heads.count(), heads.dim());
        Weight key = factors("attn_k_norm.weight", heads.kvCount(), heads.dim());
        return attention.withNorms(new Norm.Layer(query, null, epsilon), new Norm.Layer(key, null, epsilon));
    }

    /** The usual gated feed-forward. */
    Gated gated(int ffnDim, int dim, Activation activation) throws ModelFormatException {
        return new Gated(
                projection("ffn_gate", ffnDim, dim),
                projection("ffn_up", ffnDim, dim),
                branchEnd("ffn_down", dim, ffnDim),
                activation);
    }

    /** A feed-forward without a gate, whose active elements are max(0, u)². */
    Gated squared(int ffnDim, int dim) throws ModelFormatException {
        Projection up = projection("ffn_up", ffnDim, dim);
        return new Gated(up, up, branchEnd("ffn_down", dim, ffnDim), Activation.RELU);
    }

    /** A gated feed-forward whose gate and other half are one tensor, the gate first. */
    Gated fusedGated(int ffnDim, int dim, Activation activation) throws ModelFormatException {
        Projection both = projection("ffn_up", 2L * ffnDim, dim);
        return new Gated(
                both.rows(0, ffnDim), both.rows(ffnDim, 2 * ffnDim), branchEnd("ffn_down", dim, ffnDim), activation);
    }

    /**
     * A matrix of each expert, {@code name.weight} {@code [E, N, K]}, with {@code name.bias} and {@code name.scale} if
     * there are such.
     */
    ExpertProjection experts(String name, int experts, int outputDim, int inputDim) throws ModelFormatException {
        Weight weight = weight(name + ".weight", Shape.of(experts, outputDim, inputDim), Weight.Role.PROJECTION);
        Weight bias =
                has(name + ".bias") ? weight(name + ".bias", Shape.of(experts, outputDim), Weight.Role.BIAS) : null;
        return new ExpertProjection(weight, 0, outputDim, bias, scales(name, experts));
    }

    /**
     * The classifier {@code cls.output}, with {@code cls} and {@code cls.norm} in front of it if they are there; null
     * if it is not.
     *
     * @param pooling what it takes of a text
     * @param activation behind {@code cls}
     * @param epsilon of {@code cls.norm}
     */
    Classifier classifier(Pooling pooling, Activation activation, int dim, float epsilon) throws ModelFormatException {
        if (!has("cls.output.weight")) {
            return null;
        }
        Projection dense = has("cls.weight") ? projection("cls", dim, dim) : null;
        return new Classifier(
                pooling,
                dense,
                activation,
                dense != null && has("cls.norm.weight") ? layerNorm("cls.norm", dim, epsilon) : null,
                projection("cls.output", rows("cls.output.weight"), dim),
                false);
    }

    /** The taps of a causal convolution, {@code name.weight} {@code [channels, taps]}, the oldest first. */
    Weight taps(String name, int channels, int taps) throws ModelFormatException {
        return matrix(name, channels, taps, Weight.Role.PROJECTION);
    }

    /** A vector of this full name that is added to others. */
    Weight bias(String name, int length) throws ModelFormatException {
        return weight(name, Shape.of(length), Weight.Role.BIAS);
    }

    /** Factors of this full name and this shape. */
    Weight factors(String name, int... dims) throws ModelFormatException {
        return weight(name, Shape.of(dims), Weight.Role.GAIN);
    }

    /** A vector {@code name.weight} as the projection of a row to one number. */
    Projection toOne(String name, int inputDim) throws ModelFormatException {
        Weight vector = weight(name + ".weight", Shape.of(inputDim), Weight.Role.PROJECTION);
        return new Projection(new Weight(vector.name(), Shape.of(1, inputDim), vector.role()).whole(), null);
    }

    private Weight weight(String full, Shape shape, Weight.Role role) throws ModelFormatException {
        holder.take(prefix + full, shape);
        return new Weight(prefix + full, shape, role);
    }

    /** The elements of a vector of this full name, on which the plan itself depends. */
    float[] values(String name, int length) throws ModelFormatException {
        return holder.values(prefix + name, length);
    }

    /** A refusal because of a tensor of this full name. */
    ModelFormatException refuse(String name, String expected, String found) {
        return holder.refuse(prefix + name, expected, found);
    }

    private Weight matrix(String name, long rows, long columns, Weight.Role role) throws ModelFormatException {
        String full = prefix + name + ".weight";
        if (rows > Integer.MAX_VALUE || columns > Integer.MAX_VALUE) {
            throw holder.refuse(full, "rows and columns below 2^31", "[" + rows + ", " + columns + "] asked for");
        }
        Shape shape = Shape.of((int) rows, (int) columns);
        holder.take(full, shape);
        return new Weight(full, shape, role);
    }

    private Weight vector(String name, int length, Weight.Role role) throws ModelFormatException {
        return weight(name, Shape.of(length), role);
    }
}
