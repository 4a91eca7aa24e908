// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.kernel.scalar.ScalarExponential;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.PackedLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activations to codes of 8 bits, a block at a time, as {@link QuantizedRows} says. It runs before every product, while
 * all other threads wait.
 *
 * <p>An int lane e meets elements e and e + 16 of a block, of which a line of four bits holds two neighbours: so the
 * two lanes of a long are the four factors of a line ({@link PackedLayout#factors}), in order.
 */
final class ActivationCodes {
    private static final VectorSpecies<Float> F = PackedScales.F;
    private static final VectorSpecies<Integer> I = PackedScales.I;
    private static final int COUNT = F.length();

    /** As many shorts as there are ints in a vector, but four at least. */
    private static final VectorSpecies<Short> HALF =
            VectorSpecies.of(short.class, VectorShape.forBitSize(Math.max(64, F.vectorBitSize() / 2)));

    private static final int ROUND_BITS = Float.floatToRawIntBits(ScalarExponential.ROUND);
    private static final int BLOCK = PackedLayout.BLOCK;

    /** In place of bits. */
    private static final int LEVELS = -1;

    /** Factors of a block of weights of four bits. */
    private static final int FOUR_BITS = 32;

    /** Factors of a run of weights of three bits. */
    private static final int THREE_BITS = 18;

    /** The same of five bits. */
    private static final int FIVE_BITS = 20;

    /** Runs of a block of weights of six bits, and factors of one. */
    private static final int RUNS = 4;

    private static final int SIX_BITS = 12;

    private ActivationCodes() {}

    static void quantize(HeapTensor x, QuantizedRows to, int rowBegin, int rowEnd) {
        int blocks = to.blocks();
        int bits =
                !to.isFew() ? 0 : to.layout().hasLevels() ? LEVELS : to.layout().bits();
        for (int row = rowBegin; row < rowEnd; row++) {
            int from = x.offset() + row * x.columns();
            for (int block = 0; block < blocks; block++) {
                int maxBits = maxBits(x.data(), from + block * BLOCK);
                float inverse = QuantizedRows.inverse(maxBits);
                int at = to.codesOffset(block, row);
                if (inverse == 0) {
                    Arrays.fill(to.codes(), at, at + BLOCK, (short) 0);
                    to.finishBlock(row, block, maxBits);
                    continue;
                }
                int sum = code(x.data(), from + block * BLOCK, inverse, to.codes(), at);
                int index = row * blocks + block;
                switch (bits) {
                    case 4 -> {
                        fourBits(x.data(), from + block * BLOCK, inverse, to.factors(), index * FOUR_BITS);
                        to.starts()[index] = (short) (-8 * sum);
                        to.finishBlock(row, block, maxBits, sum);
                    }
                    case LEVELS -> {
                        to.layout().factors(to.codes(), at, to.factors(), index * to.factorsPerBlock());
                        to.starts()[index] = 0;
                        to.finishBlock(row, block, maxBits, sum);
                    }
                    case 3 -> {
                        for (int r = 2 * index; r < 2 * index + 2; r++) {
                            int run = at + r % 2 * 16;
                            to.starts()[r] = threeBits(to.codes(), run, to.factors(), r * THREE_BITS);
                        }
                        to.finishBlock(row, block, maxBits, sum);
                    }
                    case 5 -> {
                        for (int r = 2 * index; r < 2 * index + 2; r++) {
                            int run = at + r % 2 * 16;
                            to.starts()[r] = fiveBits(to.codes(), run, to.factors(), r * FIVE_BITS);
                        }
                        to.finishBlock(row, block, maxBits, sum);
                    }
                    case 6 -> {
                        for (int run = 0; run < RUNS; run++) {
                            int f = (index * RUNS + run) * SIX_BITS;
                            to.starts()[index * RUNS + run] = sixBits(to.codes(), at + 8 * run, to.factors(), f);
                        }
                        to.finishBlock(row, block, maxBits, sum);
                    }
                    default -> to.finishBlock(row, block, maxBits);
                }
            }
        }
    }

    /** The factors of a run of 16 elements, as {@link PackedLayout#factors} has them; returns where its sum starts. */
    private static short threeBits(short[] a, int e, short[] factors, int to) {
        int last = a[e + 15];
        int sum = last;
        for (int i = 0; i < 3; i++) {
            int a0 = a[e + 5 * i];
            int a1 = a[e + 5 * i + 1];
            int a2 = a[e + 5 * i + 2];
            int a3 = a[e + 5 * i + 3];
            int a4 = a[e + 5 * i + 4];
            sum += a0 + a1 + a2 + a3 + a4;
            factors[to + 6 * i] = (short) a0;
            factors[to + 6 * i + 1] = (short) (a1 - (a0 << 3));
            factors[to + 6 * i + 2] = (short) (a2 - (a1 << 3));
            factors[to + 6 * i + 3] = (short) (a3 - (a2 << 3));
            factors[to + 6 * i + 4] = (short) (a4 - (a3 << 3));
            factors[to + 6 * i + 5] = (short) ((last << i) - (a4 << 3));
        }
        return (short) (-4 * sum);
    }

    /** The same of weights of five bits. */
    private static short fiveBits(short[] a, int e, short[] factors, int to) {
        int last = a[e + 15];
        int sum = last;
        for (int i = 0; i < 5; i++) {
            int a0 = a[e + 3 * i];
            int a1 = a[e + 3 * i + 1];
            int a2 = a[e + 3 * i + 2];
            sum += a0 + a1 + a2;
            factors[to + 4 * i] = (short) a0;
            factors[to + 4 * i + 1] = (short) (a1 - (a0 << 5));
            factors[to + 4 * i + 2] = (short) (a2 - (a1 << 5));
            factors[to + 4 * i + 3] = (short) ((last << i) - (a2 << 5));
        }
        return (short) (-16 * sum);
    }

    /**
     * The factors of a run of eight elements; returns where its sum starts. {@link PackedLayout#factors} written out,
     * so that each code is loaded once; a test holds both to the same factors.
     */
    private static short sixBits(short[] a, int e, short[] factors, int to) {
        int a0 = a[e];
        int a1 = a[e + 1];
        int a2 = a[e + 2];
        int a3 = a[e + 3];
        int a4 = a[e + 4];
        int a5 = a[e + 5];
        int a6 = a[e + 6];
        int a7 = a[e + 7];
        factors[to] = (short) a0;
        factors[to + 1] = (short) (a1 - (a0 << 6));
        factors[to + 2] = (short) (a6 - (a1 << 6));
        factors[to + 3] = 0;
        factors[to + 4] = (short) a2;
        factors[to + 5] = (short) (a3 - (a2 << 6));
        factors[to + 6] = (short) (a7 - (a3 << 6));
        factors[to + 7] = 0;
        factors[to + 8] = (short) a4;
        factors[to + 9] = (short) (a5 - (a4 << 6));
        factors[to + 10] = (short) ((a6 << 4) - (a5 << 6));
        factors[to + 11] = (short) ((a7 << 4) - (a6 << 6));
        return (short) (-32 * (a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7));
    }

    private static int maxBits(float[] x, int offset) {
        IntVector max = IntVector.zero(I);
        for (int i = 0; i < BLOCK; i += COUNT) {
            IntVector bits =
                    FloatVector.fromArray(F, x, offset + i).reinterpretAsInts().and(0x7fff_ffff);
            max = max.max(bits);
        }
        return max.reduceLanes(VectorOperators.MAX);
    }

    /** Writes the codes of a block; returns their sum. */
    private static int code(float[] x, int offset, float inverse, short[] codes, int to) {
        IntVector sum = IntVector.zero(I);
        for (int i = 0; i < BLOCK; i += COUNT) {
            IntVector code = FloatVector.fromArray(F, x, offset + i)
                    .fma(FloatVector.broadcast(F, inverse), FloatVector.broadcast(F, ScalarExponential.ROUND))
                    .reinterpretAsInts()
                    .sub(ROUND_BITS);
            ((ShortVector) code.convertShape(VectorOperators.I2S, HALF, 0)).intoArray(codes, to + i);
            sum = sum.add(code);
        }
        return sum.reduceLanes(VectorOperators.ADD);
    }

    private static void fourBits(float[] x, int offset, float inverse, short[] factors, int to) {
        for (int i = 0; i < BLOCK / 2; i += COUNT) {
            IntVector low = FloatVector.fromArray(F, x, offset + i)
                    .fma(FloatVector.broadcast(F, inverse), FloatVector.broadcast(F, ScalarExponential.ROUND))
                    .reinterpretAsInts()
                    .sub(ROUND_BITS);
            IntVector high = FloatVector.fromArray(F, x, offset + BLOCK / 2 + i)
                    .fma(FloatVector.broadcast(F, inverse), FloatVector.broadcast(F, ScalarExponential.ROUND))
                    .reinterpretAsInts()
                    .sub(ROUND_BITS);
            IntVector before = high.lanewise(VectorOperators.LSHL, 4)
                    .reinterpretAsLongs()
                    .lanewise(VectorOperators.LSHL, 32)
                    .reinterpretAsInts();
            low.sub(before)
                    .and(0xffff)
                    .or(high.sub(low.lanewise(VectorOperators.LSHL, 4)).lanewise(VectorOperators.LSHL, 16))
                    .reinterpretAsShorts()
                    .intoArray(factors, to + 2 * i);
        }
    }
}
