// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

/**
 * What becomes of logits after the projection to the vocabulary.
 *
 * @param scale a factor, applied first
 * @param softCap c, by which a logit z becomes c·tanh(z/c); +∞ for none
 */
public record Logits(float scale, float softCap) {
    /** Nothing. */
    public static final Logits PLAIN = new Logits(1, Float.POSITIVE_INFINITY);

    /** Checks the numbers. */
    public Logits {
        if (!(scale > 0) || scale == Float.POSITIVE_INFINITY || !(softCap > 0)) {
            throw new IllegalArgumentException("plan: logits times " + scale + ", capped at " + softCap);
        }
    }

    /** Multiplied. */
    public static Logits scaled(float scale) {
        return new Logits(scale, Float.POSITIVE_INFINITY);
    }

    /** Capped. */
    public static Logits softCapped(float softCap) {
        return new Logits(1, softCap);
    }
}
