// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.PackedLayout;
import java.util.Arrays;

/**
 * Activations [M, K] in codes of 8 bits, as products with packed weights take them; scratch memory that grows to the
 * largest shape seen. {@link #prepare} by one thread, then rows may be filled by several.
 *
 * <p>Each {@value PackedLayout#BLOCK} columns of a row share a scale d = max|x|/127; the codes are x·(127/max|x|), by
 * one fused multiply-add rounded to the nearest integer, ties to even. A block whose largest magnitude is below 2⁻⁶⁰
 * counts as zeros; one that holds NaN or a magnitude of 2³⁸ or more has scale NaN and codes 0, so that the row's
 * products are NaN.
 */
public final class QuantizedRows {
    /** Rows that the kernels take together; rows are filled up with zeros to a multiple. */
    public static final int ROW_GROUP = 4;

    /** Below so many rows each is multiplied by itself, by the factors of fields. */
    public static final int FEW_ROWS = 4;

    /** The largest magnitude of a block that is not taken for zeros, as bits. */
    static final int SMALLEST = Float.floatToRawIntBits(0x1p-60f);

    /** The smallest magnitude of a block that counts as infinite, as bits. */
    static final int INFINITE = Float.floatToRawIntBits(0x1p38f);

    private int rows;
    private int paddedRows;
    private int columns;
    private PackedLayout layout;
    private short[] codes = new short[0];
    private float[] scales = new float[0];
    private float[] sums = new float[0];
    private float[] halfSums = new float[0];
    private short[] factors = new short[0];
    private short[] starts = new short[0];

    /** No rows. */
    public QuantizedRows() {}

    /**
     * Makes room.
     *
     * @param rows M
     * @param columns K, a multiple of {@value PackedLayout#BLOCK}
     * @param layout of the weights to come
     */
    public void prepare(int rows, int columns, PackedLayout layout) {
        this.rows = rows;
        this.columns = columns;
        this.layout = layout;
        int blocks = blocks();
        paddedRows = Math.ceilDiv(rows, ROW_GROUP) * ROW_GROUP;
        int padded = Math.multiplyExact(paddedRows, columns);
        if (codes.length < padded) {
            codes = new short[padded];
        }
        if (sums.length < paddedRows * blocks) {
            scales = new float[paddedRows * blocks];
            sums = new float[paddedRows * blocks];
        }
        if (layout.hasHalfMins() && halfSums.length < 2 * paddedRows * blocks) {
            halfSums = new float[2 * paddedRows * blocks];
        }
        if (isFew() && factors.length < rows * blocks * factorsPerBlock()) {
            factors = new short[rows * blocks * factorsPerBlock()];
        }
        if (isFew() && starts.length < rows * blocks * layout.runs()) {
            starts = new short[rows * blocks * layout.runs()];
        }
        if (!isFew() && paddedRows > rows) {
            for (int block = 0; block < blocks; block++) {
                int from = codesOffset(block, rows);
                Arrays.fill(codes, from, from + (paddedRows - rows) * PackedLayout.BLOCK, (short) 0);
                Arrays.fill(scales, scaleOffset(block, rows), scaleOffset(block, paddedRows), 0);
                Arrays.fill(sums, scaleOffset(block, rows), scaleOffset(block, paddedRows), 0);
                if (layout.hasHalfMins()) {
                    Arrays.fill(halfSums, 2 * scaleOffset(block, rows), 2 * scaleOffset(block, paddedRows), 0);
                }
            }
        }
    }

    /** M. */
    public int rows() {
        return rows;
    }

    /** M, rounded up to whole groups of rows. */
    public int paddedRows() {
        return paddedRows;
    }

    /** K. */
    public int columns() {
        return columns;
    }

    /** K / 32. */
    public int blocks() {
        return columns / PackedLayout.BLOCK;
    }

    /** Of the weights that these rows meet. */
    public PackedLayout layout() {
        return layout;
    }

    /** Whether rows are few enough to be multiplied one by one; only then are there factors. */
    public boolean isFew() {
        return rows < FEW_ROWS;
    }

    /** [K/32][padded M][32], in [−127, 127]. */
    public short[] codes() {
        return codes;
    }

    /** Where the codes of a block of a row begin. */
    public int codesOffset(int block, int row) {
        return (block * paddedRows + row) * PackedLayout.BLOCK;
    }

    /** d, [K/32][padded M]. */
    public float[] scales() {
        return scales;
    }

    /** d·Σ codes, [K/32][padded M]. */
    public float[] sums() {
        return sums;
    }

    /**
     * Σ codes of the first 16 elements of a block, then of the others, [K/32][padded M][2]; only where the weights have
     * {@linkplain PackedLayout#hasHalfMins mins} of 16 elements.
     */
    public float[] halfSums() {
        return halfSums;
    }

    /** Where scale and sum of a block of a row lie. */
    public int scaleOffset(int block, int row) {
        return block * paddedRows + row;
    }

    /** Factors of the fields of packed weights, [M][K/32][{@link #factorsPerBlock}]. */
    public short[] factors() {
        return factors;
    }

    /** Factors of a block: those of its lines of codes. */
    public int factorsPerBlock() {
        return layout.lineFactors() * layout.lines();
    }

    /** Where the sums of runs start, −center·Σ codes modulo 2¹⁶: [M][K/32][{@link PackedLayout#runs}]. */
    public short[] starts() {
        return starts;
    }

    /**
     * Takes a block whose codes are written: its scale, its sum and, where rows are few, factors and starts.
     *
     * @param maxBits the largest magnitude of the block as bits
     */
    public void finishBlock(int row, int block, int maxBits) {
        int at = codesOffset(block, row);
        int sum = 0;
        for (int i = 0; i < PackedLayout.BLOCK; i++) {
            sum += codes[at + i];
        }
        finishBlock(row, block, maxBits, sum);
        if (isFew()) {
            int index = row * blocks() + block;
            layout.factors(codes, at, factors, index * factorsPerBlock());
            int length = PackedLayout.BLOCK / layout.runs();
            for (int run = 0; run < layout.runs(); run++) {
                int runSum = 0;
                for (int i = 0; i < length; i++) {
                    runSum += codes[at + run * length + i];
                }
                starts[index * layout.runs() + run] = (short) (-layout.center() * runSum);
            }
        }
    }

    /**
     * Takes a block whose codes are written, with factors and starts where rows are few: its scale and its sum.
     *
     * @param maxBits the largest magnitude of the block as bits
     * @param sum of the codes
     */
    public void finishBlock(int row, int block, int maxBits, int sum) {
        float d = scale(maxBits);
        scales[scaleOffset(block, row)] = d;
        sums[scaleOffset(block, row)] = d * sum;
        if (layout.hasHalfMins()) {
            int first = 0;
            for (int i = 0; i < PackedLayout.BLOCK / 2; i++) {
                first += codes[codesOffset(block, row) + i];
            }
            halfSums[2 * scaleOffset(block, row)] = first;
            halfSums[2 * scaleOffset(block, row) + 1] = sum - first;
        }
    }

    private static float scale(int maxBits) {
        if (maxBits < SMALLEST) {
            return 0;
        }
        return maxBits < INFINITE ? Float.intBitsToFloat(maxBits) / 127 : Float.NaN;
    }

    /**
     * What the elements of a block are multiplied by.
     *
     * @param maxBits the largest magnitude of the block as bits
     * @return 127/max; 0 for a block whose codes are all 0
     */
    public static float inverse(int maxBits) {
        return maxBits < SMALLEST || maxBits >= INFINITE ? 0 : 127 / Float.intBitsToFloat(maxBits);
    }
}
