// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Classifier;
import dev.kelvin.tensor.HeapTensor;

/**
 * Computes a {@link Classifier}: vectors of texts in, a number for each label out. Rows do not depend on each other.
 */
public final class ClassifierHead {
    private final Compute compute;
    private final Classifier plan;
    private final Linear dense;
    private final NormLayer norm;
    private final Linear output;

    private ClassifierHead(Compute compute, Classifier plan, WeightSource weights) {
        this.compute = compute;
        this.plan = plan;
        dense = plan.dense() == null ? null : Linear.of(plan.dense(), weights, compute);
        norm = NormLayer.of(plan.norm(), weights, compute);
        output = Linear.of(plan.output(), weights, compute);
    }

    /** The head of a plan; null for none. */
    static ClassifierHead of(Classifier plan, WeightSource weights, Compute compute) {
        return plan == null ? null : new ClassifierHead(compute, plan, weights);
    }

    /** What it computes. */
    public Classifier plan() {
        return plan;
    }

    /**
     * Computes the numbers of the labels.
     *
     * @param vectors {@code [B, D]}
     * @param numbers {@code [B, labels]}, overwritten; must not overlap {@code vectors}
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public void forward(HeapTensor vectors, HeapTensor numbers) {
        HeapTensor x = vectors;
        if (dense != null) {
            HeapTensor raised = HeapTensor.zeros(x.rows(), dense.outputDim());
            dense.forward(x, raised);
            x = HeapTensor.zeros(raised.rows(), raised.columns());
            compute.elements().activate(plan.activation(), raised, x);
            if (norm != null) {
                norm.forward(x, x);
            }
        }
        output.forward(x, numbers);
        if (plan.shares()) {
            compute.softmax(numbers, 1, numbers);
        }
    }
}
