// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.kernel.ScalarKernels;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.PackedLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** What products with packed weights do beside multiplying codes: activations to codes, lines of scales to floats. */
final class PackedScales {
    static final VectorSpecies<Float> F = Lanes.F;
    static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    static final VectorSpecies<Short> S = VectorSpecies.of(short.class, F.vectorShape());
    static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

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

    private static final int COUNT = F.length();
    private static final int ROUND_BITS = Float.floatToRawIntBits(ScalarKernels.ROUND);

    private PackedScales() {}

    static void quantize(HeapTensor x, QuantizedRows to, int rowBegin, int rowEnd) {
        int blocks = to.blocks();
        for (int row = rowBegin; row < rowEnd; row++) {
            int from = x.offset() + row * x.columns();
            for (int block = 0; block < blocks; block++) {
                int maxBits = maxBits(x.data(), from + block * PackedLayout.BLOCK);
                float inverse = QuantizedRows.inverse(maxBits);
                short[] codes = to.codes();
                int at = to.codesOffset(block, row);
                if (inverse == 0) {
                    Arrays.fill(codes, at, at + PackedLayout.BLOCK, (short) 0);
                } else {
                    code(x.data(), from + block * PackedLayout.BLOCK, inverse, codes, at);
                }
                to.finishBlock(row, block, maxBits);
            }
        }
    }

    private static int maxBits(float[] x, int offset) {
        IntVector max = IntVector.zero(I);
        for (int i = 0; i < PackedLayout.BLOCK; i += COUNT) {
            IntVector bits =
                    FloatVector.fromArray(F, x, offset + i).reinterpretAsInts().and(0x7fff_ffff);
            max = max.max(bits);
        }
        return max.reduceLanes(VectorOperators.MAX);
    }

    private static void code(float[] x, int offset, float inverse, short[] codes, int to) {
        for (int i = 0; i < PackedLayout.BLOCK; i++) {
            float rounded = Math.fma(x[offset + i], inverse, ScalarKernels.ROUND);
            codes[to + i] = (short) (Float.floatToRawIntBits(rounded) - ROUND_BITS);
        }
    }

    /**
     * Decodes a line of f16.
     *
     * @param byteOffset of the line
     * @param factor 2¹¹² times a power of two
     * @param to receives 128 floats, in the order of rows
     * @param offset where the first goes
     */
    static void halves(MemorySegment w, long byteOffset, float factor, float[] to, int offset) {
        for (int i = 0; i < PackedLayout.STRIP; i += 2 * COUNT) {
            IntVector bits = ShortVector.fromMemorySegment(S, w, byteOffset + 2L * i, ORDER)
                    .reinterpretAsInts();
            int row = offset + i / PackedLayout.GROUP * PackedLayout.GROUP + i % PackedLayout.GROUP / 2;
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
     * Scales and the constant parts of weights with a min, from a line of pairs of bytes.
     *
     * @param header d of 128 rows, then −dmin of them
     * @param scales receives d·scale
     * @param constants receives center·d·scale − dmin·min
     * @param center of the codes; 2¹⁶ times that, where d is 2¹⁶ times too small
     */
    static void affine(
            MemorySegment w, long byteOffset, float[] header, float[] scales, float[] constants, float center) {
        FloatVector factors = FloatVector.broadcast(F, center);
        for (int i = 0; i < PackedLayout.STRIP; i += 2 * COUNT) {
            IntVector pairs = ShortVector.fromMemorySegment(S, w, byteOffset + 2L * i, ORDER)
                    .reinterpretAsInts();
            int row = i / PackedLayout.GROUP * PackedLayout.GROUP + i % PackedLayout.GROUP / 2;
            FloatVector scale = ((FloatVector) pairs.and(255).convert(VectorOperators.I2F, 0))
                    .mul(FloatVector.fromArray(F, header, row));
            FloatVector min = (FloatVector)
                    pairs.lanewise(VectorOperators.LSHR, 8).and(255).convert(VectorOperators.I2F, 0);
            scale.intoArray(scales, row);
            scale.fma(factors, min.mul(FloatVector.fromArray(F, header, PackedLayout.STRIP + row)))
                    .intoArray(constants, row);
            row += 16;
            scale = ((FloatVector)
                            pairs.lanewise(VectorOperators.LSHR, 16).and(255).convert(VectorOperators.I2F, 0))
                    .mul(FloatVector.fromArray(F, header, row));
            min = (FloatVector) pairs.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0);
            scale.intoArray(scales, row);
            scale.fma(factors, min.mul(FloatVector.fromArray(F, header, PackedLayout.STRIP + row)))
                    .intoArray(constants, row);
        }
    }

    /**
     * Pairs of scales with a sign.
     *
     * @param header d of 128 rows
     * @param scales receives d·scale, of the first 16 columns for 128 rows, then of the other 16
     */
    static void pairs(MemorySegment w, long byteOffset, float[] header, float[] scales) {
        for (int i = 0; i < PackedLayout.STRIP; i += 2 * COUNT) {
            IntVector pairs = ShortVector.fromMemorySegment(S, w, byteOffset + 2L * i, ORDER)
                    .reinterpretAsInts();
            int row = i / PackedLayout.GROUP * PackedLayout.GROUP + i % PackedLayout.GROUP / 2;
            FloatVector d = FloatVector.fromArray(F, header, row);
            ((FloatVector) pairs.lanewise(VectorOperators.LSHL, 24)
                            .lanewise(VectorOperators.ASHR, 24)
                            .convert(VectorOperators.I2F, 0))
                    .mul(d)
                    .intoArray(scales, row);
            ((FloatVector) pairs.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 24)
                            .convert(VectorOperators.I2F, 0))
                    .mul(d)
                    .intoArray(scales, PackedLayout.STRIP + row);
            row += 16;
            d = FloatVector.fromArray(F, header, row);
            ((FloatVector) pairs.lanewise(VectorOperators.LSHL, 8)
                            .lanewise(VectorOperators.ASHR, 24)
                            .convert(VectorOperators.I2F, 0))
                    .mul(d)
                    .intoArray(scales, row);
            ((FloatVector) pairs.lanewise(VectorOperators.ASHR, 24).convert(VectorOperators.I2F, 0))
                    .mul(d)
                    .intoArray(scales, PackedLayout.STRIP + row);
        }
    }
}
