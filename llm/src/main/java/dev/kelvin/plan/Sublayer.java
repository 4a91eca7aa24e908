// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.stream.Stream;

/** What a branch computes: rows {@code [T, D]} in, rows {@code [T, D]} out. */
public sealed interface Sublayer permits Mixer, FeedForward, Parallel {
    /** The tensors, in the order of files. */
    Stream<Weight> weights();

    /** The parameters that no row uses, though any might: those of experts that are not chosen. */
    default long idleParameters() {
        return 0;
    }
}
