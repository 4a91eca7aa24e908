// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

/** How the hidden rows of a text become one vector. */
public enum Pooling {
    /** They do not: the model makes logits. */
    NONE,
    /** Their mean. */
    MEAN,
    /** The first row. */
    CLS,
    /** The last row. */
    LAST,
    /** They do not: a classifier makes a score. */
    RANK
}
