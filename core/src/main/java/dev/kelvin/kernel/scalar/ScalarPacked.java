// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

import dev.kelvin.kernel.QuantizedRows;
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
 * <p>Activations are taken as {@link QuantizedRows} says, with a scale a and a sum a·Σ codes each block of 32 columns.
 * S is the sum of {@link PackedLayout#value}·(code of the activation) over the elements of a scale, an integer and so
 * free of order. y starts from +0. With types without header lines, blocks ascending,
 *
 * <ul>
 *   <li>without a min: y = fma((float) S, d·a, y);
 *   <li>with one: y = fma(m, sum, fma(d, fma((float) S, a, center·sum), y)).
 * </ul>
 *
 * <p>With the types that end in K, units of {@value PackedLayout#UNIT} blocks share d and dmin. u and v start from +0
 * in each unit; then, blocks ascending,
 *
 * <ul>
 *   <li>where the type has a min of 32 elements: u = fma(scale, fma((float) S, a, center·sum), u) and v = fma(min, sum,
 *       v);
 *   <li>where a block has two scales: u = fma((float) (scale₀·S₀ + scale₁·S₁), a, u), whose integer is below 2²⁴;
 *   <li>where it has two mins: v = fma((float) (min₀·Σ₀ + min₁·Σ₁), a, v), Σ the sums of the activations' codes.
 * </ul>
 *
 * <p>At the unit's end y = fma(d, u, y), and where there are mins, y = fma(−dmin, v, y).
 */
final class ScalarPacked {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int BLOCK = PackedLayout.BLOCK;
    private static final int STRIP = PackedLayout.STRIP;

    // [line][lane], [element][lane] and so on: the lanes of a strip side by side, where a compiler can use its vectors,
    // and rows that are arrays of their own, which is how C2 sees that they do not overlap.
    private final short[] line = new short[STRIP];
    private final short[][] lines = new short[1 << 4][STRIP];
    private final int[][] codes = new int[BLOCK][STRIP];
    private final float[][] headers = new float[2][STRIP];
    private final float[][] scales = new float[2][STRIP];
    private final float[][] mins = new float[2][STRIP];
    private final int[][] products = new int[2][STRIP];
    private float[][] sums = new float[0][STRIP];
    private float[][] u = new float[0][STRIP];
    private float[][] v = new float[0][STRIP];
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
                    float rounded = Math.fma(x.data()[from + i], inverse, ScalarExponential.ROUND);
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
            u = new float[x.rows()][STRIP];
            v = new float[x.rows()][STRIP];
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
            if (layout.headerLines() > 0 && block % PackedLayout.UNIT == 0) {
                beginUnit(x.rows(), stripByteOffset + layout.headerByteOffset(block));
            }
            long at = stripByteOffset + layout.blockByteOffset(block);
            read(at, line);
            takeScales(at);
            if (layout.hasMin() && layout.scaleLines() == 2) {
                read(at + PackedLayout.LINE_BYTES, line);
                halves(line, mins[0]);
            }
            for (int i = 0; i < layout.lines(); i++) {
                read(at + (layout.scaleLines() + (long) i) * PackedLayout.LINE_BYTES, lines[i]);
            }
            unpack();
            for (int m = 0; m < x.rows(); m++) {
                meet(x, m, block);
            }
            if (layout.headerLines() > 0 && block % PackedLayout.UNIT == PackedLayout.UNIT - 1) {
                endUnit(x.rows());
            }
        }
    }

    private void beginUnit(int rows, long byteOffset) {
        for (int i = 0; i < layout.headerLines(); i++) {
            read(byteOffset + i * (long) PackedLayout.LINE_BYTES, line);
            halves(line, headers[i]);
        }
        if (layout.hasMin()) {
            for (int l = 0; l < STRIP; l++) {
                headers[1][l] = -headers[1][l];
            }
        }
        for (int m = 0; m < rows; m++) {
            Arrays.fill(u[m], 0);
            Arrays.fill(v[m], 0);
        }
    }

    private void endUnit(int rows) {
        for (int m = 0; m < rows; m++) {
            addProduct(sums[m], headers[0], u[m]);
            if (layout.hasMin()) {
                addProduct(sums[m], headers[1], v[m]);
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
    private void takeScales(long byteOffset) {
        if (layout.hasLevels()) {
            for (int row = 0; row < STRIP; row++) {
                scales[0][PackedLayout.lane(row)] = weights.get(FLOAT, byteOffset + (long) row * Float.BYTES);
            }
            return;
        }
        if (layout.headerLines() == 0) {
            halves(line, scales[0]);
            return;
        }
        if (layout.hasHalfMins()) {
            for (int l = 0; l < STRIP; l++) {
                scales[0][l] = line[l] & 15;
                mins[0][l] = (line[l] >> 4) & 15;
                scales[1][l] = (line[l] >> 8) & 15;
                mins[1][l] = (line[l] >> 12) & 15;
            }
            return;
        }
        for (int l = 0; l < STRIP; l++) {
            scales[0][l] = layout.hasMin() ? line[l] & 255 : (byte) line[l];
            scales[1][l] = line[l] >> 8;
            mins[0][l] = (line[l] >> 8) & 255;
        }
    }

    private void unpack() {
        for (int element = 0; element < BLOCK; element++) {
            if (layout.bits() == 4 && !layout.hasLevels()) {
                nibbles(lines[element % 16 / 2], 4 * (element % 2 * 2 + element / 16), codes[element]);
            } else {
                for (int l = 0; l < STRIP; l++) {
                    int lane = l;
                    codes[element][l] = layout.value(layout.code(i -> lines[i][lane], element));
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

    /** Adds what one block gives to a row of sums, or to a row of those of its unit. */
    private void meet(QuantizedRows x, int m, int block) {
        int at = x.codesOffset(block, m);
        float a = x.scales()[x.scaleOffset(block, m)];
        int half = BLOCK / 2;
        for (int s = 0; s < 2; s++) {
            Arrays.fill(products[s], 0);
            for (int i = s * half; i < (s + 1) * half; i++) {
                addProducts(products[s], x.codes()[at + i], codes[i]);
            }
        }
        if (layout.hasHalfMins()) {
            int first = 2 * x.scaleOffset(block, m);
            addOfTwo(u[m], products[0], products[1], scales[0], scales[1], a);
            addMinsOfTwo(v[m], mins[0], mins[1], x.halfSums()[first], x.halfSums()[first + 1], a);
        } else if (layout.hasMin()) {
            float sum = x.sums()[x.scaleOffset(block, m)];
            boolean inUnits = layout.headerLines() > 0;
            addCentered(inUnits ? u[m] : sums[m], products[0], products[1], scales[0], a, layout.center() * sum);
            addMultiple(inUnits ? v[m] : sums[m], mins[0], sum);
        } else if (layout.headerLines() == 0) {
            addScaled(sums[m], products[0], products[1], scales[0], a);
        } else {
            addOfTwo(u[m], products[0], products[1], scales[0], scales[1], a);
        }
    }

    private static void addProducts(int[] to, int factor, int[] codes) {
        for (int l = 0; l < STRIP; l++) {
            to[l] += factor * codes[l];
        }
    }

    private static void addScaled(float[] to, int[] first, int[] second, float[] scale, float a) {
        for (int l = 0; l < STRIP; l++) {
            to[l] = Math.fma((float) (first[l] + second[l]), scale[l] * a, to[l]);
        }
    }

    private static void addCentered(float[] to, int[] first, int[] second, float[] scale, float a, float center) {
        for (int l = 0; l < STRIP; l++) {
            to[l] = Math.fma(scale[l], Math.fma((float) (first[l] + second[l]), a, center), to[l]);
        }
    }

    /** The inner sum is an integer below 2²⁴ and so exact. */
    private static void addOfTwo(float[] to, int[] first, int[] second, float[] scale0, float[] scale1, float a) {
        for (int l = 0; l < STRIP; l++) {
            to[l] = Math.fma(Math.fma(scale1[l], (float) second[l], scale0[l] * (float) first[l]), a, to[l]);
        }
    }

    /** This one, too. */
    private static void addMinsOfTwo(float[] to, float[] min0, float[] min1, float sum0, float sum1, float a) {
        for (int l = 0; l < STRIP; l++) {
            to[l] = Math.fma(Math.fma(min1[l], sum1, min0[l] * sum0), a, to[l]);
        }
    }

    private static void addMultiple(float[] to, float[] from, float a) {
        for (int l = 0; l < STRIP; l++) {
            to[l] = Math.fma(from[l], a, to[l]);
        }
    }

    private static void addProduct(float[] to, float[] a, float[] b) {
        for (int l = 0; l < STRIP; l++) {
            to[l] = Math.fma(a[l], b[l], to[l]);
        }
    }
}
