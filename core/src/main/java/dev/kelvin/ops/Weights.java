// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.SegmentAllocator;

/**
 * Frozen weights in another form. Got from {@link Compute}, whose rules hold here too: results are pure functions of
 * the inputs to the bit, shapes are checked before anything is written, nothing is allocated once scratch has grown,
 * one caller at a time.
 */
public final class Weights {
    private final Team team;
    private final Packing packing;
    private final Encoding encoding;

    Weights(Team team) {
        this.team = team;
        packing = new Packing(team);
        encoding = new Encoding(team);
    }

    /**
     * Turns weights of 2 to 6 bits to the form that {@link Compute#matmul} computes fastest:
     * {@link dev.kelvin.tensor.PackedTensor}, a copy off the heap of about the same size. Products with it take
     * activations in codes of 8 bits: x to within max|x|/254, the maximum over 32 neighbours in a row.
     *
     * @param w [N, K]
     * @param memory gives the copy's bytes, off the heap, and is not asked if there is no copy; the packed form is
     *     usable as long as they are
     * @return the packed form; {@code w} itself if its type has none, if it has fewer than
     *     {@value dev.kelvin.tensor.PackedLayout#STRIP} rows, or if a scale is infinite or NaN
     * @throws OutOfMemoryError if {@code memory} has none left
     */
    public Tensor pack(MappedTensor w, SegmentAllocator memory) {
        try (Team.Call _ = team.begin()) {
            return packing.apply(w, memory);
        }
    }

    /**
     * Encodes rows of a tensor in another type: each is decoded to f32, and its blocks are chosen by
     * {@link dev.kelvin.tensor.BlockFormat#encode}.
     *
     * @param from [N, K], of a type that can be decoded
     * @param rowBegin the first row
     * @param rowEnd the row after the last
     * @param type what becomes of the rows; K is a multiple of its block size
     * @param to receives the bytes of the rows, from its beginning on
     * @return the index in {@code from} of the first element that {@code type} cannot hold (NaN, or beyond
     *     {@link dev.kelvin.tensor.BlockFormat#largest}); −1 if all is well
     */
    public long encode(MappedTensor from, int rowBegin, int rowEnd, DType type, byte[] to) {
        try (Team.Call _ = team.begin()) {
            return encoding.apply(from, rowBegin, rowEnd, type, to);
        }
    }
}
