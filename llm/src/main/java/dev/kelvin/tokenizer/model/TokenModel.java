// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import dev.kelvin.tokenizer.split.Words;

/** Turns words into ids. Immutable but for caches that threads share. */
@FunctionalInterface
public interface TokenModel {
    /**
     * Begins a text.
     *
     * @param ids receives the ids of each word
     * @return takes the words; for one thread
     */
    Words encoder(IdList ids);
}
