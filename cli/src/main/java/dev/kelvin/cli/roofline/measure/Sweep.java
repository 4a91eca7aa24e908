// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** Options of the JVM that change what code is made, and the few kernels that show it. */
final class Sweep {
    private static final String OF_PROCESSORS_WITHOUT = "this processor's vectors are narrower";

    private Sweep() {}

    /**
     * Options to be tried.
     *
     * @param name what a report calls them
     * @param options of the JVM
     * @param refused why they cannot be tried here; empty if they can
     */
    record Options(String name, List<String> options, String refused) {}

    /** Those that mean something on this machine, and those that would on a larger one with the reason. */
    static List<Options> options() {
        List<Options> all = new ArrayList<>();
        int most = Machine.vectorBits();
        for (int bits : new int[] {0, 128, 256, 512}) {
            String option = "-D" + Compute.VECTOR_BITS + "=" + bits;
            all.add(new Options(option.substring(2), List.of(option), bits > most ? OF_PROCESSORS_WITHOUT : ""));
        }
        Machine.option("UseAVX").map(Integer::valueOf).ifPresent(avx -> {
            for (int level = 1; level <= 3; level++) {
                String option = "-XX:UseAVX=" + level;
                all.add(new Options("UseAVX=" + level, List.of(option), level > avx ? OF_PROCESSORS_WITHOUT : ""));
            }
        });
        all.add(new Options("compact object headers", List.of("-XX:+UseCompactObjectHeaders"), ""));
        if (Machine.option("UseJVMCICompiler").filter(Boolean::parseBoolean).isPresent()) {
            all.add(new Options("C2 in Graal's place", List.of("-XX:-UseJVMCICompiler"), ""));
        }
        return all;
    }

    /** A kernel of each kind, on one thread; each stands in the report without options, too. */
    static List<Case> cases(Plan plan) {
        List<Case> cases = new ArrayList<>();
        cases.addAll(ProductCases.sweep());
        cases.add(WeightCases.gemv(DType.Q4_0, plan.threads()));
        cases.add(WeightCases.gemv(DType.Q8_0, plan.threads()));
        cases.add(SoftmaxCases.softmax(1, 32_000, 1));
        cases.add(VectorCases.dot(768));
        return cases;
    }
}
