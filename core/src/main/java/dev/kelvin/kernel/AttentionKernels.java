// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.operand.AttentionCall;

/** Attention over pages of keys and values. Plain loops: {@code ScalarAttention}. */
public interface AttentionKernels {
    /**
     * Part of an attention: the work items in [begin, end), one query of one head each. The items of a span of rows
     * follow those of the spans before it, and among them item h·T + t is query t of its T in head h.
     *
     * @param call what to compute
     * @param begin the first item
     * @param end the item after the last
     */
    void attention(AttentionCall call, int begin, int end);
}
