// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/** What becomes of two floats. */
public enum Combination {
    /** a + b. */
    ADD("add"),
    /** a − b. */
    SUB("sub"),
    /** a·b. */
    MUL("mul"),
    /** a/b. */
    DIV("div"),
    /** The smaller, NaN if either is NaN; −0 is below +0. */
    MIN("min"),
    /** The larger, NaN if either is NaN; −0 is below +0. */
    MAX("max"),
    /** a to the power of b. */
    POW("pow");

    private final String label;

    Combination(String label) {
        this.label = label;
    }

    /** The operation's name in messages. */
    public String label() {
        return label;
    }
}
