// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Turns rows of blocks, as a file has them, into strips of a {@link PackedTensor}: each byte is read once and in order.
 * For one thread at a time.
 */
public final class StripPacker {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Shorts of a line. */
    private static final int LINE = PackedLayout.STRIP;

    /** Elements of a block of the types that end in K. */
    private static final int SUPER = 256;

    private static final int HALF_EXPONENT = 0x7c00;

    private final byte[] codes = new byte[SUPER];
    private byte[] row = new byte[0];
    private short[] strip = new short[0];
    private PackedLayout layout;
    private boolean finite;

    /** A packer. */
    public StripPacker() {}

    /**
     * Packs some strips.
     *
     * @param from [N, K], of a type that has a {@link PackedLayout}
     * @param to of the same type and shape
     * @param begin the first strip
     * @param end the strip after the last
     * @return whether all their scales are finite; if not, {@code to} is of no use
     */
    public boolean pack(MappedTensor from, PackedTensor to, int begin, int end) {
        layout = to.layout();
        finite = true;
        int columns = from.columns();
        int rowBytes = Math.toIntExact(from.dtype().byteSize(columns));
        int stripBytes = Math.toIntExact(layout.stripBytes(columns));
        if (row.length < rowBytes) {
            row = new byte[rowBytes];
        }
        if (strip.length < stripBytes / Short.BYTES) {
            strip = new short[stripBytes / Short.BYTES];
        }
        for (int s = begin; s < end; s++) {
            int first = s * PackedLayout.STRIP;
            int count = Math.min(PackedLayout.STRIP, from.rows() - first);
            if (count < PackedLayout.STRIP) {
                Arrays.fill(strip, (short) 0);
            }
            for (int r = 0; r < count; r++) {
                MemorySegment.copy(
                        from.segment(), ValueLayout.JAVA_BYTE, (long) (first + r) * rowBytes, row, 0, rowBytes);
                packRow(from.dtype(), columns, r);
            }
            MemorySegment.copy(strip, 0, to.segment(), SHORT, (long) s * stripBytes, stripBytes / Short.BYTES);
        }
        return finite;
    }

    private void packRow(DType type, int columns, int rowInStrip) {
        int lane = PackedLayout.lane(rowInStrip);
        if (layout.hasLevels()) {
            for (int block = 0; block < columns / PackedLayout.BLOCK; block++) {
                packLevels(type, block, lane, rowInStrip);
            }
            return;
        }
        if (layout.headerLines() == 0) {
            for (int block = 0; block < columns / PackedLayout.BLOCK; block++) {
                packBlock(block * type.blockBytes(), block, lane);
            }
            return;
        }
        for (int unit = 0; unit < columns / SUPER; unit++) {
            int at = unit * type.blockBytes();
            int block = unit * PackedLayout.UNIT;
            switch (type) {
                case Q2_K -> packQ2_K(at, block, lane);
                case Q3_K -> packQ3_K(at, block, lane);
                case Q4_K -> packQ4_K(at, block, lane);
                case Q5_K -> packQ5_K(at, block, lane);
                case Q6_K -> packQ6_K(at, block, lane);
                default -> throw new AssertionError("no packed layout of " + type);
            }
        }
    }

    private static int at(long byteOffset, int lane) {
        return (int) (byteOffset / Short.BYTES) + lane;
    }

    private short half(int at) {
        short bits = BlockFormat.bits16(row, at);
        finite &= (bits & HALF_EXPONENT) != HALF_EXPONENT;
        return bits;
    }

    /** A block of a type without header lines. */
    private void packBlock(int at, int block, int lane) {
        int to = at(layout.blockByteOffset(block), lane);
        strip[to] = half(at);
        int from = at + 2;
        if (layout.hasMin()) {
            strip[to + LINE] = half(from);
            from += 2;
        }
        to += layout.scaleLines() * LINE;
        if (layout.bits() == 4) {
            for (int i = 0; i < 8; i++) {
                strip[to + i * LINE] = BlockFormat.bits16(row, from + 2 * i);
            }
            return;
        }
        int high = BlockFormat.bits32(row, from);
        for (int i = 0; i < 16; i++) {
            int pair = row[from + 4 + i];
            codes[i] = (byte) ((pair & 15) | ((high >> i) & 1) << 4);
            codes[16 + i] = (byte) (((pair >> 4) & 15) | ((high >> (16 + i)) & 1) << 4);
        }
        oddBits(0, to);
        oddBits(16, to + 5 * LINE);
    }

    /** A block of codes of levels, whose scale becomes a float. */
    private void packLevels(DType type, int block, int lane, int rowInStrip) {
        boolean isLarge = type == DType.IQ4_XS;
        int inBlock = isLarge ? block % PackedLayout.UNIT : 0;
        int at = (isLarge ? block / PackedLayout.UNIT : block) * type.blockBytes();
        float scale = isLarge ? IQ4_XSFormat.scale(row, at, inBlock) : BlockFormat.half(row, at);
        finite &= Float.isFinite(scale);
        int to = at(layout.blockByteOffset(block), 2 * rowInStrip);
        strip[to] = (short) Float.floatToRawIntBits(scale);
        strip[to + 1] = (short) (Float.floatToRawIntBits(scale) >> 16);
        int codesFrom = at + (isLarge ? IQ4_XSFormat.CODES : 2) + 16 * inBlock;
        for (int i = 0; i < 8; i++) {
            strip[at(layout.blockByteOffset(block), lane) + (2 + i) * LINE] =
                    BlockFormat.bits16(row, codesFrom + 2 * i);
        }
    }

    /** The lines of a run of 16 codes of three or five bits. */
    private void oddBits(int e, int to) {
        int bits = layout.bits();
        int each = 15 / bits;
        for (int i = 0; i < bits; i++) {
            int line = ((codes[e + 15] >> i) & 1) << 15;
            for (int k = 0; k < each; k++) {
                line |= codes[e + each * i + k] << (bits * k);
            }
            strip[to + i * LINE] = (short) line;
        }
    }

    private void packQ2_K(int at, int block, int lane) {
        int header = at(layout.headerByteOffset(block), lane);
        strip[header] = half(at + 80);
        strip[header + LINE] = half(at + 82);
        for (int j = 0; j < PackedLayout.UNIT; j++) {
            int to = at(layout.blockByteOffset(block + j), lane);
            strip[to] = BlockFormat.bits16(row, at + 2 * j);
            int from = at + 16 + j / 4 * 32;
            for (int line = 0; line < 4; line++) {
                int eight = 0;
                for (int i = 0; i < 8; i++) {
                    eight |= ((row[from + 8 * line + i] >> (j % 4 * 2)) & 3) << (2 * i);
                }
                strip[to + (1 + line) * LINE] = (short) eight;
            }
        }
    }

    private void packQ3_K(int at, int block, int lane) {
        int scales = at + 96;
        strip[at(layout.headerByteOffset(block), lane)] = half(scales + 12);
        for (int group = 0; group < 16; group++) {
            int high = at + group % 2 * 16;
            int low = high + 32 + group / 8 * 32;
            for (int i = 0; i < 16; i++) {
                int code = ((row[low + i] >> (group / 2 % 4 * 2)) & 3) | ((row[high + i] >> (group / 2)) & 1) << 2;
                codes[group * 16 + i] = (byte) code;
            }
        }
        for (int j = 0; j < PackedLayout.UNIT; j++) {
            int to = at(layout.blockByteOffset(block + j), lane);
            int second = Q3_KFormat.scale(row, scales, 2 * j + 1);
            strip[to] = (short) ((Q3_KFormat.scale(row, scales, 2 * j) & 255) | second << 8);
            oddBits(32 * j, to + LINE);
            oddBits(32 * j + 16, to + 4 * LINE);
        }
    }

    private void packScalesAndMins(int at, int block, int lane) {
        int header = at(layout.headerByteOffset(block), lane);
        strip[header] = half(at);
        strip[header + LINE] = half(at + 2);
        for (int j = 0; j < PackedLayout.UNIT; j++) {
            int pair = SixBitPairs.scale(row, at + 4, j) | SixBitPairs.min(row, at + 4, j) << 8;
            strip[at(layout.blockByteOffset(block + j), lane)] = (short) pair;
        }
    }

    /** The nibbles of two blocks lie in the same bytes; they change places so that each has lines of its own. */
    private void packQ4_K(int at, int block, int lane) {
        packScalesAndMins(at, block, lane);
        int from = at + 4 + SixBitPairs.BYTES;
        for (int j = 0; j < PackedLayout.UNIT; j += 2) {
            int low = at(layout.blockByteOffset(block + j), lane);
            int high = at(layout.blockByteOffset(block + j + 1), lane);
            for (int i = 0; i < 8; i++) {
                int first = BlockFormat.bits16(row, from + 16 * j + 2 * i);
                int second = BlockFormat.bits16(row, from + 16 * j + 2 * i + 16);
                strip[low + (1 + i) * LINE] = (short) ((first & 0x0f0f) | (second & 0x0f0f) << 4);
                strip[high + (1 + i) * LINE] = (short) (((first >> 4) & 0x0f0f) | (second & 0xf0f0));
            }
        }
    }

    private void packQ5_K(int at, int block, int lane) {
        packScalesAndMins(at, block, lane);
        int high = at + 4 + SixBitPairs.BYTES;
        int low = high + 32;
        for (int group = 0; group < 8; group++) {
            for (int i = 0; i < 32; i++) {
                int nibble = (row[low + group / 2 * 32 + i] >> (group % 2 * 4)) & 15;
                codes[group * 32 + i] = (byte) (nibble | ((row[high + i] >> group) & 1) << 4);
            }
        }
        for (int half = 0; half < 16; half++) {
            int to = at(layout.blockByteOffset(block + half / 2), lane) + (1 + half % 2 * 5) * LINE;
            oddBits(half * 16, to);
        }
    }

    private void packQ6_K(int at, int block, int lane) {
        int scales = at + 192;
        strip[at(layout.headerByteOffset(block), lane)] = half(scales + 16);
        for (int group = 0; group < 16; group++) {
            int inHalf = group % 8;
            int low = at + group / 8 * 64 + inHalf % 4 * 16;
            int high = at + 128 + group / 8 * 32 + inHalf % 2 * 16;
            for (int i = 0; i < 16; i++) {
                int nibble = (row[low + i] >> (inHalf / 4 * 4)) & 15;
                codes[group * 16 + i] = (byte) (nibble | ((row[high + i] >> (inHalf / 2 * 2)) & 3) << 4);
            }
        }
        for (int j = 0; j < PackedLayout.UNIT; j++) {
            int to = at(layout.blockByteOffset(block + j), lane);
            strip[to] = BlockFormat.bits16(row, scales + 2 * j);
            for (int run = 0; run < 4; run++) {
                int e = j * 32 + run * 8;
                int line = to + (1 + 3 * run) * LINE;
                strip[line] = (short) (codes[e] | codes[e + 1] << 6 | codes[e + 6] << 12);
                strip[line + LINE] = (short) (codes[e + 2] | codes[e + 3] << 6 | codes[e + 7] << 12);
                int upper = (codes[e + 6] >> 4) | (codes[e + 7] >> 4) << 2;
                strip[line + 2 * LINE] = (short) (codes[e + 4] | codes[e + 5] << 6 | upper << 12);
            }
        }
    }
}
