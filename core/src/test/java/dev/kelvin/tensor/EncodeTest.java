// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of every weight type: what comes back from its blocks. */
class EncodeTest {
    private static final int SAMPLES = 4096;

    static Stream<DType> types() {
        return Arrays.stream(DType.values()).filter(DType::isEncodable);
    }

    static Stream<DType> decodable() {
        return Arrays.stream(DType.values()).filter(DType::isDecodable);
    }

    /** Bytes of a block, so that a change of a layout shows here. */
    private static int blockBytes(DType type) {
        return switch (type) {
            case F32 -> 4;
            case F16, BF16 -> 2;
            case Q4_0, IQ4_NL -> 18;
            case Q4_1 -> 20;
            case Q5_0 -> 22;
            case Q5_1 -> 24;
            case Q8_0 -> 34;
            case Q2_K -> 84;
            case Q3_K -> 110;
            case Q4_K -> 144;
            case Q5_K -> 176;
            case Q6_K -> 210;
            case Q8_K -> 292;
            case IQ4_XS -> 136;
            case IQ1_S -> 50;
            case IQ1_M -> 56;
            case IQ2_XXS -> 66;
            case IQ2_XS -> 74;
            case IQ2_S -> 82;
            case IQ3_XXS -> 98;
            case IQ3_S -> 110;
            case MXFP4 -> 17;
            case NVFP4 -> 36;
            case Q1_0, Q2_0 -> 18;
            case TQ1_0 -> 54;
            case TQ2_0 -> 66;
            default -> throw new AssertionError(type + " has no block here");
        };
    }

    /**
     * Half of the widest step of a block whose largest element is 1: for the codes of a single scale 1/(2·codes on one
     * side), wider where scales are rounded to codes themselves.
     */
    private static double halfStep(DType type) {
        return switch (type) {
            case F32 -> 0;
            case F16 -> 0x1p-11;
            case BF16 -> 0x1p-8;
            case Q8_0, Q8_K -> 1 / 253.5;
            case Q4_0, Q4_1 -> 1 / 14.0;
            case Q5_0, Q5_1 -> 1 / 29.9;
            case Q2_K -> 1 / 2.5;
            case Q3_K -> 1 / 5.8;
            case Q4_K -> 1 / 11.5;
            case Q5_K -> 1 / 19.0;
            case Q6_K -> 1 / 40.0;
            case IQ4_NL -> 1 / 9.1;
            case IQ4_XS -> 1 / 8.0;
            case MXFP4 -> 1 / 5.0;
            case NVFP4 -> 1 / 5.3;
            case Q1_0 -> 1 / 0.87;
            case Q2_0 -> 1 / 2.9;
            case TQ1_0, TQ2_0 -> 1 / 1.75;
            default -> throw new AssertionError(type + " has no step here");
        };
    }

    @ParameterizedTest
    @MethodSource("decodable")
    void blockBytesAreThoseOfGgml(DType type) {
        assertEquals(blockBytes(type), type.format().blockBytes());
        assertEquals(blockBytes(type), type.byteSize(type.blockSize()));
    }

    @ParameterizedTest
    @MethodSource("types")
    void withinHalfAStep(DType type) {
        for (int seed = 0; seed < 600; seed++) {
            float[] x = sample(seed);
            float largest = 0;
            for (float value : x) {
                largest = Math.max(largest, Math.abs(value));
            }
            float[] y = roundTrip(type, x);
            for (int i = 0; i < x.length; i++) {
                double limit = halfStep(type) * largest * (1 + 1e-6);
                double difference = Math.abs((double) y[i] - x[i]);
                if (!(difference <= limit)) {
                    throw new AssertionError(type + ", sample " + seed + ", element " + i + ": " + x[i] + " became "
                            + y[i] + ", off by " + difference + " > " + limit);
                }
            }
        }
    }

    /** 256 elements: normal, uniform, groups of different size, all of one sign, outliers, ternary. */
    private static float[] sample(int seed) {
        Random random = new Random(seed);
        float[] x = new float[256];
        for (int i = 0; i < x.length; i++) {
            float normal = (float) random.nextGaussian();
            x[i] = switch (seed % 6) {
                case 0 -> normal;
                case 1 -> random.nextFloat() * 2 - 1;
                case 2 -> normal * Math.scalb(1f, (i / 16 * 7919 + seed) % 11 - 5);
                case 3 -> (random.nextFloat() + 0.5f) * (seed % 12 < 6 ? 1 : -1);
                case 4 -> i % 97 == 0 ? 10 * normal : 0.1f * normal;
                default -> random.nextInt(3) - 1;
            };
        }
        return x;
    }

    /** Encodes into bytes that hold something else, at an odd offset, and decodes. */
    private static float[] roundTrip(DType type, float[] x) {
        byte[] bytes = new byte[3 + Math.toIntExact(type.byteSize(x.length)) + 1];
        Arrays.fill(bytes, (byte) 0x5a);
        type.format().encode(x, 0, bytes, 3, x.length);
        for (int i : new int[] {0, 1, 2, bytes.length - 1}) {
            assertEquals((byte) 0x5a, bytes[i]);
        }
        float[] y = new float[x.length];
        type.format().decode(bytes, 3, y, 0, y.length);
        return y;
    }

    /** √Σd²/n over the samples that ggml's own test of its encoders takes, and its limits (test-quantize-fns.cpp). */
    @ParameterizedTest
    @MethodSource("types")
    void errorOfACosine(DType type) {
        float[] x = new float[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            x[i] = (float) (0.1 + 2 * StrictMath.cos(i));
        }
        double limit =
                switch (type) {
                    case F32 -> 0;
                    case Q2_K, TQ1_0, TQ2_0 -> 0.0075;
                    case Q3_K -> 0.004;
                    case NVFP4 -> 0.003;
                    case Q2_0 -> 0.01;
                    case Q1_0 -> 0.025;
                    default -> 0.002;
                };
        double sum = 0;
        float[] y = roundTrip(type, x);
        for (int i = 0; i < SAMPLES; i++) {
            double difference = (double) y[i] - x[i];
            sum += difference * difference;
        }
        double error = Math.sqrt(sum) / SAMPLES;
        assertTrue(error <= limit, type + ": error " + error + " > " + limit);
    }

    /** Also where scales are as large as they can be. */
    @ParameterizedTest
    @MethodSource("types")
    void theLargestNumbersAreKept(DType type) {
        float largest = type.format().largest();
        for (int seed = 0; seed < 60; seed++) {
            float[] x = sample(seed);
            float most = 0;
            for (float value : x) {
                most = Math.max(most, Math.abs(value));
            }
            for (int i = 0; i < x.length; i++) {
                x[i] = x[i] / most * largest;
            }
            float[] y = roundTrip(type, x);
            for (int i = 0; i < x.length; i++) {
                double difference = Math.abs((double) y[i] - x[i]);
                if (!(difference <= halfStep(type) * largest * (1 + 1e-6))) {
                    throw new AssertionError(
                            type + ", sample " + seed + ", element " + i + ": " + x[i] + " became " + y[i]);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void zerosStayZerosAndTinyNumbersTiny(DType type) {
        assertArrayEquals(new float[256], positiveZeros(roundTrip(type, new float[256])));
        float[] tiny = new float[256];
        for (int i = 0; i < tiny.length; i++) {
            tiny[i] = Float.MIN_VALUE * (i % 5 - 2);
        }
        for (float value : roundTrip(type, tiny)) {
            assertTrue(Math.abs(value) <= 0x1p-14f, type + ": " + value);
        }
    }

    private static float[] positiveZeros(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] += 0f;
        }
        return values;
    }

    /** NaN as 0, what is too large as the largest; the same bytes however often, interpreted and compiled. */
    @ParameterizedTest
    @MethodSource("types")
    void numbersThatDoNotFitSpoilNoBlock(DType type) {
        if (type.blockSize() == 1) {
            return;
        }
        float most = type.format().largest();
        float[] odd = {
            Float.NaN,
            Float.intBitsToFloat(0xffc01234),
            Float.intBitsToFloat(0x7f800001),
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.MAX_VALUE,
            -Float.MAX_VALUE
        };
        for (int seed = 0; seed < 42; seed++) {
            float[] x = sample(seed);
            float[] fitting = x.clone();
            for (int i = seed; i < x.length; i += seed % 5 == 0 ? 1 : 37) {
                float value = odd[(i + seed) % odd.length];
                value = seed % 2 == 0 || Float.isNaN(value) ? value : Float.NaN;
                x[i] = value;
                fitting[i] = Float.isNaN(value) ? 0 : Math.clamp(value, -most, most);
            }
            byte[] expected = encode(type, fitting);
            int times = seed == 0 ? 300 : 3;
            for (int time = 0; time < times; time++) {
                assertArrayEquals(expected, encode(type, x));
            }
            for (float value : roundTrip(type, x)) {
                assertTrue(Float.isFinite(value), type + ": " + value);
            }
        }
    }

    private static byte[] encode(DType type, float[] x) {
        byte[] bytes = new byte[Math.toIntExact(type.byteSize(x.length))];
        type.format().encode(x, 0, bytes, 0, x.length);
        return bytes;
    }

    @Test
    void plainTypesKeepNaN() {
        for (int bits : new int[] {0x7fc00000, 0xffc01234, 0x7f800001, 0x7fffffff}) {
            float[] nan = {Float.intBitsToFloat(bits)};
            for (int time = 0; time < 20_000; time++) {
                assertArrayEquals(new byte[] {0, 0x7e}, encode(DType.F16, nan));
            }
            assertArrayEquals(new byte[] {(byte) (bits >> 16 | 0x40), (byte) (bits >> 24)}, encode(DType.BF16, nan));
            assertTrue(Float.isNaN(roundTrip(DType.BF16, nan)[0]));
            assertTrue(Float.isNaN(roundTrip(DType.F32, nan)[0]));
        }
        float[] infinities = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        for (DType type : new DType[] {DType.F16, DType.BF16, DType.F32}) {
            assertArrayEquals(infinities, roundTrip(type, infinities));
        }
    }

    /** Scales end at the largest f16; nothing throws. */
    @ParameterizedTest
    @MethodSource("types")
    void nothingThrows(DType type) {
        float[] odd = {
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.MAX_VALUE,
            -Float.MAX_VALUE,
            Float.MIN_VALUE,
            -0f,
            1e9f
        };
        for (float one : odd) {
            for (float other : odd) {
                float[] x = new float[256];
                for (int i = 0; i < x.length; i++) {
                    x[i] = i % 3 == 0 ? one : i % 3 == 1 ? other : i;
                }
                roundTrip(type, x);
            }
        }
        float[] large = new float[256];
        Arrays.fill(large, 3e38f);
        large[7] = -3e38f;
        for (float value : roundTrip(type, large)) {
            assertTrue(type == DType.F16 ? Float.isInfinite(value) : Float.isFinite(value), type + ": " + value);
        }
    }

    /** A type that is only decoded says so, and reaches as far as its largest code. */
    @ParameterizedTest
    @MethodSource("decodable")
    void onlyDecoded(DType type) {
        BlockFormat format = type.format();
        if (format.isEncodable()) {
            return;
        }
        assertThrows(IllegalArgumentException.class, () -> encode(type, new float[256]));
        byte[] block = new byte[format.blockBytes()];
        float[] values = new float[format.blockSize()];
        float most = 0;
        Random random = new Random(5);
        for (int round = 0; round < 200; round++) {
            random.nextBytes(block);
            Arrays.fill(block, block.length - 8, block.length, (byte) 0xff);
            setLargestScale(type, block);
            format.decode(block, 0, values, 0, values.length);
            for (float value : values) {
                most = Math.max(most, Math.abs(value));
            }
        }
        assertTrue(most <= format.largest(), type + ": " + most + " > " + format.largest());
        assertTrue(most >= 0.7 * format.largest(), type + ": " + most + " is far from " + format.largest());
    }

    /** d becomes the largest finite half. */
    private static void setLargestScale(DType type, byte[] block) {
        if (type == DType.IQ1_M) {
            block[49] |= (byte) 0xf0;
            block[51] |= (byte) 0xf0;
            block[53] = (byte) ((block[53] & 0x0f) | 0xb0);
            block[55] = (byte) ((block[55] & 0x0f) | 0x70);
        } else {
            block[0] = (byte) 0xff;
            block[1] = 0x7b;
        }
    }

    /** Every value of every byte, and every pattern of the halves at both ends, where the scales are. */
    @ParameterizedTest
    @MethodSource("decodable")
    void everyPatternDecodes(DType type) {
        BlockFormat format = type.format();
        int length = format.blockBytes();
        byte[] block = new byte[length];
        new Random(length).nextBytes(block);
        float[] values = new float[format.blockSize()];
        for (int at = 0; at < length; at++) {
            byte before = block[at];
            for (int pattern = 0; pattern < 256; pattern++) {
                block[at] = (byte) pattern;
                format.decode(block, 0, values, 0, values.length);
            }
            block[at] = before;
        }
        for (int at : new int[] {0, 2, length - 4, length - 2}) {
            if (at < 0 || at + 1 >= length) {
                continue;
            }
            byte[] before = block.clone();
            for (int pattern = 0; pattern < 1 << 16; pattern++) {
                block[at] = (byte) pattern;
                block[at + 1] = (byte) (pattern >> 8);
                format.decode(block, 0, values, 0, values.length);
            }
            System.arraycopy(before, 0, block, 0, length);
        }
    }
}
