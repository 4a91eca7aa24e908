// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/** Weights whose codes are points of a codebook, IQ1 to IQ3, as integers and scales: what kernels multiply with. */
public final class CodebookBlocks {
    private CodebookBlocks() {}

    /** Whether a type is one of them: it has blocks of 256 weights. */
    public static boolean isSupported(DType type) {
        return type.format() instanceof CodebookFormat;
    }

    /**
     * Unpacks whole blocks: weight i is codes[to + i]·scales[scale + i/16], exactly.
     *
     * @param type {@linkplain #isSupported one of them}
     * @param bytes holds the blocks
     * @param at the first byte
     * @param blocks how many
     * @param codes receives 256 integers a block
     * @param scales receives 16 scales a block
     */
    public static void unpack(
            DType type, byte[] bytes, int at, int blocks, byte[] codes, int to, float[] scales, int scale) {
        CodebookFormat format = (CodebookFormat) type.format();
        for (int block = 0; block < blocks; block++) {
            format.unpackBlock(
                    bytes,
                    at + block * type.blockBytes(),
                    codes,
                    to + block * CodebookFormat.SIZE,
                    scales,
                    scale + block * CodebookFormat.SIZE / CodebookFormat.SCALED);
        }
    }
}
