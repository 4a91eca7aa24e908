// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.PackedLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Lines of scales of packed weights, to floats. */
final class PackedScales {
    static final VectorSpecies<Float> F = Lanes.F;
    static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    static final VectorSpecies<Short> S = VectorSpecies.of(short.class, F.vectorShape());
    static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);

    /**
     * An f16 moved to where a float has sign, exponent and fraction is its value times 2⁻¹¹², subnormals included. Of
     * the shift to the right only the sign bit stays that belongs there.
     */
    static final int HALF_BITS = 0x8fff_e000;

    static final int HALF_SHIFT = 3;

    /** Decodes an f16. */
    static final float HALF_FACTOR = 0x1p112f;

    /** Sums of 16 bits are taken from the upper half of an int, where they are 2¹⁶ times too large. */
    static final float UPPER_HALF = 0x1p-16f;

    static final int UPPER_BITS = 0xffff_0000;

    static final int UPPER_BYTE = 0xff00_0000;

    /** From a vector of a line to the one of the other group, which is taken with it, in bytes. */
    static final int NEXT = 2 * PackedLayout.GROUP;

    /** From a row of a vector to that at the same lane of the other. */
    static final int NEXT_ROW = PackedLayout.GROUP;

    /** Where in {@link #MASKS} a mask begins. */
    static final int HALF_MASK = 0;

    static final int UPPER_MASK = 16;
    static final int THIRD_MASK = 32;
    static final int FOURTH_MASK = 48;

    static final int NIBBLE_MASK = 64;

    /** In memory, because C2 loads a vector from there once before a loop, but makes a constant anew at each use. */
    static final int[] MASKS = new int[5 * 16];

    static {
        int[] masks = {HALF_BITS, UPPER_BITS, 0xff_0000, UPPER_BYTE, 15};
        for (int i = 0; i < MASKS.length; i++) {
            MASKS[i] = masks[i / 16];
        }
    }

    private static final int COUNT = F.length();

    private PackedScales() {}

    /**
     * Decodes f16 of a line.
     *
     * @param byteOffset of the first, where a group begins
     * @param factor 2¹¹² times what the floats shall be larger
     * @param to receives floats, in the order of rows
     * @param begin where the first goes
     * @param end where the last has gone
     */
    static void halves(MemorySegment w, long byteOffset, float factor, float[] to, int begin, int end) {
        for (int lane = 0; lane < end - begin; lane += 2 * COUNT) {
            IntVector bits = ShortVector.fromMemorySegment(S, w, byteOffset + 2L * lane, ORDER)
                    .reinterpretAsInts();
            int row = begin + PackedTile.row(lane);
            bits.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, HALF_SHIFT)
                    .and(HALF_BITS)
                    .reinterpretAsFloats()
                    .mul(factor)
                    .intoArray(to, row);
            bits.lanewise(VectorOperators.ASHR, HALF_SHIFT)
                    .and(HALF_BITS)
                    .reinterpretAsFloats()
                    .mul(factor)
                    .intoArray(to, row + 16);
        }
    }

    /**
     * Decodes a line of pairs of bytes without sign, 64 rows of it: scales and mins.
     *
     * @param scales receives those of 64 rows from {@code scalesOffset} on
     * @param mins the same from {@code minsOffset} on
     */
    static void affine(
            MemorySegment w, long byteOffset, float[] scales, int scalesOffset, float[] mins, int minsOffset) {
        for (int lane = 0; lane < PackedTile.COLUMNS; lane += 2 * COUNT) {
            IntVector pairs = ShortVector.fromMemorySegment(S, w, byteOffset + 2L * lane, ORDER)
                    .reinterpretAsInts();
            int row = PackedTile.row(lane);
            ((FloatVector) pairs.and(255).convert(VectorOperators.I2F, 0)).intoArray(scales, scalesOffset + row);
            ((FloatVector) pairs.lanewise(VectorOperators.LSHR, 16).and(255).convert(VectorOperators.I2F, 0))
                    .intoArray(scales, scalesOffset + row + 16);
            ((FloatVector) pairs.lanewise(VectorOperators.LSHR, 8).and(255).convert(VectorOperators.I2F, 0))
                    .intoArray(mins, minsOffset + row);
            ((FloatVector) pairs.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0))
                    .intoArray(mins, minsOffset + row + 16);
        }
    }

    /**
     * Decodes a line of scales and mins of four bits, 64 rows of it.
     *
     * @param scales receives the scales of the first 16 columns for 64 rows, then those of the other 16
     * @param mins the same from {@code minsOffset} on
     */
    static void nibbles(MemorySegment w, long byteOffset, float[] scales, float[] mins, int minsOffset) {
        for (int lane = 0; lane < PackedTile.COLUMNS; lane += 2 * COUNT) {
            IntVector pairs = ShortVector.fromMemorySegment(S, w, byteOffset + 2L * lane, ORDER)
                    .reinterpretAsInts();
            for (int half = 0; half < 2; half++) {
                int to = half * PackedTile.COLUMNS + PackedTile.row(lane);
                ((FloatVector) pairs.and(15).convert(VectorOperators.I2F, 0)).intoArray(scales, to);
                ((FloatVector) pairs.lanewise(VectorOperators.LSHR, 4).and(15).convert(VectorOperators.I2F, 0))
                        .intoArray(mins, minsOffset + to);
                ((FloatVector) pairs.lanewise(VectorOperators.LSHR, 16).and(15).convert(VectorOperators.I2F, 0))
                        .intoArray(scales, to + 16);
                ((FloatVector) pairs.lanewise(VectorOperators.LSHR, 20).and(15).convert(VectorOperators.I2F, 0))
                        .intoArray(mins, minsOffset + to + 16);
                pairs = pairs.lanewise(VectorOperators.LSHR, 8);
            }
        }
    }

    /**
     * Decodes a line of pairs of bytes with a sign, 64 rows of it.
     *
     * @param scales receives the scales of the first 16 columns for 64 rows, then those of the other 16, all times 2²⁴
     */
    static void pairs(MemorySegment w, long byteOffset, float[] scales) {
        for (int lane = 0; lane < PackedTile.COLUMNS; lane += 2 * COUNT) {
            IntVector pairs = ShortVector.fromMemorySegment(S, w, byteOffset + 2L * lane, ORDER)
                    .reinterpretAsInts();
            int row = PackedTile.row(lane);
            int other = PackedTile.COLUMNS + row;
            ((FloatVector) pairs.lanewise(VectorOperators.LSHL, 24).convert(VectorOperators.I2F, 0))
                    .intoArray(scales, row);
            ((FloatVector) pairs.lanewise(VectorOperators.LSHL, 16)
                            .and(UPPER_BYTE)
                            .convert(VectorOperators.I2F, 0))
                    .intoArray(scales, other);
            ((FloatVector) pairs.lanewise(VectorOperators.LSHL, 8)
                            .and(UPPER_BYTE)
                            .convert(VectorOperators.I2F, 0))
                    .intoArray(scales, row + 16);
            ((FloatVector) pairs.and(UPPER_BYTE).convert(VectorOperators.I2F, 0)).intoArray(scales, other + 16);
        }
    }
}
