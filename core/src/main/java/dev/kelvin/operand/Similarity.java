// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

/** How alike two vectors are. */
public enum Similarity {
    /** Σ aᵢ·bᵢ: the larger, the more alike. */
    DOT,
    /** The cosine of the angle between them: the larger, the more alike. */
    COSINE,
    /** Σ (aᵢ − bᵢ)²: the smaller, the more alike. */
    SQUARED_DISTANCE;

    /** Whether a larger score means more alike. */
    public boolean largerIsNearer() {
        return this != SQUARED_DISTANCE;
    }
}
