// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import dev.kelvin.operand.RopeTable.Pairing;
import java.util.Objects;

/**
 * Rotary positions: at position p, pair i of each head turns by the angle p · frequencies[i], and is multiplied by the
 * magnitude. However an architecture lengthens its context, it ends in these numbers.
 *
 * <p>Source: Su et al., RoFormer: Enhanced Transformer with Rotary Position Embedding, 2021.
 *
 * @param pairing which elements are a pair
 * @param dims elements of each head that turn, the first ones; even
 * @param frequencies {@code [dims/2]}, radians a position; finite; 0 for a pair that does not turn; not to be written
 *     to
 * @param magnitude of the rotated elements; 1 for a rotation alone
 */
public record Rotary(Pairing pairing, int dims, double[] frequencies, double magnitude) {
    /** Checks the numbers. */
    public Rotary {
        Objects.requireNonNull(pairing, "pairing");
        if (dims < 2 || dims % 2 != 0 || frequencies.length != dims / 2) {
            throw new IllegalArgumentException(
                    "plan: " + frequencies.length + " frequencies for " + dims + " rotated elements");
        }
        for (double frequency : frequencies) {
            if (!(frequency >= 0) || frequency == Double.POSITIVE_INFINITY) {
                throw new IllegalArgumentException("plan: a rotary frequency is " + frequency);
            }
        }
        if (!(magnitude > 0) || magnitude == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("plan: the rotary magnitude is " + magnitude);
        }
    }
}
