// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.LinkedHashMap;
import java.util.Map;

/** The families of kernels, as questions of a reader. */
final class Families {
    private static final Map<String, String> TITLES = new LinkedHashMap<>();

    static {
        TITLES.put("gemm", "How fast are products of matrices?");
        TITLES.put("gemv", "How fast are weights read in generation?");
        TITLES.put("quantized", "How fast are prompts with quantized weights?");
        TITLES.put("softmax", "How fast are softmax and its logarithm?");
        TITLES.put("rows", "How fast are operations on rows?");
        TITLES.put("attention", "How fast is attention?");
        TITLES.put("sampler", "How fast are tokens picked?");
        TITLES.put("loss", "How fast is the cross-entropy with its gradient?");
        TITLES.put("training", "How fast are the products of training?");
        TITLES.put("vectors", "How fast are vectors compared?");
    }

    private Families() {}

    /** The question that a family answers; its name if it is not known here. */
    static String title(String family) {
        return TITLES.getOrDefault(family, family);
    }
}
