// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.hub.HubTensor.Source;
import dev.kelvin.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * MXFP4 as gpt-oss has it on the hub: codes {@code [E, N, K/32, 16]}, elements 2i and 2i + 1 of a block in byte i, the
 * first low; scales {@code [E, N, K/32]}. GGUF's blocks have the scale first, and elements i and i + 16 in byte i.
 *
 * <p>Source: {@code convert_moe_packed_tensors} of Hugging Face transformers.
 */
final class HubCodes {
    private static final int CODE_BYTES = 16;
    private static final int BLOCK_BYTES = 1 + CODE_BYTES;

    private HubCodes() {}

    /** Refuses what are no codes with their scales. */
    static void check(Source codes, Source scales) throws ModelFormatException {
        int[] dims = codes.entry().shape().dims();
        if (!codes.entry().type().equals("U8") || dims.length != 4 || dims[3] != CODE_BYTES) {
            throw codes.refuse(
                    "U8 codes [experts, rows, blocks, 16]",
                    codes.entry().type() + " " + codes.entry().shape());
        }
        Shape expected = Shape.of(Arrays.copyOf(dims, 3));
        if (!scales.entry().type().equals("U8") || !scales.entry().shape().equals(expected)) {
            throw scales.refuse(
                    "U8 scales " + expected,
                    scales.entry().type() + " " + scales.entry().shape());
        }
    }

    /** Writes the blocks of the rows first, first + step, ... of each expert. */
    static void pack(Source codes, Source scales, int first, int step, MemorySegment to) {
        Shape shape = scales.entry().shape();
        MemorySegment from = codes.file().bytesOf(codes.entry());
        MemorySegment exponents = scales.file().bytesOf(scales.entry());
        int blocks = shape.dim(2);
        long at = 0;
        for (long expert = 0; expert < shape.dim(0); expert++) {
            for (int row = first; row < shape.dim(1); row += step) {
                for (int i = 0; i < blocks; i++) {
                    long block = (expert * shape.dim(1) + row) * blocks + i;
                    to.set(ValueLayout.JAVA_BYTE, at, exponents.get(ValueLayout.JAVA_BYTE, block));
                    codes(from, block * CODE_BYTES, to, at + 1);
                    at += BLOCK_BYTES;
                }
            }
        }
    }

    private static void codes(MemorySegment from, long begin, MemorySegment to, long at) {
        for (int i = 0; i < CODE_BYTES; i++) {
            to.set(ValueLayout.JAVA_BYTE, at + i, (byte)
                    (code(from, begin, i) | code(from, begin, i + CODE_BYTES) << 4));
        }
    }

    private static int code(MemorySegment from, long begin, int element) {
        return (from.get(ValueLayout.JAVA_BYTE, begin + element / 2) >> (element % 2 * 4)) & 15;
    }
}
