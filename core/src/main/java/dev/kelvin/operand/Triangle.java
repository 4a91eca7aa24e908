// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

/** Which elements of a square matrix count; the diagonal always does. */
public enum Triangle {
    /** Those with column ≤ row. */
    LOWER,
    /** Those with column ≥ row. */
    UPPER
}
