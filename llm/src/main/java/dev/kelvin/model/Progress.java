// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

/** Is told how far something that takes a while has come. */
@FunctionalInterface
public interface Progress {
    /** Nobody wants to know. */
    Progress NONE = (done, total) -> {};

    /**
     * Takes the state after each piece.
     *
     * @param done bytes of the input that were read
     * @param total bytes of all its tensors
     */
    void at(long done, long total);

    /**
     * Takes something that a person should know: a key that was not read, a choice that was made.
     *
     * @param line one line, without a line feed
     */
    default void remark(String line) {}
}
