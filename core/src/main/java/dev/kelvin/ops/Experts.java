// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.operand.Routing;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Tensor;

/**
 * The operations of a mixture of experts. Got from {@link Compute#experts}, whose rules hold here too: results are pure
 * functions of the inputs to the bit, shapes are checked before anything is written, one caller at a time.
 *
 * <p>{@link #route} chooses experts; {@link #gather} lays rows out grouped by expert; {@link #matmul} multiplies each
 * group with its expert's weights, which are read once; what lies between two products takes grouped rows as any
 * others; {@link #combine} brings them back. The company of a row changes no bit of it.
 */
public final class Experts {
    private final Team team;
    private final ExpertRouter router;
    private final ExpertRows rows;
    private final ExpertProduct product;

    Experts(Team team) {
        this.team = team;
        router = new ExpertRouter(team);
        rows = new ExpertRows(team);
        product = new ExpertProduct(team);
    }

    /**
     * Chooses experts for each row: those with the largest gates, the lower id on a tie, in descending order.
     *
     * @param logits of the router [R, E]
     * @param routing how they choose
     * @param choice receives ids, weights and the grouping
     * @throws IllegalArgumentException also if more experts are wanted than there are, or a row has NaN or +∞, or
     *     nothing but −∞
     */
    public void route(HeapTensor logits, Routing routing, ExpertChoice choice) {
        try (Team.Call _ = team.begin()) {
            router.apply(logits, routing, choice);
        }
    }

    /**
     * Copies each row to its places among the rows grouped by expert.
     *
     * @param x [R, K]
     * @param choice of the rows
     * @param grouped [R·used, K]; must not overlap x
     */
    public void gather(HeapTensor x, ExpertChoice choice, HeapTensor grouped) {
        try (Team.Call _ = team.begin()) {
            rows.gather(x, choice, grouped);
        }
    }

    /**
     * {@link Compute#matmul} of each group of rows with the weights of its expert: the same bits. Makes a view a group.
     *
     * @param x grouped rows [R·used, K]
     * @param weights of each expert [N, K], of any type that can be multiplied with
     * @param choice of the rows
     * @param y [R·used, N]; must overlap neither x nor weights
     */
    public void matmul(HeapTensor x, Tensor[] weights, ExpertChoice choice, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            product.apply(x, weights, choice, y);
        }
    }

    /**
     * Adds its expert's bias to each grouped row, in place.
     *
     * @param x grouped rows [R·used, N]
     * @param biases [E, N]
     * @param choice of the rows
     */
    public void addBias(HeapTensor x, HeapTensor biases, ExpertChoice choice) {
        try (Team.Call _ = team.begin()) {
            rows.addBias(x, biases, choice);
        }
    }

    /**
     * The sum of what each row's experts made of it: out[r] = Σ weight·y, by fma from +0, ascending in the row's own
     * ranks.
     *
     * @param y grouped rows [R·used, N]
     * @param choice of the rows
     * @param out [R, N]; must not overlap y
     */
    public void combine(HeapTensor y, ExpertChoice choice, HeapTensor out) {
        try (Team.Call _ = team.begin()) {
            rows.combine(y, choice, out);
        }
    }
}
