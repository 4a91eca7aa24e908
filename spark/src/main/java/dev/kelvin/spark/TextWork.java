// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

/** A model that is ready to do one thing with many texts. For any thread. */
@FunctionalInterface
interface TextWork {
    /**
     * Begins with a text, and does not wait.
     *
     * @param key of its row: with the seed it decides every draw
     * @return the result on its way
     * @throws IllegalArgumentException if the model cannot take this text
     * @throws IllegalStateException if this executor cannot take it, though the model could
     */
    Pending begin(String text, long key);
}
