// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * The rows of a batch and where one layer's keys and values of their sequences lie. Page p of a sequence holds the
 * positions from 64·p on; pages that no row looks at any more may be null.
 *
 * @param spans whose the rows are
 * @param pages of each span, in the order of the positions; longer is fine in both dimensions
 * @param slice of the layer in each page
 */
public record KvRows(RowSpans spans, KvPage[][] pages, KvSlice slice) {
    /**
     * The rows of one sequence.
     *
     * @param position of the first row
     * @param rows how many
     * @param pages of the sequence
     * @param slice of the layer in each page
     * @return one span
     */
    public static KvRows of(int position, int rows, KvPage[] pages, KvSlice slice) {
        return new KvRows(RowSpans.of(position, rows), new KvPage[][] {pages}, slice);
    }
}
