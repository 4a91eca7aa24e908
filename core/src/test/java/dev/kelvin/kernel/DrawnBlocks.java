// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.DType;
import java.util.Random;

/** Blocks of any weight type with finite numbers: encoded where the type can be, else drawn. */
public final class DrawnBlocks {
    private DrawnBlocks() {}

    /**
     * The bytes of weights.
     *
     * @param values what they are encoded from, in whole blocks; a type that is only decoded takes their number
     */
    public static byte[] of(DType type, float[] values) {
        byte[] bytes = new byte[Math.toIntExact(type.byteSize(values.length))];
        if (type.isEncodable()) {
            type.format().encode(values, 0, bytes, 0, values.length);
            return bytes;
        }
        new Random(values.length).nextBytes(bytes);
        // Bit 14 of the scale, which is the first half of a block and in IQ1_M ends it: then it is below 2.
        int high = type == DType.IQ1_M ? type.blockBytes() - 1 : 1;
        for (int block = 0; block < bytes.length; block += type.blockBytes()) {
            bytes[block + high] &= (byte) 0xBF;
        }
        return bytes;
    }
}
