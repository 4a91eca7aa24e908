// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/** A stage between logits and the pick: it narrows the candidates or changes their distribution. An immutable value. */
public sealed interface Sampler permits Temperature, TopK, TopP, MinP {
    /**
     * Applies this stage. At least one candidate is left, and those that are keep their order.
     *
     * @param candidates what the stages before have left
     */
    void apply(Candidates candidates);
}
