// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/** What a {@link CustomSampler} makes of logits. */
@FunctionalInterface
public interface LogitFunction {
    /**
     * Another logit for a token; −∞ drops it, what leaves the range of a float is held at its end.
     *
     * @param id of the token
     * @param logit as the stages so far have left it, divided by the temperature so far
     */
    float of(int id, float logit);
}
