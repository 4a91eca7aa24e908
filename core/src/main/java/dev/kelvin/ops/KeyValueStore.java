// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.KvSlice;
import dev.kelvin.tensor.RowSpans;

/** Puts the keys and values of rows into the pages of their sequences, split over rows. */
final class KeyValueStore implements RangeTask {
    private final Team team;

    /** Bytes for one block of codes, a worker. */
    private final byte[][] scratch;

    private HeapTensor k;
    private HeapTensor v;
    private KvRows rows;

    KeyValueStore(Team team) {
        this.team = team;
        this.scratch = new byte[team.threads()][KvPage.SCRATCH_BYTES];
    }

    void apply(HeapTensor k, HeapTensor v, KvRows rows) {
        KvSlice slice = rows.slice();
        KvChecks.rows("storeKeysAndValues", "k", k, "keyDim", slice.keyDim(), slice.kvHeads(), rows);
        KvChecks.rows("storeKeysAndValues", "v", v, "valueDim", slice.valueDim(), slice.kvHeads(), rows);
        for (int span = 0; span < rows.spans().count(); span++) {
            KvChecks.pages("storeKeysAndValues", rows, span, rows.spans().position(span));
        }
        KvChecks.outside("storeKeysAndValues", "k", k, rows);
        KvChecks.outside("storeKeysAndValues", "v", v, rows);
        this.k = k;
        this.v = v;
        this.rows = rows;
        try {
            team.run(k.rows(), Cost.STORE.picos() * (k.columns() + v.columns()), 1, this);
        } finally {
            this.k = null;
            this.v = null;
            this.rows = null;
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        RowSpans spans = rows.spans();
        for (int row = begin; row < end; row++) {
            int span = spans.of(row);
            int position = spans.position(span) + row - spans.rowBegin(span);
            store(row, rows.pages()[span][position / KvPage.POSITIONS], position % KvPage.POSITIONS, scratch[worker]);
        }
    }

    private void store(int row, KvPage page, int place, byte[] bytes) {
        KvSlice slice = rows.slice();
        int keyDim = slice.keyDim();
        int valueDim = slice.valueDim();
        for (int h = 0; h < slice.kvHeads(); h++) {
            int key = k.offset() + row * k.columns() + h * keyDim;
            page.storeKey(k.data(), key, keyDim, slice.keys(h), place, bytes);
            int value = v.offset() + row * v.columns() + h * valueDim;
            page.storeValue(v.data(), value, valueDim, slice.values(h), place, bytes);
        }
    }
}
