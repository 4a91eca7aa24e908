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
     * Takes a line for people about what was decided for them: weights that find no memory to be packed in, a key that
     * was not read.
     *
     * @param line one sentence, without a full stop
     */
    default void remark(String line) {}
}
