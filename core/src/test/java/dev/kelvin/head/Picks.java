// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.Random;

/** What tests of samplers share: logits, and what a chain leaves of them. */
final class Picks {
    private Picks() {}

    /** Logits whose softmax at τ = 1 is these probabilities. */
    static float[] logitsOf(double... probs) {
        float[] logits = new float[probs.length];
        for (int i = 0; i < probs.length; i++) {
            logits[i] = (float) StrictMath.log(probs[i]);
        }
        return logits;
    }

    /** Normal deviates times a factor. */
    static float[] gaussian(long seed, int length, double factor) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) (factor * random.nextGaussian());
        }
        return values;
    }

    /** The sequence after one pick, whose candidates are what the chain left; the tokens before it are told. */
    static Sampling after(SamplerChain chain, float[] logits, int... history) {
        Sampling sampling = chain.start(Compute.serial(), 7, 0);
        sampling.accept(history);
        sampling.pick(HeapTensor.of(logits));
        return sampling;
    }

    /** The ids that one stage leaves. */
    static int[] left(Sampler sampler, float[] logits, int... history) {
        return ids(after(SamplerChain.of(sampler), logits, history));
    }

    static int[] ids(Sampling sampling) {
        int[] ids = new int[sampling.candidates().count()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = sampling.candidates().id(i);
        }
        return ids;
    }

    /** The probabilities of all tokens, 0 for those that are out. */
    static float[] probs(Sampling sampling, int vocabSize) {
        float[] probs = new float[vocabSize];
        for (int i = 0; i < sampling.candidates().count(); i++) {
            probs[sampling.candidates().id(i)] = sampling.candidates().prob(i);
        }
        return probs;
    }
}
