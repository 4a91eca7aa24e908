// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Puts rows of a factor where the tiles of {@link Gemm} read them, whatever its strides. Element (i, k) lies at offset
 * + i·rowStride + k·columnStride. Where rows lie side by side, so that the matrix is stored transposed, blocks of 4 × 4
 * are turned in registers.
 */
final class MatrixPacking {
    private static final VectorSpecies<Float> QUAD = FloatVector.SPECIES_128;
    private static final VectorMask<Float> UPPER_2 = VectorMask.fromLong(QUAD, 0b1100);
    private static final VectorMask<Float> UPPER_1 = VectorMask.fromLong(QUAD, 0b1010);
    private static final VectorShuffle<Float> SWAP_2 = VectorShuffle.fromValues(QUAD, 2, 3, 0, 1);
    private static final VectorShuffle<Float> SWAP_1 = VectorShuffle.fromValues(QUAD, 1, 0, 3, 2);

    /**
     * Rows that are turned together: three lines of the cache side by side, because where they lie far apart each step
     * of k is another page, which should be looked up once.
     */
    private static final int TURNED_ROWS = 48;

    private static final int LANES = Gemm.LANES;
    private static final int TILE_ROWS = Gemm.TILE_ROWS;

    private MatrixPacking() {}

    /**
     * To rows of a panel [rows][stride], padded with 1.
     *
     * @param rows how many
     * @param inner elements of a row
     * @param padded elements of a packed row, at most {@code stride}
     */
    static void panel(
            float[] from,
            int offset,
            int rowStride,
            int columnStride,
            int rows,
            int inner,
            int padded,
            float[] to,
            int stride) {
        rows(from, offset, rowStride, columnStride, rows, inner, to, 0, stride);
        for (int i = 0; i < rows && inner < padded; i++) {
            Arrays.fill(to, i * stride + inner, i * stride + padded, 1);
        }
    }

    /** To rows [rows][stride] from {@code toOffset} on, of {@code inner} elements each. */
    static void rows(
            float[] from,
            int offset,
            int rowStride,
            int columnStride,
            int rows,
            int inner,
            float[] to,
            int toOffset,
            int stride) {
        if (rowStride == 1 && columnStride != 1) {
            int turned = rows - rows % 4;
            for (int i = 0; i < turned; i += TURNED_ROWS) {
                int width = Math.min(TURNED_ROWS, turned - i);
                turnRows(from, offset + i, columnStride, width, inner, to, toOffset + i * stride, stride);
            }
            for (int i = turned; i < rows; i++) {
                copy(from, offset + i, columnStride, to, toOffset + i * stride, 1, inner);
            }
        } else {
            for (int i = 0; i < rows; i++) {
                copy(from, offset + i * rowStride, columnStride, to, toOffset + i * stride, 1, inner);
            }
        }
    }

    private static void turnRows(
            float[] from, int offset, int columnStride, int width, int inner, float[] to, int toOffset, int stride) {
        int full = inner - inner % 4;
        for (int k = 0; k < full; k += 4) {
            int at = offset + k * columnStride;
            for (int i = 0; i < width; i += 4) {
                turn(from, at + i, columnStride, to, toOffset + i * stride + k, stride);
            }
        }
        for (int k = full; k < inner; k++) {
            for (int i = 0; i < width; i++) {
                to[toOffset + i * stride + k] = from[offset + k * columnStride + i];
            }
        }
    }

    /** Four rows of four become columns. */
    private static void turn(float[] from, int at, int stride, float[] to, int toAt, int toStride) {
        FloatVector a = FloatVector.fromArray(QUAD, from, at);
        FloatVector b = FloatVector.fromArray(QUAD, from, at + stride);
        FloatVector c = FloatVector.fromArray(QUAD, from, at + 2 * stride);
        FloatVector d = FloatVector.fromArray(QUAD, from, at + 3 * stride);
        FloatVector ac = a.blend(c.rearrange(SWAP_2), UPPER_2);
        FloatVector bd = b.blend(d.rearrange(SWAP_2), UPPER_2);
        ac.blend(bd.rearrange(SWAP_1), UPPER_1).intoArray(to, toAt);
        ac.rearrange(SWAP_1).blend(bd, UPPER_1).intoArray(to, toAt + toStride);
        ac = a.rearrange(SWAP_2).blend(c, UPPER_2);
        bd = b.rearrange(SWAP_2).blend(d, UPPER_2);
        ac.blend(bd.rearrange(SWAP_1), UPPER_1).intoArray(to, toAt + 2 * toStride);
        ac.rearrange(SWAP_1).blend(bd, UPPER_1).intoArray(to, toAt + 3 * toStride);
    }

    private static void copy(float[] from, int offset, int stride, float[] to, int toOffset, int toStride, int count) {
        if (stride == 1 && toStride == 1) {
            System.arraycopy(from, offset, to, toOffset, count);
            return;
        }
        for (int k = 0; k < count; k++) {
            to[toOffset + k * toStride] = from[offset + k * stride];
        }
    }

    /**
     * To tiles [rows/4][16 / group][k/16][4][group], padded with −0: with groups of 16 lanes all of them in turn, with
     * fewer by slices. Rows that a last tile lacks keep what was there.
     *
     * @param rows how many
     * @param inner elements of a row
     * @param padded that to the next multiple of 16
     */
    static void tiles(
            float[] from,
            int offset,
            int rowStride,
            int columnStride,
            int rows,
            int inner,
            int padded,
            float[] to,
            int group) {
        int next = TILE_ROWS * group;
        int slice = padded / LANES * next;
        int full = inner - inner % 4;
        if (rowStride == 1 && columnStride != 1) {
            int turned = rows - rows % TILE_ROWS;
            for (int i = 0; i < turned; i += TURNED_ROWS) {
                turnTiles(
                        from,
                        offset + i,
                        columnStride,
                        Math.min(TURNED_ROWS, turned - i),
                        full,
                        to,
                        i * padded,
                        padded,
                        group);
            }
            for (int i = 0; i < rows; i++) {
                int tile = i / TILE_ROWS * TILE_ROWS * padded + i % TILE_ROWS * group;
                int begin = i < turned ? full : 0;
                rest(from, offset + i, columnStride, begin, inner, padded, to, tile, group);
            }
            return;
        }
        for (int i = 0; i < rows; i++) {
            int row = offset + i * rowStride;
            int tile = i / TILE_ROWS * TILE_ROWS * padded + i % TILE_ROWS * group;
            int begin = 0;
            if (columnStride == 1) {
                begin = inner - inner % LANES;
                for (int l = 0; l < LANES; l += 4) {
                    quads(from, row + l, begin, to, tile + l / group * slice + l % group, next);
                }
            }
            rest(from, row, columnStride, begin, inner, padded, to, tile, group);
        }
    }

    /** Every 16 elements four of them. */
    private static void quads(float[] from, int offset, int length, float[] to, int toOffset, int next) {
        for (int k = 0, at = toOffset; k < length; k += LANES, at += next) {
            FloatVector.fromArray(QUAD, from, offset + k).intoArray(to, at);
        }
    }

    private static void turnTiles(
            float[] from,
            int offset,
            int columnStride,
            int width,
            int full,
            float[] to,
            int toOffset,
            int padded,
            int group) {
        int next = TILE_ROWS * group;
        int slice = padded / LANES * next;
        for (int k = 0; k < full; k += 4) {
            int l = k % LANES;
            int at = toOffset + l / group * slice + l % group + k / LANES * next;
            for (int i = 0; i < width; i += TILE_ROWS) {
                turn(from, offset + k * columnStride + i, columnStride, to, at + i * padded, group);
            }
        }
    }

    /** Elements [begin, inner) of a row one by one, and −0 up to {@code padded}. */
    private static void rest(
            float[] from,
            int offset,
            int columnStride,
            int begin,
            int inner,
            int padded,
            float[] to,
            int tile,
            int group) {
        int next = TILE_ROWS * group;
        int slice = padded / LANES * next;
        for (int k = begin; k < padded; k++) {
            int l = k % LANES;
            int at = tile + l / group * slice + l % group + k / LANES * next;
            to[at] = k < inner ? from[offset + k * columnStride] : -0f;
        }
    }
}
