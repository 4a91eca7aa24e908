// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.stream.Stream;

/** What a branch computes: rows {@code [T, D]} in, rows {@code [T, D]} out. */
public sealed interface Sublayer permits Mixer, FeedForward {
    /** The tensors, in the order of files. */
    Stream<Weight> weights();
}
