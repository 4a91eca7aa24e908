// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Optional;
import java.util.function.IntUnaryOperator;

/**
 * How a {@link PackedTensor} keeps its weights: the blocks of a file with 2 to 6 bits a weight, turned so that one
 * vector of shorts holds the same elements of {@value #GROUP} rows.
 *
 * <p>{@value #STRIP} rows make a strip, the last one filled up with zeros. A line is 128 bytes, a short for each row of
 * a strip: first those of group 0 (rows 0 to 31), then of group 1; within a group, short 2j belongs to row j and short
 * 2j + 1 to row j + 16, so that the halves of an int are rows 16 apart. A strip holds, for each 256 columns, the header
 * lines, and for each {@value #BLOCK} of them {@link #scaleLines} lines of scales and {@link #lines} lines of codes;
 * all little-endian. Types without header lines may end in fewer than 256 columns.
 *
 * <table>
 * <caption>The types</caption>
 * <tr><th>type</th><th>header lines</th><th>scales (a short)</th><th>a line of codes (a short)</th></tr>
 * <tr><td>Q4_0</td><td>none</td><td>d, an f16</td><td>line i: elements 2i, 2i + 16, 2i + 1, 2i + 17</td></tr>
 * <tr><td>IQ4_NL, IQ4_XS</td><td>none</td><td>floats, in two lines, in the order of the rows</td><td>as Q4_0</td></tr>
 * <tr><td>Q4_1</td><td>none</td><td>d; in a second line m; f16</td><td>as Q4_0</td></tr>
 * <tr><td>Q5_0</td><td>none</td><td>d, an f16</td><td>as Q5_K</td></tr>
 * <tr><td>Q5_1</td><td>none</td><td>d; in a second line m; f16</td><td>as Q5_K</td></tr>
 * <tr><td>Q2_K</td><td>d, dmin</td><td>scale and min of the first 16 elements, then of the others, four bits each</td>
 * <td>line i: elements 8i to 8i + 7</td></tr>
 * <tr><td>Q3_K</td><td>d</td><td>scales of 16 elements each, with a sign</td><td>16 elements in three lines: line i has
 * elements 5i to 5i + 4, and in bit 15 the bit i of element 15</td></tr>
 * <tr><td>Q4_K</td><td>d, dmin</td><td>scale, min, a byte each</td><td>as Q4_0</td></tr>
 * <tr><td>Q5_K</td><td>d, dmin</td><td>scale, min</td><td>16 elements in five lines: line i has elements 3i, 3i + 1,
 * 3i + 2, and in bit 15 the bit i of element 15</td></tr>
 * <tr><td>Q6_K</td><td>d</td><td>scales of 16 elements each</td><td>8 elements in three lines: elements 0, 1, lower
 * four bits of 6; 2, 3, lower four bits of 7; 4, 5, upper two of 6, upper two of 7</td></tr>
 * </table>
 *
 * <p>Fields are listed from the lowest bits up. Codes are without sign; the value is {@link #value}·scale, and with a
 * min, code·scale − min; the min of a type without header lines, m, is added.
 */
public final class PackedLayout {
    /** Rows in a group: the shorts of the widest vector. */
    public static final int GROUP = 32;

    /** Rows in a strip. */
    public static final int STRIP = 2 * GROUP;

    /** Columns that share a line of scales, and activations that share a scale. */
    public static final int BLOCK = 32;

    /** Blocks that share header lines. */
    public static final int UNIT = 8;

    /** Bytes of a line. */
    public static final int LINE_BYTES = STRIP * Short.BYTES;

    private static final PackedLayout Q4_0 = new PackedLayout(4, 0, 1, 8, false);
    private static final PackedLayout IQ4 = new PackedLayout(4, 0, 1, 8, false, IQ4_NLFormat.LEVELS);
    private static final PackedLayout Q4_1 = new PackedLayout(4, 0, 1, 8, true);
    private static final PackedLayout Q5_0 = new PackedLayout(5, 0, 2, 5, false);
    private static final PackedLayout Q5_1 = new PackedLayout(5, 0, 2, 5, true);
    private static final PackedLayout Q2_K = new PackedLayout(2, 2, 2, 2, true);
    private static final PackedLayout Q3_K = new PackedLayout(3, 1, 2, 3, false);
    private static final PackedLayout Q4_K = new PackedLayout(4, 2, 1, 8, true);
    private static final PackedLayout Q5_K = new PackedLayout(5, 2, 2, 5, true);
    private static final PackedLayout Q6_K = new PackedLayout(6, 1, 4, 3, false);

    private final int bits;
    private final int headerLines;
    private final int runs;
    private final int linesPerRun;
    private final boolean hasMin;
    private final byte[] levels;

    private PackedLayout(int bits, int headerLines, int runs, int linesPerRun, boolean hasMin) {
        this(bits, headerLines, runs, linesPerRun, hasMin, new byte[0]);
    }

    private PackedLayout(int bits, int headerLines, int runs, int linesPerRun, boolean hasMin, byte[] levels) {
        this.bits = bits;
        this.levels = levels;
        this.headerLines = headerLines;
        this.runs = runs;
        this.linesPerRun = linesPerRun;
        this.hasMin = hasMin;
    }

    /** The layout of a type, empty for types that are computed as they lie in a file. */
    public static Optional<PackedLayout> of(DType type) {
        return Optional.ofNullable(
                switch (type) {
                    case Q4_0 -> Q4_0;
                    case IQ4_NL, IQ4_XS -> IQ4;
                    case Q4_1 -> Q4_1;
                    case Q5_0 -> Q5_0;
                    case Q5_1 -> Q5_1;
                    case Q2_K -> Q2_K;
                    case Q3_K -> Q3_K;
                    case Q4_K -> Q4_K;
                    case Q5_K -> Q5_K;
                    case Q6_K -> Q6_K;
                    default -> null;
                });
    }

    /** Bits of a code. */
    public int bits() {
        return bits;
    }

    /**
     * What is taken from a code, 2^(bits − 1); nothing where 2 bits are so few that sums fit without, or where codes
     * have levels.
     */
    public int center() {
        return bits == 2 || hasLevels() ? 0 : 1 << (bits - 1);
    }

    /** Whether codes name levels of a table; a product of two of them fills 16 bits then. */
    public boolean hasLevels() {
        return levels.length > 0;
    }

    /** The integer that a code stands for: its level, or what it is above the center. */
    public int value(int code) {
        return hasLevels() ? levels[code] : code - center();
    }

    /**
     * Sums of a block that are exact in 16 bits each: so many, over equally many elements, as |code − center|·127
     * allows.
     */
    public int runs() {
        return runs;
    }

    /** Lines of codes in a run. */
    public int linesPerRun() {
        return linesPerRun;
    }

    /** Factors that a line of codes takes: one a field, and with levels one more for each two. */
    public int lineFactors() {
        if (hasLevels()) {
            return 6;
        }
        return switch (bits) {
            case 2 -> 8;
            case 3 -> 6;
            default -> 4;
        };
    }

    /** Lines of codes in a block. */
    public int lines() {
        return runs * linesPerRun;
    }

    /** Lines with the scales of scales, each 256 columns. */
    public int headerLines() {
        return headerLines;
    }

    /**
     * Lines of scales of a block: two where a type without header lines has a min, which is an f16 then, and where
     * there are levels, whose scales are floats.
     */
    public int scaleLines() {
        return headerLines == 0 && (hasMin || hasLevels()) ? 2 : 1;
    }

    /**
     * Whether there are mins: where there are header lines, in the second byte of a short of scales, which else is that
     * of a second scale (with 2 bits a weight, both bytes have both); where there are none, in a second line of scales.
     */
    public boolean hasMin() {
        return hasMin;
    }

    /** Whether a min serves 16 elements of a block, not all 32. */
    public boolean hasHalfMins() {
        return hasMin && bits == 2;
    }

    /** Where the header of a block's 256 columns begins in its strip, in bytes. */
    public long headerByteOffset(int block) {
        return block / UNIT * unitBytes();
    }

    /** Where the first line of scales of a block begins in its strip, in bytes; the lines of codes follow the last. */
    public long blockByteOffset(int block) {
        return headerByteOffset(block) + (long) headerLines * LINE_BYTES + block % UNIT * blockBytes();
    }

    private long blockBytes() {
        return (long) (scaleLines() + lines()) * LINE_BYTES;
    }

    private long unitBytes() {
        return (long) headerLines * LINE_BYTES + UNIT * blockBytes();
    }

    /** Bytes of a strip of so many columns, whole blocks of the type. */
    public long stripBytes(int columns) {
        return headerLines == 0 ? columns / BLOCK * blockBytes() : columns / BLOCK / UNIT * unitBytes();
    }

    /** The short of a row within a line. */
    public static int lane(int row) {
        return row / GROUP * GROUP + row % GROUP % 16 * 2 + row % GROUP / 16;
    }

    /**
     * What the fields of a line are multiplied by, so that the products add up to those of the codes: a field is not
     * masked off, but taken with all that lies to its left, and what that adds is taken from the next field's factor.
     * All arithmetic is modulo 2^16.
     *
     * <p>Levels, 128 added, are taken two by two, the first in the lower byte of a short: of three factors the first is
     * for the short, the second for its upper byte, and the third is what the 128 have to be made good with and 2^15
     * besides, so that the sum of two products has no sign.
     *
     * @param a codes of the activations of a block
     * @param aOffset the first
     * @param factors receives {@link #lineFactors} factors a line
     * @param factorsOffset where those of line 0 go
     */
    public void factors(short[] a, int aOffset, short[] factors, int factorsOffset) {
        if (hasLevels()) {
            for (int i = 0; i < BLOCK / 2; i++) {
                int e = aOffset + i % 2 * 16 + i / 2 * 2;
                int at = factorsOffset + 3 * i;
                factors[at] = a[e];
                factors[at + 1] = (short) (a[e + 1] - (a[e] << 8));
                factors[at + 2] = (short) (Short.MIN_VALUE - 128 * (a[e] + a[e + 1]));
            }
            return;
        }
        switch (bits) {
            case 4 -> {
                for (int i = 0; i < 8; i++) {
                    int at = factorsOffset + 4 * i;
                    int low = a[aOffset + 2 * i];
                    int high = a[aOffset + 2 * i + 16];
                    int nextLow = a[aOffset + 2 * i + 1];
                    int nextHigh = a[aOffset + 2 * i + 17];
                    put(factors, at, low, high - (low << 4), nextLow - (high << 4), nextHigh - (nextLow << 4));
                }
            }
            case 2 -> {
                for (int i = 0; i < PackedLayout.BLOCK; i++) {
                    int before = i % 8 == 0 ? 0 : a[aOffset + i - 1];
                    factors[factorsOffset + i] = (short) (a[aOffset + i] - (before << 2));
                }
            }
            case 3, 5 -> {
                int each = 15 / bits;
                for (int i = 0; i < 2 * bits; i++) {
                    int run = aOffset + i / bits * 16;
                    int at = factorsOffset + (each + 1) * i;
                    int before = 0;
                    for (int k = 0; k < each; k++) {
                        int next = a[run + i % bits * each + k];
                        factors[at + k] = (short) (next - (before << bits));
                        before = next;
                    }
                    factors[at + each] = (short) ((a[run + 15] << i % bits) - (before << bits));
                }
            }
            default -> {
                for (int run = 0; run < 4; run++) {
                    int e = aOffset + 8 * run;
                    int at = factorsOffset + 12 * run;
                    put(factors, at, a[e], a[e + 1] - (a[e] << 6), a[e + 6] - (a[e + 1] << 6), 0);
                    put(factors, at + 4, a[e + 2], a[e + 3] - (a[e + 2] << 6), a[e + 7] - (a[e + 3] << 6), 0);
                    int sixth = a[e + 6] << 4;
                    put(
                            factors,
                            at + 8,
                            a[e + 4],
                            a[e + 5] - (a[e + 4] << 6),
                            sixth - (a[e + 5] << 6),
                            (a[e + 7] << 4) - (sixth << 2));
                }
            }
        }
    }

    private static void put(short[] to, int at, int f0, int f1, int f2, int f3) {
        to[at] = (short) f0;
        to[at + 1] = (short) f1;
        to[at + 2] = (short) f2;
        to[at + 3] = (short) f3;
    }

    /**
     * One code of a block.
     *
     * @param line gives the short of a row in each of the block's lines of codes
     * @param element in [0, 32)
     */
    public int code(IntUnaryOperator line, int element) {
        return switch (bits) {
            case 4 -> {
                int shift = 4 * (element % 2 * 2 + element / 16);
                yield (line.applyAsInt(element % 16 / 2) >> shift) & 15;
            }
            case 2 -> (line.applyAsInt(element / 8) >> (2 * (element % 8))) & 3;
            case 3, 5 -> oddBits(line, element / 16 * bits, element % 16);
            default -> sixBits(line, element / 8 * 3, element % 8);
        };
    }

    private int oddBits(IntUnaryOperator line, int first, int element) {
        int each = 15 / bits;
        if (element < 15) {
            return (line.applyAsInt(first + element / each) >> (bits * (element % each))) & ((1 << bits) - 1);
        }
        int code = 0;
        for (int i = 0; i < bits; i++) {
            code |= ((line.applyAsInt(first + i) >> 15) & 1) << i;
        }
        return code;
    }

    private static int sixBits(IntUnaryOperator line, int first, int element) {
        if (element < 6) {
            return (line.applyAsInt(first + element / 2) >> (6 * (element % 2))) & 63;
        }
        int low = (line.applyAsInt(first + element - 6) >> 12) & 15;
        int upper = (line.applyAsInt(first + 2) >> (element == 6 ? 12 : 14)) & 3;
        return low | upper << 4;
    }
}
