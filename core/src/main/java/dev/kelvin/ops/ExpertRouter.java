// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.kernel.composed.SoftmaxRow;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.Routing;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/** Experts chosen by a router's logits, split over rows. */
final class ExpertRouter implements RangeTask {
    /** The least sum that weights are divided by, as llama.cpp has it. */
    private static final float LEAST_SUM = 0x1p-14f;

    /** What is not to be chosen any more: no number is less than it, nor greater. */
    private static final float TAKEN = Float.NaN;

    private final Team team;
    private final SoftmaxRow[] softmaxes;

    /** Gates of a row, what is compared of them, and the weights of the chosen, a worker. */
    private final float[][] gates;

    private final float[][] compared;
    private final float[][] weights;
    private HeapTensor logits;
    private Routing routing;
    private ExpertChoice choice;

    ExpertRouter(Team team) {
        this.team = team;
        softmaxes = new SoftmaxRow[team.threads()];
        for (int worker = 0; worker < softmaxes.length; worker++) {
            softmaxes[worker] = new SoftmaxRow(team.kernels(worker));
        }
        gates = new float[team.threads()][0];
        compared = new float[team.threads()][0];
        weights = new float[team.threads()][0];
    }

    void apply(HeapTensor logits, Routing routing, ExpertChoice choice) {
        int experts = logits.columns();
        if (routing.used() > experts) {
            throw new IllegalArgumentException(
                    "route: " + routing.used() + " experts a row, but logits " + logits.shape() + " have " + experts);
        }
        if (routing.selectionBias() != null && routing.selectionBias().length != experts) {
            throw new IllegalArgumentException(
                    "route: a selection bias of " + routing.selectionBias().length + " for logits " + logits.shape());
        }
        requireGroups(routing, logits);
        for (int row = 0; row < logits.rows(); row++) {
            int offset = logits.offset() + row * experts;
            float max = team.kernels(0).rows().max(logits.data(), offset, experts);
            if (!LogitErrors.hasFiniteMaximum(max)) {
                throw new IllegalArgumentException(
                        "route: row " + row + " of logits " + logits.shape() + " has a maximum of " + max);
            }
        }
        choice.prepare(logits.rows(), routing.used(), experts);
        this.logits = logits;
        this.routing = routing;
        this.choice = choice;
        try {
            team.run(logits.rows(), Cost.ROUTE.picos() * experts, 1, this);
        } finally {
            this.logits = null;
            this.routing = null;
            this.choice = null;
        }
        choice.group();
    }

    private static void requireGroups(Routing routing, HeapTensor logits) {
        Routing.Groups groups = routing.groups();
        int experts = logits.columns();
        if (groups != null
                && (experts % groups.count() != 0 || routing.used() > experts / groups.count() * groups.used())) {
            throw new IllegalArgumentException("route: " + routing.used() + " experts a row of " + groups.used()
                    + " groups of " + groups.count() + ", but logits " + logits.shape());
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        int experts = logits.columns();
        if (gates[worker].length < experts) {
            compared[worker] = new float[experts];
            weights[worker] = new float[experts];
            gates[worker] = new float[experts];
        }
        for (int row = begin; row < end; row++) {
            gate(worker, logits.offset() + row * experts);
            choose(worker, row);
        }
    }

    private void gate(int worker, int offset) {
        int experts = logits.columns();
        float[] gate = gates[worker];
        Kernels kernels = team.kernels(worker);
        switch (routing.gating()) {
            case SOFTMAX -> softmax(worker, logits.data(), offset, gate, experts);
            case SIGMOID -> kernels.elements().activate(Activation.SIGMOID, logits.data(), offset, gate, 0, experts);
            case SOFTMAX_OF_CHOSEN -> System.arraycopy(logits.data(), offset, gate, 0, experts);
        }
        if (routing.selectionBias() == null) {
            System.arraycopy(gate, 0, compared[worker], 0, experts);
        } else {
            kernels.elements().add(gate, 0, routing.selectionBias(), 0, compared[worker], 0, experts);
        }
    }

    private void softmax(int worker, float[] x, int offset, float[] probs, int length) {
        SoftmaxRow row = softmaxes[worker];
        row.max(x, offset, length);
        row.numerators(x, offset, probs, 0, length, SoftmaxScale.ONE);
        row.probabilities(probs, 0, probs, 0, length, 1);
    }

    /**
     * Marks the experts of all but the best groups as taken.
     *
     * @param left what is compared of each expert
     * @param sums room for one number a group
     */
    private void keepBestGroups(float[] left, float[] sums, Routing.Groups groups) {
        int size = logits.columns() / groups.count();
        for (int group = 0; group < groups.count(); group++) {
            float first = Float.NEGATIVE_INFINITY;
            float second = Float.NEGATIVE_INFINITY;
            for (int e = group * size; e < (group + 1) * size; e++) {
                second = Math.max(second, Math.min(first, left[e]));
                first = Math.max(first, left[e]);
            }
            sums[group] = size == 1 ? first : first + second;
        }
        for (int dropped = groups.used(); dropped < groups.count(); dropped++) {
            int worst = -1;
            for (int group = 0; group < groups.count(); group++) {
                if (!Float.isNaN(sums[group]) && (worst < 0 || sums[group] <= sums[worst])) {
                    worst = group;
                }
            }
            sums[worst] = TAKEN;
            Arrays.fill(left, worst * size, (worst + 1) * size, TAKEN);
        }
    }

    private void choose(int worker, int row) {
        int used = routing.used();
        float[] left = compared[worker];
        float[] chosen = weights[worker];
        if (routing.groups() != null) {
            keepBestGroups(left, chosen, routing.groups());
        }
        for (int rank = 0; rank < used; rank++) {
            int best = 0;
            for (int e = 1; e < logits.columns(); e++) {
                if (left[e] > left[best] || Float.isNaN(left[best])) {
                    best = e;
                }
            }
            left[best] = TAKEN;
            chosen[rank] = gates[worker][best];
            choice.set(row, rank, best, 0);
        }
        if (routing.gating() == Routing.Gating.SOFTMAX_OF_CHOSEN) {
            softmax(worker, chosen, 0, chosen, used);
        }
        float divisor = 1;
        if (routing.normalise()) {
            float sum = 0;
            for (int rank = 0; rank < used; rank++) {
                sum += chosen[rank];
            }
            divisor = Math.max(sum, LEAST_SUM);
        }
        for (int rank = 0; rank < used; rank++) {
            choice.set(row, rank, choice.id(row, rank), chosen[rank] / divisor * routing.scale());
        }
    }
}
