// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/** What becomes of two floats. */
public enum Combination {
    /** a + b. */
    ADD,
    /** a − b. */
    SUB,
    /** a·b. */
    MUL,
    /** a/b. */
    DIV,
    /** The smaller, NaN if either is NaN; −0 is below +0. */
    MIN,
    /** The larger, NaN if either is NaN; −0 is below +0. */
    MAX,
    /** a to the power of b. */
    POW
}
