// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

/**
 * The float of four bits that MXFP4 and NVFP4 share: sign, two bits of exponent, one of mantissa; twice its values, so
 * that they are integers. Source: OCP Microscaling Formats (MX) 1.0.
 */
final class E2M1 {
    private static final byte[] DOUBLED = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    /** Twice the largest value. */
    static final int LARGEST = 12;

    /** Twice the largest value, and half the step below it: what still rounds to it. */
    static final int REACH = 14;

    private E2M1() {}

    /** Twice the value of the lower four bits. */
    static int doubled(int code) {
        return DOUBLED[code & 15];
    }

    /** The code whose doubled value is nearest to {@code x}. */
    static int code(float x) {
        float magnitude = Math.abs(x);
        int code = 0;
        while (code < 7 && magnitude > (DOUBLED[code] + DOUBLED[code + 1]) * 0.5f) {
            code++;
        }
        return x < 0 ? code | 8 : code;
    }
}
