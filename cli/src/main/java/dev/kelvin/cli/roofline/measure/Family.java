// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Kernels that belong together, and are measured in the same JVMs. */
public enum Family {
    /** Products of matrices in f32. */
    GEMM,
    /** One row with weights of each type. */
    GEMV,
    /** Many rows with weights of each type. */
    QUANTIZED,
    /** Softmax and its logarithm. */
    SOFTMAX,
    /** Norms, functions, sums. */
    ROWS,
    /** Attention over a cache. */
    ATTENTION,
    /** From logits to a token. */
    SAMPLER,
    /** Cross-entropy with its gradient. */
    LOSS,
    /** Gradients of products. */
    TRAINING,
    /** Dot products, and one row with weights in an array. */
    VECTORS;

    /** Families whose kernels share much code share a JVM of a quick run, since that code is compiled in each anew. */
    private static final List<List<Family>> TOGETHER = List.of(
            List.of(GEMM, LOSS, TRAINING),
            List.of(SOFTMAX, ROWS, ATTENTION, SAMPLER),
            List.of(GEMV, QUANTIZED, VECTORS));

    /** What is measured in one JVM each. */
    static List<List<Family>> groups(Set<Family> families, boolean quick) {
        return quick
                ? TOGETHER.stream()
                        .map(group -> group.stream().filter(families::contains).toList())
                        .filter(group -> !group.isEmpty())
                        .toList()
                : families.stream().map(List::of).toList();
    }

    /** What is measured of it. */
    List<Case> cases(Plan plan) {
        return switch (this) {
            case GEMM -> ProductCases.gemm(plan);
            case GEMV -> WeightCases.gemv(plan);
            case QUANTIZED -> WeightCases.prompts(plan);
            case SOFTMAX -> SoftmaxCases.cases(plan);
            case ROWS -> RowCases.cases(plan);
            case ATTENTION -> AttentionCases.cases(plan);
            case SAMPLER -> HeadCases.sampler(plan);
            case LOSS -> HeadCases.loss(plan);
            case TRAINING -> ProductCases.training(plan);
            case VECTORS -> VectorCases.cases(plan);
        };
    }

    /** Its name on a command line and in a report. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
