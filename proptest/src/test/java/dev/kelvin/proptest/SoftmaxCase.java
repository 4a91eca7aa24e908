// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.proptest;

import java.util.SplittableRandom;

/**
 * One row of logits and a temperature. The logits follow from length, style, scale and seed, so that a vocabulary of
 * 200,000 shrinks and prints as easily as a row of three.
 *
 * @param length the number of logits, at least 1
 * @param style how the logits are spread
 * @param scale the size of the logits, where the style has one
 * @param seed of the logits
 * @param temperature τ
 */
record SoftmaxCase(int length, Style style, float scale, long seed, float temperature) {
    /** How logits are spread; each has at least one candidate that is not -∞, and none is NaN or +∞. */
    enum Style {
        /** Uniform within [-scale, scale]. */
        UNIFORM,
        /** A few far above the rest, as in a trained model's answer. */
        PEAKED,
        /** Five different values, so that nearly every maximum is tied. */
        TIED,
        /** All the same. */
        FLAT,
        /** Any finite float, from -MAX_VALUE over subnormals and both zeros to MAX_VALUE. */
        ANY_FINITE,
        /** Uniform, with every other logit or so -∞. */
        MASKED
    }

    float[] logits() {
        SplittableRandom random = new SplittableRandom(seed);
        float[] logits = new float[length];
        for (int i = 0; i < length; i++) {
            logits[i] = logit(random);
        }
        if (style == Style.MASKED) {
            logits[random.nextInt(length)] = scale;
        }
        return logits;
    }

    private float logit(SplittableRandom random) {
        double uniform = random.nextDouble(-1, 1);
        return switch (style) {
            case UNIFORM -> (float) (scale * uniform);
            case PEAKED -> (float) (scale * uniform * (random.nextInt(50) == 0 ? 1 : 0.1));
            case TIED -> (float) (scale * (random.nextInt(5) - 2) / 2.0);
            case FLAT -> scale;
            case ANY_FINITE -> anyFinite(random);
            case MASKED -> random.nextBoolean() ? Float.NEGATIVE_INFINITY : (float) (scale * uniform);
        };
    }

    private static float anyFinite(SplittableRandom random) {
        while (true) {
            float any = Float.intBitsToFloat(random.nextInt());
            if (Float.isFinite(any)) {
                return any;
            }
        }
    }

    SoftmaxCase withTemperature(float other) {
        return new SoftmaxCase(length, style, scale, seed, other);
    }
}
