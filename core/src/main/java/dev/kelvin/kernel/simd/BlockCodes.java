// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.tensor.CodebookBlocks;
import dev.kelvin.tensor.DType;
import java.util.Arrays;

/**
 * Blocks of weights in the form that all block types come down to, code·scale + base: a byte a weight, a scale and a
 * base for every 16 or 32. Decoding is {@link CodeLanes}, the unpacking one method a type.
 *
 * <p>Where a type has no base it is −0, which added to a product leaves it as it is, +0 and −0 included. So one fused
 * multiply-add serves all types: where there is a base the product is exact (record 0018), where there is none it is
 * rounded once. That gives the bits of {@link dev.kelvin.tensor.BlockFormat}.
 */
final class BlockCodes {
    /** Weights of a row that are unpacked together: what is unpacked stays in the first-level cache. */
    static final int PIECE = 1024;

    /** Rows that are unpacked together. */
    static final int ROWS = 4;

    /** Scales of a row at most. */
    static final int SCALES = PIECE / 16;

    /** [ROWS][PIECE], and what eight bytes reach beyond the last four. */
    final byte[] codes = new byte[ROWS * PIECE + 4];

    /** [ROWS][SCALES]. */
    final float[] scales = new float[ROWS * SCALES];

    /** [ROWS][SCALES]. */
    final float[] bases = new float[ROWS * SCALES];

    /** For the codes of scales and bases. */
    final byte[] scaleCodes = new byte[32];

    private DType type;

    /** Whether this class has an unpacking for a type: it has for all with blocks. */
    static boolean isSupported(DType type) {
        return switch (type) {
            case Q4_0,
                    Q4_1,
                    Q5_0,
                    Q5_1,
                    Q8_0,
                    IQ4_NL,
                    MXFP4,
                    Q2_K,
                    Q3_K,
                    Q4_K,
                    Q5_K,
                    Q6_K,
                    Q8_K,
                    TQ1_0,
                    TQ2_0,
                    IQ4_XS -> true;
            default -> CodebookBlocks.isSupported(type);
        };
    }

    /** Unpacks blocks of one type from now on. */
    void begin(DType type) {
        if (this.type != type) {
            this.type = type;
            Arrays.fill(bases, -0f);
        }
    }

    /** Weights that share a scale. */
    int group() {
        return switch (type) {
            case Q2_K, Q3_K, Q6_K -> 16;
            default -> CodebookBlocks.isSupported(type) ? 16 : 32;
        };
    }

    /**
     * Unpacks whole blocks.
     *
     * @param bytes holds the blocks
     * @param at the first byte
     * @param count of weights, at most {@link #PIECE}
     * @param row in [0, ROWS), where codes and scales go
     */
    void unpack(byte[] bytes, int at, int count, int row) {
        int blocks = count / type.blockSize();
        int to = row * PIECE;
        int scale = row * SCALES;
        switch (type) {
            case Q4_0 -> SmallBlocks.q4_0(bytes, at, blocks, this, to, scale);
            case Q4_1 -> SmallBlocks.q4_1(bytes, at, blocks, this, to, scale);
            case Q5_0 -> SmallBlocks.q5_0(bytes, at, blocks, this, to, scale);
            case Q5_1 -> SmallBlocks.q5_1(bytes, at, blocks, this, to, scale);
            case Q8_0 -> SmallBlocks.q8_0(bytes, at, blocks, this, to, scale);
            case IQ4_NL -> TableBlocks.iq4Nl(bytes, at, blocks, this, to, scale);
            case MXFP4 -> TableBlocks.mxfp4(bytes, at, blocks, this, to, scale);
            case Q2_K -> LargeBlocks.q2K(bytes, at, blocks, this, to, scale);
            case Q3_K -> LargeBlocks.q3K(bytes, at, blocks, this, to, scale);
            case Q4_K -> LargeBlocks.q4K(bytes, at, blocks, this, to, scale);
            case Q5_K -> LargeBlocks.q5K(bytes, at, blocks, this, to, scale);
            case Q6_K -> LargeBlocks.q6K(bytes, at, blocks, this, to, scale);
            case IQ4_XS -> TableBlocks.iq4Xs(bytes, at, blocks, this, to, scale);
            case Q8_K -> OneScaleBlocks.q8K(bytes, at, blocks, this, to, scale);
            case TQ1_0 -> OneScaleBlocks.tq1_0(bytes, at, blocks, this, to, scale);
            case TQ2_0 -> OneScaleBlocks.tq2_0(bytes, at, blocks, this, to, scale);
            default -> CodebookBlocks.unpack(type, bytes, at, blocks, codes, to, scales, scale);
        }
    }
}
