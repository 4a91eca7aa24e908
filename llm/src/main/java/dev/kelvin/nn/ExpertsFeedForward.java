// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.Routing;
import dev.kelvin.ops.Compute;
import dev.kelvin.ops.ExpertChoice;
import dev.kelvin.plan.ExpertProjection;
import dev.kelvin.plan.FeedForward.Experts;
import dev.kelvin.plan.Gate;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Tensor;
import java.util.Arrays;

/**
 * A mixture of experts as {@link Experts} describes it. Rows are grouped by expert, so that the weights of each are
 * read once a pass; a row's own experts are added up in the order of their ranks, so that its company changes no bit.
 */
final class ExpertsFeedForward implements Layer {
    private static final int LOGITS = 0;
    private static final int GROUPED = 1;
    private static final int GATE = 2;
    private static final int UP = 3;
    private static final int DOWN = 4;
    private static final int SHARED = 5;
    private static final int WEIGHT = 6;
    /** What the router reads, and then what the experts do, where that is not x itself. */
    private static final int READ = 7;

    /** The matrices of all experts, and their biases {@code [E, N]} and scales {@code [E]}, or null. */
    private record Matrices(Tensor[] weights, HeapTensor biases, float[] scales) {
        static Matrices of(ExpertProjection plan, WeightSource source) {
            Tensor[] weights = new Tensor[plan.experts()];
            Arrays.setAll(weights, e -> source.factor(plan.of(e)));
            HeapTensor biases = plan.bias() == null ? null : source.matrix(plan.bias());
            return new Matrices(weights, biases, plan.scales() == null ? null : source.elements(plan.scales()));
        }
    }

    private final Compute compute;
    private final Experts plan;
    private final Routing routing;
    private final NormLayer routerNorm;
    private final NormLayer expertsNorm;
    private final Linear router;
    private final Matrices gate;
    private final Matrices up;
    private final Matrices down;
    private final GatedFeedForward shared;
    private final Linear sharedGate;
    private final RowBuffers sharedRows;
    private final ExpertChoice choice = new ExpertChoice();
    private float[] sharedWeights = new float[0];
    private float[] groupedFactors = new float[0];

    ExpertsFeedForward(Experts plan, WeightSource source, Compute compute) {
        this.compute = compute;
        this.plan = plan;
        Experts.Choice choosing = plan.choice();
        float[] bias = choosing.bias() == null ? null : source.elements(choosing.bias());
        routing = new Routing(
                choosing.used(), choosing.gating(), bias, choosing.normalise(), choosing.scale(), choosing.groups());
        Experts.Reading reading = plan.reading();
        routerNorm = reading == null ? null : NormLayer.of(reading.router(), source, compute);
        expertsNorm = reading == null ? null : NormLayer.of(reading.experts(), source, compute);
        router = Linear.of(plan.router(), source, compute);
        gate = plan.gate() == null ? null : Matrices.of(plan.gate(), source);
        up = Matrices.of(plan.up(), source);
        down = Matrices.of(plan.down(), source);
        Experts.Shared all = plan.shared();
        shared = all == null ? null : new GatedFeedForward(all.layer(), source, compute);
        sharedGate = all == null || all.gate() == null ? null : Linear.of(all.gate(), source, compute);
        sharedRows = shared == null ? null : new RowBuffers(shared.widths());
    }

    @Override
    public int[] widths() {
        int used = plan.choice().used();
        int dim = plan.router().inputDim();
        int ffnDim = plan.up().outputDim();
        return new int[] {router.outputDim(), used * dim, used * ffnDim, used * ffnDim, used * dim, dim, 1, dim};
    }

    @Override
    public void forward(HeapTensor x, HeapTensor y, RowBuffers kept, Context context) {
        route(x, kept);
        HeapTensor grouped = grouped(kept, GROUPED, x);
        compute.experts().gather(read(expertsNorm, x, kept), choice, grouped);
        HeapTensor raised = product(grouped, up, grouped(kept, UP, x));
        HeapTensor active = gate == null ? raised : product(grouped, gate, grouped(kept, GATE, x));
        switch (plan.form()) {
            case Gate.None none -> compute.elements().activate(none.activation(), raised, active);
            case Gate.By by -> compute.elements().gated(by.activation(), active, raised, active);
            case Gate.Clamped clamped ->
                compute.elements().clampedSwiGlu(active, raised, clamped.alpha(), clamped.limit(), active);
        }
        compute.experts().combine(product(active, down, grouped(kept, DOWN, x)), choice, y);
        if (shared != null) {
            addShared(x, y, kept, context);
        }
    }

    private void route(HeapTensor x, RowBuffers kept) {
        HeapTensor logits = kept.rows(LOGITS, x.rows());
        router.forward(read(routerNorm, x, kept), logits);
        if (plan.reading() != null) {
            compute.elements().scale(logits, plan.reading().routerScale(), logits);
        }
        compute.experts().route(logits, routing, choice);
    }

    private static HeapTensor read(NormLayer norm, HeapTensor x, RowBuffers kept) {
        if (norm == null) {
            return x;
        }
        HeapTensor normalised = kept.rows(READ, x.rows());
        norm.forward(x, normalised);
        return normalised;
    }

    /** The rows of a slot as one for each expert of a row. */
    private HeapTensor grouped(RowBuffers kept, int slot, HeapTensor x) {
        HeapTensor rows = kept.rows(slot, x.rows());
        int used = plan.choice().used();
        return HeapTensor.view(rows.data(), rows.offset(), x.rows() * used, rows.columns() / used);
    }

    private HeapTensor product(HeapTensor rows, Matrices matrices, HeapTensor to) {
        compute.experts().matmul(rows, matrices.weights(), choice, to);
        if (matrices.scales() != null) {
            compute.rows().scaleRows(to, eachRow(matrices.scales()), to);
        }
        if (matrices.biases() != null) {
            compute.experts().addBias(to, matrices.biases(), choice);
        }
        return to;
    }

    /** The number of its expert for each grouped row. */
    private float[] eachRow(float[] ofExperts) {
        if (groupedFactors.length < choice.grouped()) {
            groupedFactors = new float[choice.grouped()];
        }
        for (int e = 0; e < ofExperts.length; e++) {
            Arrays.fill(groupedFactors, choice.begin(e), choice.end(e), ofExperts[e]);
        }
        return groupedFactors;
    }

    private void addShared(HeapTensor x, HeapTensor y, RowBuffers kept, Context context) {
        HeapTensor all = kept.rows(SHARED, x.rows());
        shared.forward(x, all, sharedRows, context);
        if (sharedGate != null) {
            HeapTensor weight = kept.rows(WEIGHT, x.rows());
            sharedGate.forward(x, weight);
            compute.elements().activate(Activation.SIGMOID, weight, weight);
            if (sharedWeights.length < x.rows()) {
                sharedWeights = new float[x.rows()];
            }
            System.arraycopy(weight.data(), weight.offset(), sharedWeights, 0, x.rows());
            compute.rows().scaleRows(all, sharedWeights, all);
        }
        compute.elements().add(y, all, y);
    }
}
