// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.ArrayList;
import java.util.List;

/** Sets of code points as sequences of ranges of bytes. */
final class Utf8 {
    /** The last code points of one, two, three and four bytes. */
    private static final int[] LASTS = {0x7f, 0x7ff, 0xffff, Character.MAX_CODE_POINT};

    private static final int CONTINUATION_BITS = 6;

    private Utf8() {}

    /**
     * The encodings of a set.
     *
     * @return for each sequence of bytes the ranges, the lowest and the highest byte in turn
     */
    static List<int[]> sequences(CodePoints set) {
        List<int[]> sequences = new ArrayList<>();
        for (CodePoints.Range range : set.ranges()) {
            int first = range.first();
            for (int last : LASTS) {
                if (first <= Math.min(last, range.last())) {
                    split(first, Math.min(last, range.last()), sequences);
                    first = last + 1;
                }
            }
        }
        return sequences;
    }

    /** Splits a range of one length until each byte's range is free of the others'. */
    private static void split(int first, int last, List<int[]> sequences) {
        for (int bits = CONTINUATION_BITS; last > LASTS[0] && bits < 24; bits += CONTINUATION_BITS) {
            int mask = (1 << bits) - 1;
            if ((first & ~mask) != (last & ~mask)) {
                if ((first & mask) != 0) {
                    split(first, first | mask, sequences);
                    split((first | mask) + 1, last, sequences);
                    return;
                }
                if ((last & mask) != mask) {
                    split(first, (last & ~mask) - 1, sequences);
                    split(last & ~mask, last, sequences);
                    return;
                }
            }
        }
        byte[] low = encode(first);
        byte[] high = encode(last);
        int[] sequence = new int[2 * low.length];
        for (int i = 0; i < low.length; i++) {
            sequence[2 * i] = low[i] & 0xff;
            sequence[2 * i + 1] = high[i] & 0xff;
        }
        sequences.add(sequence);
    }

    private static byte[] encode(int point) {
        return Character.toString(point).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }
}
