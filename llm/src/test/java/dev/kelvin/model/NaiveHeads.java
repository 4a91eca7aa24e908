// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.util.Arrays;

/** What becomes of queries and keys of a {@link NaiveTransformer} before they meet, in double precision. */
final class NaiveHeads {
    private final NaiveTransformer model;
    private final NaiveRotary rotary;
    private final int headDim;
    private final double epsilon;

    /** Whether each head has gains of its own. */
    private final boolean gainsOfHeads;

    NaiveHeads(NaiveTransformer model, NaiveRotary rotary, int headDim, double epsilon) {
        this.model = model;
        this.rotary = rotary;
        this.headDim = headDim;
        this.epsilon = epsilon;
        gainsOfHeads = model.is("norm-a-head") && (model.isPlain() || model.maybe());
    }

    void drawNorms(String block, int heads, int kvHeads) {
        if (gainsOfHeads) {
            model.gains(block + "attn_q_norm", heads, headDim);
            model.gains(block + "attn_k_norm", kvHeads, headDim);
        } else if (model.is("head-norms") || model.is("row-norms")) {
            model.gains(block + "attn_q_norm", model.is("head-norms") ? headDim : heads * headDim);
            model.gains(block + "attn_k_norm", model.is("head-norms") ? headDim : kvHeads * headDim);
        }
    }

    /** Heads, normalised by the gains of this name if there are any, and turned. */
    double[] of(double[] x, String norm, int position, boolean near, boolean turns) {
        double[] y = model.is("turned-first") ? x : normed(x, norm);
        y = turns ? rotary.turn(y, position, near) : y;
        return model.is("turned-first") ? normed(y, norm) : y;
    }

    private double[] normed(double[] x, String norm) {
        if (!model.has(norm + ".weight")) {
            return x;
        }
        double[] gains = model.all(norm + ".weight");
        if (!gainsOfHeads) {
            return NaiveModel.rms(x, gains, gains.length, epsilon);
        }
        double[] centred = x.clone();
        for (int begin = 0; begin < x.length; begin += headDim) {
            double mean = Arrays.stream(x, begin, begin + headDim).average().orElseThrow();
            for (int i = begin; i < begin + headDim; i++) {
                centred[i] -= mean;
            }
        }
        return NaiveModel.times(NaiveModel.rms(centred, null, headDim, epsilon), gains);
    }
}
