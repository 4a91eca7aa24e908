// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.KvSlice;
import dev.kelvin.tensor.RowSpans;
import java.util.Random;

/**
 * Random queries, keys and values of several sequences, the latter both position by position and in pages among whose
 * elements everything that is not a key or value of this layer is NaN. Public for the properties in module proptest.
 */
public final class AttentionBatch {
    private final int heads;
    private final KvSlice slice;
    private final RowSpans spans = new RowSpans();
    private final float[][] keys;
    private final float[][] values;
    private final KvPage[][] pages;
    private final float[] q;

    /**
     * A batch.
     *
     * @param seed of everything
     * @param type of the pages
     * @param heads query heads
     * @param kvHeads key/value heads
     * @param keyDim elements of a key
     * @param valueDim elements of a value
     * @param positionsAndRows position of the first row and number of rows, a sequence after the other
     */
    public AttentionBatch(
            long seed, DType type, int heads, int kvHeads, int keyDim, int valueDim, int... positionsAndRows) {
        this.heads = heads;
        // Another layer's elements stand before and behind.
        slice = KvSlice.at(kvHeads, keyDim, valueDim, 128);
        int sequences = positionsAndRows.length / 2;
        keys = new float[sequences][];
        values = new float[sequences][];
        pages = new KvPage[sequences][];
        Random random = new Random(seed);
        for (int s = 0; s < sequences; s++) {
            spans.add(positionsAndRows[2 * s], positionsAndRows[2 * s + 1]);
            int length = spans.end(s);
            keys[s] = gaussian(random, length * kvHeads * keyDim);
            values[s] = gaussian(random, length * kvHeads * valueDim);
            pages[s] = new KvPage[Math.ceilDiv(length, KvPage.POSITIONS)];
            for (int p = 0; p < pages[s].length; p++) {
                pages[s][p] = page(type);
            }
            store(s);
        }
        q = gaussian(random, spans.rows() * heads * keyDim);
    }

    private static float[] gaussian(Random random, int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }

    private KvPage page(DType type) {
        KvPage page = KvPage.of(type, slice.end() + 128);
        float[] nan = new float[Math.max(slice.keyDim(), slice.valueDim())];
        java.util.Arrays.fill(nan, Float.NaN);
        if (type != DType.Q8_0) {
            for (int place = 0; place < KvPage.POSITIONS; place++) {
                for (int h = 0; h < slice.kvHeads(); h++) {
                    page.storeKey(nan, 0, slice.keyDim(), slice.keys(h), place, null);
                    page.storeValue(nan, 0, slice.valueDim(), slice.values(h), place, null);
                }
            }
        }
        return page;
    }

    private void store(int s) {
        byte[] scratch = new byte[KvPage.SCRATCH_BYTES];
        for (int j = 0; j < spans.end(s); j++) {
            KvPage page = pages[s][j / KvPage.POSITIONS];
            for (int h = 0; h < slice.kvHeads(); h++) {
                int row = j * slice.kvHeads() + h;
                int place = j % KvPage.POSITIONS;
                page.storeKey(keys[s], row * slice.keyDim(), slice.keyDim(), slice.keys(h), place, scratch);
                page.storeValue(values[s], row * slice.valueDim(), slice.valueDim(), slice.values(h), place, scratch);
            }
        }
    }

    /** Query heads. */
    public int heads() {
        return heads;
    }

    /** The layer. */
    public KvSlice slice() {
        return slice;
    }

    /** All rows. */
    public RowSpans spans() {
        return spans;
    }

    /** All rows with their pages. */
    public KvRows rows() {
        return new KvRows(spans, pages, slice);
    }

    /** Row {@code row} of a sequence alone. */
    public KvRows rows(int sequence, int begin, int end) {
        int first = spans.rowBegin(sequence);
        return KvRows.of(spans.position(sequence) + begin - first, end - begin, pages[sequence], slice);
    }

    /** Queries [R, heads·keyDim]. */
    public HeapTensor q() {
        return HeapTensor.of(q, spans.rows(), heads * slice.keyDim());
    }

    /** Elements of all outputs. */
    public int outputs() {
        return spans.rows() * heads * slice.valueDim();
    }

    /** Element i of the key of a head at a position. */
    public float key(int sequence, int position, int kvHead, int i) {
        return keys[sequence][(position * slice.kvHeads() + kvHead) * slice.keyDim() + i];
    }

    /** Element i of the value of a head at a position. */
    public float value(int sequence, int position, int kvHead, int i) {
        return values[sequence][(position * slice.kvHeads() + kvHead) * slice.valueDim() + i];
    }
}
