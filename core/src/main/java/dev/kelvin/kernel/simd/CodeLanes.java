// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * From {@link BlockCodes} to floats, w = code·scale + base by one fused multiply-add, and to dot products, in which
 * each w meets its x as soon as it is made.
 */
final class CodeLanes {
    private static final VectorSpecies<Float> F = Lanes.F;
    private static final int COUNT = Lanes.COUNT;
    private static final int LANES = Gemm.LANES;

    /** As many bytes as there are floats in a vector, but eight at least: there is no vector of four. */
    private static final VectorSpecies<Byte> B =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, COUNT * Byte.SIZE)));

    private static final int B_COUNT = B.length();

    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());

    /** The bytes of as many bf16 as there are floats in a vector. */
    private static final VectorSpecies<Byte> HALVES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(F.vectorBitSize() / 2));

    private static final int PIECE = BlockCodes.PIECE;
    private static final int SCALES = BlockCodes.SCALES;

    private CodeLanes() {}

    /** Decodes the first row of {@code row}: groups of 16. */
    static void decode16(BlockCodes row, float[] y, int to, int groups) {
        byte[] codes = row.codes;
        float[] scales = row.scales;
        float[] bases = row.bases;
        for (int group = 0; group < groups; group++) {
            FloatVector scale = FloatVector.broadcast(F, scales[group]);
            FloatVector base = FloatVector.broadcast(F, bases[group]);
            for (int i = 0; i < 16; i += B_COUNT) {
                ByteVector code = ByteVector.fromArray(B, codes, 16 * group + i);
                ((FloatVector) code.castShape(F, 0)).fma(scale, base).intoArray(y, to + 16 * group + i);
                if (COUNT < B_COUNT) {
                    ((FloatVector) code.castShape(F, 1)).fma(scale, base).intoArray(y, to + 16 * group + i + COUNT);
                }
            }
        }
    }

    /** Decodes the first row of {@code row}: groups of 32. */
    static void decode32(BlockCodes row, float[] y, int to, int groups) {
        byte[] codes = row.codes;
        float[] scales = row.scales;
        float[] bases = row.bases;
        for (int group = 0; group < groups; group++) {
            FloatVector scale = FloatVector.broadcast(F, scales[group]);
            FloatVector base = FloatVector.broadcast(F, bases[group]);
            for (int i = 0; i < 32; i += B_COUNT) {
                ByteVector code = ByteVector.fromArray(B, codes, 32 * group + i);
                ((FloatVector) code.castShape(F, 0)).fma(scale, base).intoArray(y, to + 32 * group + i);
                if (COUNT < B_COUNT) {
                    ((FloatVector) code.castShape(F, 1)).fma(scale, base).intoArray(y, to + 32 * group + i + COUNT);
                }
            }
        }
    }

    /** Decodes bf16, which have neither blocks nor scales. */
    static void decodeBf16(byte[] bytes, float[] y, int to, int count) {
        int full = count - count % COUNT;
        for (int i = 0; i < full; i += COUNT) {
            IntVector lower = (IntVector) ByteVector.fromArray(HALVES, bytes, Short.BYTES * i)
                    .reinterpretAsShorts()
                    .convertShape(VectorOperators.S2I, I, 0);
            lower.lanewise(VectorOperators.LSHL, Short.SIZE)
                    .reinterpretAsFloats()
                    .intoArray(y, to + i);
        }
        for (int i = full; i < count; i++) {
            y[to + i] = Float.intBitsToFloat(CodeBits.unsigned16(bytes, Short.BYTES * i) << Short.SIZE);
        }
    }

    /**
     * Goes on with the 16 lanes of four sums, in groups of 16.
     *
     * @param x from x0 on
     * @param rows the four rows of weights
     * @param sums [4][16]
     */
    static void dot16(float[] x, int x0, BlockCodes rows, float[] sums, int groups) {
        byte[] codes = rows.codes;
        float[] scales = rows.scales;
        float[] bases = rows.bases;
        for (int l = 0; l < LANES; l += COUNT) {
            FloatVector s0 = FloatVector.fromArray(F, sums, l);
            FloatVector s1 = FloatVector.fromArray(F, sums, l + LANES);
            FloatVector s2 = FloatVector.fromArray(F, sums, l + 2 * LANES);
            FloatVector s3 = FloatVector.fromArray(F, sums, l + 3 * LANES);
            for (int group = 0; group < groups; group++) {
                int i = 16 * group + l;
                FloatVector xk = FloatVector.fromArray(F, x, x0 + i);
                FloatVector code =
                        (FloatVector) ByteVector.fromArray(B, codes, i).castShape(F, 0);
                FloatVector scale = FloatVector.broadcast(F, scales[group]);
                s0 = xk.fma(code.fma(scale, FloatVector.broadcast(F, bases[group])), s0);
                code = (FloatVector) ByteVector.fromArray(B, codes, i + PIECE).castShape(F, 0);
                scale = FloatVector.broadcast(F, scales[group + SCALES]);
                s1 = xk.fma(code.fma(scale, FloatVector.broadcast(F, bases[group + SCALES])), s1);
                code = (FloatVector)
                        ByteVector.fromArray(B, codes, i + 2 * PIECE).castShape(F, 0);
                scale = FloatVector.broadcast(F, scales[group + 2 * SCALES]);
                s2 = xk.fma(code.fma(scale, FloatVector.broadcast(F, bases[group + 2 * SCALES])), s2);
                code = (FloatVector)
                        ByteVector.fromArray(B, codes, i + 3 * PIECE).castShape(F, 0);
                scale = FloatVector.broadcast(F, scales[group + 3 * SCALES]);
                s3 = xk.fma(code.fma(scale, FloatVector.broadcast(F, bases[group + 3 * SCALES])), s3);
            }
            s0.intoArray(sums, l);
            s1.intoArray(sums, l + LANES);
            s2.intoArray(sums, l + 2 * LANES);
            s3.intoArray(sums, l + 3 * LANES);
        }
    }

    /** {@link #dot16} in groups of 32. */
    static void dot32(float[] x, int x0, BlockCodes rows, float[] sums, int groups) {
        byte[] codes = rows.codes;
        float[] scales = rows.scales;
        float[] bases = rows.bases;
        for (int l = 0; l < LANES; l += COUNT) {
            FloatVector s0 = FloatVector.fromArray(F, sums, l);
            FloatVector s1 = FloatVector.fromArray(F, sums, l + LANES);
            FloatVector s2 = FloatVector.fromArray(F, sums, l + 2 * LANES);
            FloatVector s3 = FloatVector.fromArray(F, sums, l + 3 * LANES);
            for (int group = 0; group < groups; group++) {
                int i = 32 * group + l;
                FloatVector low = FloatVector.fromArray(F, x, x0 + i);
                FloatVector high = FloatVector.fromArray(F, x, x0 + i + LANES);
                FloatVector scale = FloatVector.broadcast(F, scales[group]);
                FloatVector base = FloatVector.broadcast(F, bases[group]);
                FloatVector code =
                        (FloatVector) ByteVector.fromArray(B, codes, i).castShape(F, 0);
                s0 = low.fma(code.fma(scale, base), s0);
                code = (FloatVector) ByteVector.fromArray(B, codes, i + LANES).castShape(F, 0);
                s0 = high.fma(code.fma(scale, base), s0);
                scale = FloatVector.broadcast(F, scales[group + SCALES]);
                base = FloatVector.broadcast(F, bases[group + SCALES]);
                code = (FloatVector) ByteVector.fromArray(B, codes, i + PIECE).castShape(F, 0);
                s1 = low.fma(code.fma(scale, base), s1);
                code = (FloatVector)
                        ByteVector.fromArray(B, codes, i + PIECE + LANES).castShape(F, 0);
                s1 = high.fma(code.fma(scale, base), s1);
                scale = FloatVector.broadcast(F, scales[group + 2 * SCALES]);
                base = FloatVector.broadcast(F, bases[group + 2 * SCALES]);
                code = (FloatVector)
                        ByteVector.fromArray(B, codes, i + 2 * PIECE).castShape(F, 0);
                s2 = low.fma(code.fma(scale, base), s2);
                code = (FloatVector)
                        ByteVector.fromArray(B, codes, i + 2 * PIECE + LANES).castShape(F, 0);
                s2 = high.fma(code.fma(scale, base), s2);
                scale = FloatVector.broadcast(F, scales[group + 3 * SCALES]);
                base = FloatVector.broadcast(F, bases[group + 3 * SCALES]);
                code = (FloatVector)
                        ByteVector.fromArray(B, codes, i + 3 * PIECE).castShape(F, 0);
                s3 = low.fma(code.fma(scale, base), s3);
                code = (FloatVector)
                        ByteVector.fromArray(B, codes, i + 3 * PIECE + LANES).castShape(F, 0);
                s3 = high.fma(code.fma(scale, base), s3);
            }
            s0.intoArray(sums, l);
            s1.intoArray(sums, l + LANES);
            s2.intoArray(sums, l + 2 * LANES);
            s3.intoArray(sums, l + 3 * LANES);
        }
    }
}
