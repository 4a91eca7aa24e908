// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.PackedLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Unpacks a block of a strip: the lines of codes from a byte offset on become shorts with a sign, [32][64], element k
 * of the 64 rows of a tile, in the order of the lanes.
 */
final class PackedCodes {
    private static final VectorSpecies<Short> S = PackedScales.S;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final int LINE = PackedLayout.LINE_BYTES;
    private static final int COLUMNS = PackedTile.COLUMNS;

    private PackedCodes() {}

    static void two(MemorySegment w, long byteOffset, short[] codes) {
        short mask = 3;
        for (int lane = 0; lane < COLUMNS; lane += S.length()) {
            for (int i = 0; i < 4; i++) {
                ShortVector line = ShortVector.fromMemorySegment(S, w, byteOffset + (long) i * LINE + 2L * lane, ORDER);
                int at = lane + 8 * i * COLUMNS;
                line.and(mask).intoArray(codes, at);
                line.lanewise(VectorOperators.LSHR, 2).and(mask).intoArray(codes, at + COLUMNS);
                line.lanewise(VectorOperators.LSHR, 4).and(mask).intoArray(codes, at + 2 * COLUMNS);
                line.lanewise(VectorOperators.LSHR, 6).and(mask).intoArray(codes, at + 3 * COLUMNS);
                line.lanewise(VectorOperators.LSHR, 8).and(mask).intoArray(codes, at + 4 * COLUMNS);
                line.lanewise(VectorOperators.LSHR, 10).and(mask).intoArray(codes, at + 5 * COLUMNS);
                line.lanewise(VectorOperators.LSHR, 12).and(mask).intoArray(codes, at + 6 * COLUMNS);
                line.lanewise(VectorOperators.LSHR, 14).intoArray(codes, at + 7 * COLUMNS);
            }
        }
    }

    static void three(MemorySegment w, long byteOffset, short[] codes) {
        short mask = 7;
        short center = 4;
        for (int lane = 0; lane < COLUMNS; lane += S.length()) {
            for (int half = 0; half < 2; half++) {
                int to = lane + half * 16 * COLUMNS;
                ShortVector last = ShortVector.zero(S);
                for (int i = 0; i < 3; i++) {
                    long from = byteOffset + (half * 3L + i) * LINE + 2L * lane;
                    ShortVector line = ShortVector.fromMemorySegment(S, w, from, ORDER);
                    int at = to + 5 * i * COLUMNS;
                    line.and(mask).sub(center).intoArray(codes, at);
                    line.lanewise(VectorOperators.LSHR, 3).and(mask).sub(center).intoArray(codes, at + COLUMNS);
                    line.lanewise(VectorOperators.LSHR, 6).and(mask).sub(center).intoArray(codes, at + 2 * COLUMNS);
                    line.lanewise(VectorOperators.LSHR, 9).and(mask).sub(center).intoArray(codes, at + 3 * COLUMNS);
                    line.lanewise(VectorOperators.LSHR, 12)
                            .and(mask)
                            .sub(center)
                            .intoArray(codes, at + 4 * COLUMNS);
                    last = last.or(line.lanewise(VectorOperators.LSHR, 15).lanewise(VectorOperators.LSHL, i));
                }
                last.sub(center).intoArray(codes, to + 15 * COLUMNS);
            }
        }
    }

    static void four(MemorySegment w, long byteOffset, short[] codes, int offset) {
        short mask = 15;
        short center = 8;
        for (int lane = 0; lane < COLUMNS; lane += S.length()) {
            int to = offset + lane;
            for (int i = 0; i < 8; i++) {
                ShortVector line = ShortVector.fromMemorySegment(S, w, byteOffset + (long) i * LINE + 2L * lane, ORDER);
                int at = to + 2 * i * COLUMNS;
                line.and(mask).sub(center).intoArray(codes, at);
                line.lanewise(VectorOperators.LSHR, 4).and(mask).sub(center).intoArray(codes, at + 16 * COLUMNS);
                line.lanewise(VectorOperators.LSHR, 8).and(mask).sub(center).intoArray(codes, at + COLUMNS);
                line.lanewise(VectorOperators.LSHR, 12).sub(center).intoArray(codes, at + 17 * COLUMNS);
            }
        }
    }

    static void five(MemorySegment w, long byteOffset, short[] codes) {
        short mask = 31;
        short center = 16;
        for (int lane = 0; lane < COLUMNS; lane += S.length()) {
            for (int half = 0; half < 2; half++) {
                int to = lane + half * 16 * COLUMNS;
                ShortVector last = ShortVector.zero(S);
                for (int i = 0; i < 5; i++) {
                    long from = byteOffset + (half * 5L + i) * LINE + 2L * lane;
                    ShortVector line = ShortVector.fromMemorySegment(S, w, from, ORDER);
                    int at = to + 3 * i * COLUMNS;
                    line.and(mask).sub(center).intoArray(codes, at);
                    line.lanewise(VectorOperators.LSHR, 5).and(mask).sub(center).intoArray(codes, at + COLUMNS);
                    line.lanewise(VectorOperators.LSHR, 10)
                            .and(mask)
                            .sub(center)
                            .intoArray(codes, at + 2 * COLUMNS);
                    last = last.or(line.lanewise(VectorOperators.LSHR, 15).lanewise(VectorOperators.LSHL, i));
                }
                last.sub(center).intoArray(codes, to + 15 * COLUMNS);
            }
        }
    }

    static void six(MemorySegment w, long byteOffset, short[] codes) {
        short mask = 63;
        short upper = 0x30;
        short center = 32;
        for (int lane = 0; lane < COLUMNS; lane += S.length()) {
            for (int run = 0; run < 4; run++) {
                int to = lane + run * 8 * COLUMNS;
                long from = byteOffset + run * 3L * LINE + 2L * lane;
                ShortVector a = ShortVector.fromMemorySegment(S, w, from, ORDER);
                ShortVector b = ShortVector.fromMemorySegment(S, w, from + LINE, ORDER);
                ShortVector c = ShortVector.fromMemorySegment(S, w, from + 2L * LINE, ORDER);
                a.and(mask).sub(center).intoArray(codes, to);
                a.lanewise(VectorOperators.LSHR, 6).and(mask).sub(center).intoArray(codes, to + COLUMNS);
                b.and(mask).sub(center).intoArray(codes, to + 2 * COLUMNS);
                b.lanewise(VectorOperators.LSHR, 6).and(mask).sub(center).intoArray(codes, to + 3 * COLUMNS);
                c.and(mask).sub(center).intoArray(codes, to + 4 * COLUMNS);
                c.lanewise(VectorOperators.LSHR, 6).and(mask).sub(center).intoArray(codes, to + 5 * COLUMNS);
                a.lanewise(VectorOperators.LSHR, 12)
                        .or(c.lanewise(VectorOperators.LSHR, 8).and(upper))
                        .sub(center)
                        .intoArray(codes, to + 6 * COLUMNS);
                b.lanewise(VectorOperators.LSHR, 12)
                        .or(c.lanewise(VectorOperators.LSHR, 10).and(upper))
                        .sub(center)
                        .intoArray(codes, to + 7 * COLUMNS);
            }
        }
    }
}
