// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;

/**
 * The rows of x in codes of 8 bits, for the ranges of W that read them.
 *
 * <p>Many rows are split over the workers, before the product. Of few, each worker makes codes of its own at its first
 * range: that takes a microsecond, writing over what another core has just read takes ten.
 */
final class RowQuantizer implements RangeTask {
    /** Two cache lines, in longs. */
    private static final int PAD = 16;

    private final Team team;
    private final QuantizedRows shared = new QuantizedRows();
    private final QuantizedRows[] own;

    /** The product for which a worker has made its codes, [threads][PAD]. */
    private final long[][] made;

    private long product;
    private HeapTensor x;
    private PackedLayout layout;

    RowQuantizer(Team team) {
        this.team = team;
        own = new QuantizedRows[team.threads()];
        made = new long[team.threads()][PAD];
        for (int worker = 0; worker < own.length; worker++) {
            own[worker] = new QuantizedRows();
        }
    }

    /** Begins a product; until {@link #end} workers ask for {@link #rows}. */
    void begin(HeapTensor x, PackedTensor w) {
        this.x = x;
        this.layout = w.layout();
        product++;
        if (!isFew()) {
            shared.prepare(x.rows(), x.columns(), layout);
            team.run(x.rows(), Team.saturatedProduct(Cost.QUANTIZE.picos(), x.columns()), 1, this);
        }
    }

    private boolean isFew() {
        return x.rows() < QuantizedRows.FEW_ROWS;
    }

    /** The codes that a worker reads. */
    QuantizedRows rows(int worker) {
        if (!isFew()) {
            return shared;
        }
        QuantizedRows rows = own[worker];
        if (made[worker][0] != product) {
            rows.prepare(x.rows(), x.columns(), layout);
            team.kernels(worker).products().quantize(x, rows, 0, x.rows());
            made[worker][0] = product;
        }
        return rows;
    }

    void end() {
        this.x = null;
        this.layout = null;
    }

    @Override
    public void run(int worker, int begin, int end) {
        team.kernels(worker).products().quantize(x, shared, begin, end);
    }
}
