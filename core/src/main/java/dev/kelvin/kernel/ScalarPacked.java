// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The specification of products with packed weights, as plain loops.
 *
 * <p>Activations are taken as {@link QuantizedRows} says, with a scale a[b] each block b of 32 columns. The weights of
 * Q6_K have two scales a block, those of other types one; S is the sum of (code − center)·(code of the activation) over
 * the elements of a scale, an integer and so free of order. Then y starts from +0 and goes through blocks, and the
 * scales of a block, ascending:
 *
 * <ul>
 *   <li>y = fma((float) S, scale·a[b], y), where scale is d, or d times the scale's integer, which is exact;
 *   <li>where the type has a min: y = fma(center·scale − dmin·min, a[b]·Σ codes of the activations, y); the first
 *       factor is rounded once.
 * </ul>
 */
final class ScalarPacked {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int BLOCK = PackedLayout.BLOCK;
    private static final int STRIP = PackedLayout.STRIP;

    // [line][lane], [element][lane] and so on: the lanes of a strip side by side, where a compiler can use its vectors,
    // and rows that are arrays of their own, which is how C2 sees that they do not overlap.
    private final short[] line = new short[STRIP];
    private final short[][] lines = new short[1 << 4][STRIP];
    private final int[][] codes = new int[BLOCK][STRIP];
    private final float[][] headers = new float[2][STRIP];
    private final float[][] scales = new float[2][STRIP];
    private final float[] constants = new float[STRIP];
    private final int[] products = new int[STRIP];
    private float[][] sums = new float[0][STRIP];
    private MemorySegment weights;
    private PackedLayout layout;

    /** Rows of x in codes: the order is that of {@link QuantizedRows}. */
    static void quantize(HeapTensor x, QuantizedRows to, int rowBegin, int rowEnd) {
        for (int row = rowBegin; row < rowEnd; row++) {
            for (int block = 0; block < to.blocks(); block++) {
                int from = x.offset() + row * x.columns() + block * PackedLayout.BLOCK;
                int maxBits = 0;
                for (int i = 0; i < PackedLayout.BLOCK; i++) {
                    maxBits = Math.max(maxBits, Float.floatToRawIntBits(x.data()[from + i]) & 0x7fff_ffff);
                }
                float inverse = QuantizedRows.inverse(maxBits);
                int at = to.codesOffset(block, row);
                for (int i = 0; i < PackedLayout.BLOCK; i++) {
                    float rounded = Math.fma(x.data()[from + i], inverse, ScalarKernels.ROUND);
                    to.codes()[at + i] = inverse == 0 ? 0 : (short) Float.floatToRawIntBits(rounded);
                }
                to.finishBlock(row, block, maxBits);
            }
        }
    }

    void gemm(QuantizedRows x, PackedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
        layout = w.layout();
        weights = w.segment();
        if (sums.length < x.rows()) {
            sums = new float[x.rows()][STRIP];
        }
        for (int n = rowBegin; n < rowEnd; n += STRIP) {
            strip(x, n / STRIP * layout.stripBytes(w.columns()));
            int width = Math.min(STRIP, rowEnd - n);
            for (int m = 0; m < x.rows(); m++) {
                int to = y.offset() + m * y.columns() + n;
                for (int i = 0; i < width; i++) {
                    y.data()[to + i] = sums[m][PackedLayout.lane(i)];
                }
            }
        }
        weights = null;
    }

    private void strip(QuantizedRows x, long stripByteOffset) {
        for (int m = 0; m < x.rows(); m++) {
            Arrays.fill(sums[m], 0);
        }
        for (int block = 0; block < x.blocks(); block++) {
            for (int i = 0; i < layout.headerLines(); i++) {
                read(stripByteOffset + layout.headerByteOffset(block) + i * (long) PackedLayout.LINE_BYTES, line);
                halves(line, headers[i]);
            }
            long at = stripByteOffset + layout.blockByteOffset(block);
            read(at, line);
            takeScales();
            for (int i = 0; i < layout.lines(); i++) {
                read(at + (1L + i) * PackedLayout.LINE_BYTES, lines[i]);
            }
            unpack();
            for (int m = 0; m < x.rows(); m++) {
                meet(x, m, block);
            }
        }
    }

    private void read(long byteOffset, short[] to) {
        MemorySegment.copy(weights, SHORT, byteOffset, to, 0, STRIP);
    }

    private static void halves(short[] bits, float[] to) {
        for (int l = 0; l < STRIP; l++) {
            to[l] = Float.float16ToFloat(bits[l]);
        }
    }

    /** Scales of the block whose line of them was read, and what stands beside the scale of a type with mins. */
    private void takeScales() {
        if (layout.headerLines() == 0) {
            halves(line, scales[0]);
            return;
        }
        for (int l = 0; l < STRIP; l++) {
            if (layout.hasMin()) {
                scales[0][l] = headers[0][l] * (line[l] & 255);
                float min = headers[1][l] * ((line[l] >> 8) & 255);
                constants[l] = Math.fma(scales[0][l], layout.center(), -min);
            } else {
                scales[0][l] = headers[0][l] * (byte) line[l];
                scales[1][l] = headers[0][l] * (byte) (line[l] >> 8);
            }
        }
    }

    private void unpack() {
        for (int element = 0; element < BLOCK; element++) {
            if (layout.bits() == 4) {
                nibbles(lines[element % 16 / 2], 4 * (element % 2 * 2 + element / 16), codes[element]);
            } else {
                for (int l = 0; l < STRIP; l++) {
                    int lane = l;
                    codes[element][l] = layout.code(i -> lines[i][lane], element) - layout.center();
                }
            }
        }
    }

    private void nibbles(short[] from, int shift, int[] to) {
        int center = layout.center();
        for (int l = 0; l < STRIP; l++) {
            to[l] = ((from[l] >> shift) & 15) - center;
        }
    }

    /** Adds what one block gives to a row of sums. */
    private void meet(QuantizedRows x, int m, int block) {
        int scaleCount = layout.bits() == 6 ? 2 : 1;
        int length = BLOCK / scaleCount;
        int at = x.codesOffset(block, m);
        for (int s = 0; s < scaleCount; s++) {
            Arrays.fill(products, 0);
            for (int i = s * length; i < (s + 1) * length; i++) {
                addProducts(products, x.codes()[at + i], codes[i]);
            }
            addScaled(sums[m], products, scales[s], x.scales()[x.scaleOffset(block, m)]);
            if (layout.hasMin()) {
                addMultiple(sums[m], constants, x.sums()[x.scaleOffset(block, m)]);
            }
        }
    }

    private static void addProducts(int[] to, int factor, int[] codes) {
        for (int l = 0; l < STRIP; l++) {
            to[l] += factor * codes[l];
        }
    }

    private static void addScaled(float[] to, int[] products, float[] scale, float a) {
        for (int l = 0; l < STRIP; l++) {
            to[l] = Math.fma((float) products[l], scale[l] * a, to[l]);
        }
    }

    private static void addMultiple(float[] to, float[] constants, float a) {
        for (int l = 0; l < STRIP; l++) {
            to[l] = Math.fma(constants[l], a, to[l]);
        }
    }
}
