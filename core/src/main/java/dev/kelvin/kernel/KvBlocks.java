// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.tensor.F32KvPage;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvSlice;

/**
 * A head's block of keys or values as floats, whatever its page is made of: in place where the page holds floats, else
 * decoded to scratch. One block at a time; for one thread.
 */
public final class KvBlocks {
    private float[] decoded = new float[0];
    private int offset;

    /** No block yet. */
    public KvBlocks() {}

    /**
     * Turns to a block of keys.
     *
     * @param page that holds it
     * @param slice of the layer
     * @param kvHead the head
     * @return what holds [keyDim, 64] from {@link #offset} on, until the next call
     */
    public float[] keys(KvPage page, KvSlice slice, int kvHead) {
        if (page instanceof F32KvPage floats) {
            offset = slice.keys(kvHead);
            return floats.elements();
        }
        reserve(slice.keyDim());
        page.decodeKeys(slice.keys(kvHead), slice.keyDim(), decoded);
        return decoded;
    }

    /**
     * Turns to a block of values.
     *
     * @param page that holds it
     * @param slice of the layer
     * @param kvHead the head
     * @return what holds [64, valueDim] from {@link #offset} on, until the next call
     */
    public float[] values(KvPage page, KvSlice slice, int kvHead) {
        if (page instanceof F32KvPage floats) {
            offset = slice.values(kvHead);
            return floats.elements();
        }
        reserve(slice.valueDim());
        page.decodeValues(slice.values(kvHead), slice.valueDim(), decoded);
        return decoded;
    }

    private void reserve(int dim) {
        offset = 0;
        if (decoded.length < dim * KvPage.POSITIONS) {
            decoded = new float[dim * KvPage.POSITIONS];
        }
    }

    /** Where the block begins. */
    public int offset() {
        return offset;
    }
}
