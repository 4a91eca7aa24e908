// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What blocks of bytes mean, against ggml's own decoders. */
class DecodeTest {
    /** Blocks of bytes that the golden values were made from. */
    private static final int BLOCKS = 16;

    /**
     * CRC-32 of the floats that {@code dequantize_row_*} of ggml (ggml-quants.c at d99724f, gcc -ffp-contract=off)
     * makes of 16 blocks of bytes, and the first two and the last of them. The bytes are those of {@link #blocks}. For
     * NVFP4, Q1_0 and Q2_0, which ggml has got since, a program in another language has computed what its formulas say.
     *
     * <p>{@code finite} are the offsets of the high bytes of scales.
     */
    @ParameterizedTest
    @CsvSource({
        "Q4_0, 1, -1, 72fb655d, -0.00510025024, 0.00765037537, -0.557556152",
        "Q4_1, 1, 3, 32b2e9cc, 0.108001173, 0.107848883, 0.992958188",
        "Q5_0, 1, -1, 74d4788f, -0.135314941, -0.0902099609, -0.00321149826",
        "Q5_1, 1, 3, 120993d8, 1.68403816, 1.70641518, 0.00579023361",
        "Q8_0, 1, -1, 1b60127f, -0.177574158, 0.37689209, -10.5292969",
        "Q2_K, 81, 83, 111864db, 0.00803947449, 0.00881481171, 3.7041626",
        "Q3_K, 109, -1, caa458fc, -0, -0, -0.000115036964",
        "Q4_K, 1, 3, e84c6933, -0.915162563, -0.732114315, -0.0153282881",
        "Q5_K, 1, 3, 21bafb20, -0.00268101692, 1.59445643, 0.661651611",
        "Q6_K, 209, -1, bd67b070, 3.81733704, 3.49922562, -1.53050232",
        "Q8_K, 3, -1, ecc2b786, -2.48176313e-10, 6.77454259e-10, -3.05732321e-23",
        "IQ4_NL, 1, -1, 88ba8df7, -0.0637531281, 0.0892543793, -8.28369141",
        "IQ4_XS, 1, -1, 49883e87, 320.29541, 2.83447266, -0.555825949",
        "MXFP4, -1, -1, 91879119, 4.64227515e+26, 4.64227515e+26, 1.47573953e+20",
        "TQ1_0, 53, -1, c4a10064, 0.408935547, -0, 0.192626953",
        "TQ2_0, 65, -1, 57416c5e, 0, 0.0674438477, -0.0307312012",
        "NVFP4, -1, -1, 893debd6, 0.875, 0.4375, 4.5",
        "Q1_0, 1, -1, 72dc9a3f, 0.000381946564, -0.000381946564, 0.0863037109",
        "Q2_0, 1, -1, e2d04a06, -7.15255737e-06, 3.57627869e-06, -3.41534615e-05",
        "IQ2_XXS, 1, -1, dea1f71c, -6.2623291, 6.2623291, 0.00519943237",
        "IQ2_XS, 1, -1, dbd2b07d, 0.00770330429, -0.00770330429, -0.0170993805",
        "IQ3_XXS, 1, -1, ae31115d, 41.5898438, -65.3554688, 0.469665527",
        "IQ1_S, 1, -1, cd461690, -1.21989441, -0.135543823, -0.00104706734",
        "IQ3_S, 1, -1, 0ba3d3f3, 2.37661743, -7.12985229, 0.00281739235",
        "IQ2_S, 1, -1, 66554465, 0.319580078, -1.71774292, -0.647306442",
        "IQ1_M, 55, -1, e6621e1a, -4.67300415e-05, 0.000327110291, -3.37280273"
    })
    void asGgmlDoes(DType type, int finite, int alsoFinite, String crc, float first, float second, float last) {
        byte[] blocks = blocks(type, finite, alsoFinite);
        float[] values = new float[BLOCKS * type.blockSize()];
        type.format().decode(blocks, 0, values, 0, values.length);
        assertEquals(first, values[0]);
        assertEquals(second, values[1]);
        assertEquals(last, values[values.length - 1]);
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        CRC32 sum = new CRC32();
        sum.update(bytes.array());
        assertEquals(crc, String.format("%08x", sum.getValue()));
    }

    /** A linear congruential generator's bytes; bit 14 of a half (bit 30 of a float) is cleared where a scale lies. */
    private static byte[] blocks(DType type, int finite, int alsoFinite) {
        byte[] bytes = new byte[BLOCKS * type.blockBytes()];
        int state = type.blockBytes() * 1000 + type.blockSize();
        for (int i = 0; i < bytes.length; i++) {
            state = state * 1664525 + 1013904223;
            bytes[i] = (byte) (state >>> 24);
        }
        for (int block = 0; block < bytes.length; block += type.blockBytes()) {
            for (int high : new int[] {finite, alsoFinite}) {
                if (high >= 0) {
                    bytes[block + high] &= (byte) 0xBF;
                }
            }
        }
        return bytes;
    }

    @Test
    void everyHalf() {
        byte[] bytes = new byte[2 << 16];
        for (int i = 0; i < 1 << 16; i++) {
            bytes[2 * i] = (byte) i;
            bytes[2 * i + 1] = (byte) (i >> 8);
        }
        float[] half = new float[1 << 16];
        float[] brain = new float[1 << 16];
        DType.F16.format().decode(bytes, 0, half, 0, half.length);
        DType.BF16.format().decode(bytes, 0, brain, 0, brain.length);
        for (int i = 0; i < 1 << 16; i++) {
            int exponent = (i >> 10) & 31;
            double magnitude = exponent == 0
                    ? (i & 1023) * 0x1p-24
                    : exponent == 31
                            ? (i & 1023) == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                            : (1024 + (i & 1023)) * Math.scalb(1.0, exponent - 25);
            assertEquals((float) (i < 1 << 15 ? magnitude : -magnitude), half[i]);
            assertEquals(i << 16, Float.floatToRawIntBits(brain[i]));
        }
    }

    /** Blocks in the middle of other bytes, to the middle of other numbers; each block as it decodes alone. */
    @ParameterizedTest
    @EnumSource
    void anyBytesDecodeInPlace(DType type) {
        if (!type.isDecodable()) {
            String message =
                    assertThrows(IllegalArgumentException.class, type::format).getMessage();
            assertTrue(message.startsWith(type + ": ") && message.contains("F32, F16"), message);
            return;
        }
        BlockFormat format = type.format();
        assertEquals(type.blockSize(), format.blockSize());
        assertEquals(type.blockBytes(), format.blockBytes());
        Random random = new Random(type.ggmlId());
        int size = type.blockSize();
        int length = type.blockBytes();
        for (int round = 0; round < 2000; round++) {
            byte[] bytes = new byte[5 + 3 * length];
            random.nextBytes(bytes);
            float[] values = new float[7 + 3 * size + 1];
            Arrays.fill(values, 123);
            format.decode(bytes, 5, values, 7, 3 * size);
            for (int i = 0; i < 7; i++) {
                assertEquals(123, values[i]);
            }
            assertEquals(123, values[7 + 3 * size]);
            float[] alone = new float[size];
            format.decode(Arrays.copyOfRange(bytes, 5 + length, 5 + 2 * length), 0, alone, 0, size);
            for (int i = 0; i < size; i++) {
                assertEquals(Float.floatToIntBits(alone[i]), Float.floatToIntBits(values[7 + size + i]));
            }
        }
    }
}
