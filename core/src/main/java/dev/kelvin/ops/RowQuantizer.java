// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.PackedTensor;

/** The rows of x in codes of 8 bits, split over rows: once a product, before the ranges of W read them. */
final class RowQuantizer implements RangeTask {
    private static final long PICOS_PER_ELEMENT = 800;

    private final Team team;
    private final QuantizedRows rows = new QuantizedRows();
    private HeapTensor x;

    RowQuantizer(Team team) {
        this.team = team;
    }

    QuantizedRows apply(HeapTensor x, PackedTensor w) {
        rows.prepare(x.rows(), x.columns(), w.layout());
        this.x = x;
        try {
            team.run(x.rows(), Team.saturatedProduct(PICOS_PER_ELEMENT, x.columns()), 1, this);
        } finally {
            this.x = null;
        }
        return rows;
    }

    @Override
    public void run(int worker, int begin, int end) {
        team.kernels(worker).quantize(x, rows, begin, end);
    }
}
