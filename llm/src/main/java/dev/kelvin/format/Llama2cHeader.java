// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What a checkpoint of llama2.c begins with.
 *
 * @param version 0 for the form without a magic number
 * @param sizes those of the model
 * @param tied whether the output is the embedding's table
 * @param group elements that share a scale; 0 where numbers are F32
 */
record Llama2cHeader(int version, Sizes sizes, boolean tied, int group) {
    /** Bytes of the header of versions 1 and 2, and fewer than any model has. */
    static final int LONGEST = 256;

    /** Bytes of the header of version 0. */
    static final int SHORTEST = 7 * Integer.BYTES;

    private static final int MAGIC = 0x616b3432;
    private static final int NEWEST = 2;

    /** More than any model has, and so few that no product of three overflows a long. */
    private static final int MOST = 1 << 20;

    /** Of which each takes some kilobytes of heap, before anything is known of the file but its header. */
    private static final int MOST_LAYERS = 1 << 12;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The seven numbers of every form, in their order; V without the sign that it has in version 0. */
    record Sizes(int dim, int ffnDim, int layers, int heads, int kvHeads, int vocabSize, int contextLength) {
        private boolean arePlausible() {
            for (int size : new int[] {dim, ffnDim, layers, heads, kvHeads, vocabSize, contextLength}) {
                if (size < 1 || size > MOST) {
                    return false;
                }
            }
            return layers <= MOST_LAYERS && dim % heads == 0 && heads % kvHeads == 0 && headDim() % 2 == 0;
        }

        int headDim() {
            return dim / heads;
        }

        int kvDim() {
            return kvHeads * headDim();
        }
    }

    /** Whether a file says that it is one; those of version 0 do not. */
    static boolean isMarked(MemorySegment bytes) {
        return bytes.byteSize() >= LONGEST && bytes.get(INT, 0) == MAGIC;
    }

    /** Reads a header, if these bytes have one. */
    static Optional<Llama2cHeader> of(MemorySegment bytes) {
        if (bytes.byteSize() < LONGEST) {
            return Optional.empty();
        }
        if (!isMarked(bytes)) {
            Sizes sizes = sizes(bytes, 0);
            boolean tied = bytes.get(INT, 5L * Integer.BYTES) > 0;
            return Optional.of(new Llama2cHeader(0, sizes, tied, 0)).filter(header -> sizes.arePlausible());
        }
        int version = bytes.get(INT, Integer.BYTES);
        if (version < 1 || version > NEWEST) {
            return Optional.empty();
        }
        Sizes sizes = sizes(bytes, 2L * Integer.BYTES);
        long behind = 2L * Integer.BYTES + SHORTEST;
        boolean tied = bytes.get(ValueLayout.JAVA_BYTE, behind) != 0;
        int group = version == NEWEST ? bytes.get(INT, behind + 1) : 0;
        boolean grouped = version < NEWEST || (group > 0 && sizes.dim > 0 && sizes.dim % group == 0);
        return Optional.of(new Llama2cHeader(version, sizes, tied, group))
                .filter(header -> sizes.arePlausible() && grouped);
    }

    private static Sizes sizes(MemorySegment bytes, long at) {
        int[] all = new int[SHORTEST / Integer.BYTES];
        for (int i = 0; i < all.length; i++) {
            all[i] = bytes.get(INT, at + (long) i * Integer.BYTES);
        }
        int vocabSize = at == 0 && all[5] > -MOST ? Math.abs(all[5]) : all[5];
        return new Sizes(all[0], all[1], all[2], all[3], all[4], vocabSize, all[6]);
    }
}
