// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * The rows of a batch and one layer's recurrent states of their sequences. What was before a span's first row is read
 * and left alone; what is after its last row is written.
 *
 * @param spans whose the rows are
 * @param before of each span, the state that its first row continues; longer is fine
 * @param after of each span, receives the state that its last row leaves; never the array of {@code before}
 */
public record StateRows(RowSpans spans, float[][] before, float[][] after) {}
