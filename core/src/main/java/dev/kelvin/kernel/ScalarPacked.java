// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

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

    private final int[] codes = new int[PackedLayout.BLOCK];
    private MemorySegment strip;
    private PackedLayout layout;
    private int lane;

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
        long stripBytes = layout.stripBytes(w.columns());
        for (int n = rowBegin; n < rowEnd; n++) {
            strip = w.segment().asSlice(n / PackedLayout.STRIP * stripBytes, stripBytes);
            lane = PackedLayout.lane(n % PackedLayout.STRIP);
            for (int m = 0; m < x.rows(); m++) {
                y.data()[y.offset() + m * y.columns() + n] = 0;
            }
            for (int block = 0; block < x.blocks(); block++) {
                block(x, block, y, n);
            }
        }
        strip = null;
    }

    /** Adds what one block gives to element n of every row of y. */
    private void block(QuantizedRows x, int block, HeapTensor y, int n) {
        long at = layout.blockByteOffset(block);
        for (int i = 0; i < PackedLayout.BLOCK; i++) {
            codes[i] = layout.code(line -> at(at + (1L + line) * PackedLayout.LINE_BYTES), i) - layout.center();
        }
        int pair = at(at);
        long header = layout.headerByteOffset(block);
        int scales = layout.bits() == 6 ? 2 : 1;
        for (int m = 0; m < x.rows(); m++) {
            float a = x.scales()[x.scaleOffset(block, m)];
            int index = y.offset() + m * y.columns() + n;
            float sum = y.data()[index];
            for (int s = 0; s < scales; s++) {
                float scale;
                if (layout.headerLines() == 0) {
                    scale = Float.float16ToFloat((short) pair);
                } else if (layout.hasMin()) {
                    scale = half(header) * (pair & 255);
                } else {
                    scale = half(header) * (byte) (pair >> (8 * s));
                }
                int length = PackedLayout.BLOCK / scales;
                int products = 0;
                for (int i = s * length; i < (s + 1) * length; i++) {
                    products += codes[i] * x.codes()[x.codesOffset(block, m) + i];
                }
                sum = Math.fma((float) products, scale * a, sum);
                if (layout.hasMin()) {
                    float min = half(header + PackedLayout.LINE_BYTES) * ((pair >> 8) & 255);
                    sum = Math.fma(Math.fma(scale, layout.center(), -min), x.sums()[x.scaleOffset(block, m)], sum);
                }
            }
            y.data()[index] = sum;
        }
    }

    private short at(long lineByteOffset) {
        return strip.get(SHORT, lineByteOffset + (long) lane * Short.BYTES);
    }

    private float half(long lineByteOffset) {
        return Float.float16ToFloat(at(lineByteOffset));
    }
}
