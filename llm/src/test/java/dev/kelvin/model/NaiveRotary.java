// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.util.Arrays;

/** Rotary positions of a {@link NaiveTransformer}: draws what its file says of them, and turns by it. */
final class NaiveRotary {
    private static final double USUAL_BASE = 10_000;

    private final NaiveTransformer model;
    private final int headDim;
    private final int dims;
    private final boolean longer;

    /**
     * Draws the keys.
     *
     * @param kind from 1 on: none, linear, by default linear, by the old key, yarn, off, divisors for two ranges
     */
    NaiveRotary(NaiveTransformer model, int headDim, int kind) {
        this.model = model;
        this.headDim = headDim;
        dims = model.is("partial") && (model.isPlain() || model.maybe()) ? 2 : headDim;
        longer = model.maybe();
        if (model.is("positions")) {
            return;
        }
        if (dims != headDim || model.maybe()) {
            model.key("rope.dimension_count", dims);
        }
        if (model.maybe()) {
            model.key("rope.freq_base", 300f);
        }
        boolean windows = model.is("local-scaled") || model.is("local-plain") || model.is("local-global");
        if (windows && model.maybe()) {
            model.key("rope.freq_base_swa", 70f);
        }
        if (kind > 1 && model.maybe()) {
            model.key("rope.scaling.attn_factor", 1.25f);
        }
        boolean ranged = model.is("divisors") || model.is("ranges");
        switch (kind) {
            case 2, 3 -> {
                if (kind == 2) {
                    model.key("rope.scaling.type", "linear");
                }
                model.key("rope.scaling.factor", model.maybe() ? 2.5f : 0f);
            }
            case 4 -> model.key("rope.scale_linear", 3f);
            case 5 -> drawYarn();
            case 6 -> model.key("rope.scaling.type", "none");
            case 7 -> {
                if (ranged) {
                    model.key("rope.scaling.type", "longrope");
                    model.key("rope.scaling.original_context_length", longer ? 50 : 64);
                    model.near("rope_factors_long.weight", 5, 3, dims / 2);
                    model.near("rope_factors_short.weight", 2, 1, dims / 2);
                }
            }
            default -> {}
        }
        if (model.is("divisors") && kind != 7 && model.maybe()) {
            model.near("rope_freqs.weight", 4, 3, dims / 2);
        }
    }

    /** Sections that have all pairs, whether by turns or one after the other; then they change nothing in a text. */
    static int[] sections(int headDim) {
        int pairs = headDim / 2;
        return new int[] {(pairs + 2) / 3, (pairs + 1) / 3, pairs / 3, 0};
    }

    private void drawYarn() {
        model.key("rope.scaling.type", "yarn");
        model.key("rope.scaling.factor", 4f);
        if (!model.is("temper")) {
            model.key("rope.scaling.original_context_length", 16);
        }
        if (model.is("betas") && model.maybe()) {
            model.key("rope.scaling.yarn_beta_fast", 8f);
            model.key("rope.scaling.yarn_beta_slow", 0.25f);
            model.key("rope.scaling.yarn_log_multiplier", 0.5f);
        }
    }

    /**
     * Heads of queries or keys, turned.
     *
     * @param near whether the layer has a window
     */
    double[] turn(double[] heads, int position, boolean near) {
        boolean plain = near && (model.is("local-plain") || model.is("local-global"));
        double base = model.real("rope.freq_base", USUAL_BASE);
        if (near) {
            base = model.real("rope.freq_base_swa", model.is("local-plain") ? USUAL_BASE : base);
        }
        double[] angles = angles(position, dims, base);
        if (model.metadata.get(model.family + ".rope.dimension_sections") instanceof int[] sections) {
            int turning = sections[0] + sections[1] + sections[2];
            Arrays.setAll(angles, i -> i < turning ? angles[i] : 0);
        }
        divide(angles, "rope_freqs.weight");
        divide(angles, longer ? "rope_factors_long.weight" : "rope_factors_short.weight");
        double magnitude = model.is("local-global") && near ? 1 : model.real("rope.scaling.attn_factor", 1);
        if (!plain) {
            magnitude *= scale(angles, base);
        }
        double[] turned =
                model.is("adjacent") ? turnNeighbours(heads, headDim, angles) : turnHalves(heads, headDim, angles);
        for (int i = 0; i < turned.length; i++) {
            turned[i] *= i % headDim < dims ? magnitude : 1;
        }
        return turned;
    }

    private void divide(double[] angles, String name) {
        if (model.has(name)) {
            double[] divisors = model.all(name);
            Arrays.setAll(angles, i -> angles[i] / divisors[i]);
        }
    }

    private double scale(double[] angles, double base) {
        Object type = model.metadata.getOrDefault(model.family + ".rope.scaling.type", "linear");
        double factor = model.real("rope.scaling.factor", model.real("rope.scale_linear", 0));
        if (factor == 0 || type.equals("none")) {
            return 1;
        }
        if (!type.equals("yarn")) {
            Arrays.setAll(angles, i -> angles[i] / factor);
            return 1;
        }
        double first = Math.max(0, Math.floor(pair(base, model.real("rope.scaling.yarn_beta_fast", 32))));
        double last = Math.min(dims - 1.0, Math.ceil(pair(base, model.real("rope.scaling.yarn_beta_slow", 1))));
        for (int i = 0; i < angles.length; i++) {
            double kept = 1 - Math.clamp((i - first) / Math.max(0.001, last - first), 0, 1);
            angles[i] = angles[i] * kept + angles[i] / factor * (1 - kept);
        }
        double growth = 0.1 * Math.log(factor);
        return (1 + growth) / (1 + growth * model.real("rope.scaling.yarn_log_multiplier", 0));
    }

    /** Which pair turns so often in the original context. */
    private double pair(double base, double turns) {
        int original = model.integer("rope.scaling.original_context_length", model.integer("context_length"));
        return dims * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(base));
    }

    /** The first 2 · angles.length elements of each head turned, element i with the one half of them on. */
    static double[] turnHalves(double[] heads, int width, double... angles) {
        double[] y = heads.clone();
        int pairs = angles.length;
        for (int begin = 0; begin < heads.length; begin += width) {
            for (int i = 0; i < pairs; i++) {
                double a = heads[begin + i];
                double b = heads[begin + pairs + i];
                y[begin + i] = a * Math.cos(angles[i]) - b * Math.sin(angles[i]);
                y[begin + pairs + i] = a * Math.sin(angles[i]) + b * Math.cos(angles[i]);
            }
        }
        return y;
    }

    /** The angles of a position by a base, divided. */
    static double[] angles(int position, int dims, double base) {
        double[] angles = new double[dims / 2];
        Arrays.setAll(angles, i -> position * Math.pow(base, -2.0 * i / dims));
        return angles;
    }

    /** The first 2 · angles.length elements of each head turned, neighbours together. */
    static double[] turnNeighbours(double[] heads, int width, double... angles) {
        double[] y = heads.clone();
        for (int begin = 0; begin < heads.length; begin += width) {
            for (int i = 0; i < angles.length; i++) {
                double a = heads[begin + 2 * i];
                double b = heads[begin + 2 * i + 1];
                y[begin + 2 * i] = a * Math.cos(angles[i]) - b * Math.sin(angles[i]);
                y[begin + 2 * i + 1] = a * Math.sin(angles[i]) + b * Math.cos(angles[i]);
            }
        }
        return y;
    }
}
