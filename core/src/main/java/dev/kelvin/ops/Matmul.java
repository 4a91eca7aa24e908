// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Tensor;

/** Y = X·Wᵀ, split over the rows of W: each is read by one thread only, whatever the batch. */
final class Matmul implements RangeTask {
    /** Rows of W that the kernels take together: two panels of 12. */
    private static final int ROW_GROUP = 24;

    /**
     * So many rows of x make packing them, which every range does anew, worth sparing: ranges are few then, and equal,
     * because a last one that is shorter leaves a thread without work for longer than a cut panel costs.
     */
    private static final int MANY_ROWS = 16;

    private static final int RANGES_PER_THREAD = 2;

    private final Team team;
    private final RowQuantizer quantizer;
    private HeapTensor x;
    private HeapTensor heapWeight;
    private MappedTensor mappedWeight;
    private PackedTensor packedWeight;
    private HeapTensor y;

    Matmul(Team team, RowQuantizer quantizer) {
        this.team = team;
        this.quantizer = quantizer;
    }

    void apply(HeapTensor x, Tensor w, HeapTensor y) {
        check(x, w, y);
        team.requireAccess("matmul", "w", w);
        try {
            this.x = x;
            this.y = y;
            // Unwrapped once: below this line each kernel works on one concrete form of storage.
            switch (w) {
                case HeapTensor heap -> this.heapWeight = heap;
                case MappedTensor mapped -> this.mappedWeight = mapped;
                case PackedTensor packed -> {
                    this.packedWeight = packed;
                    quantizer.begin(x, packed);
                }
            }
            int equal = x.rows() < MANY_ROWS ? 0 : Math.ceilDiv(w.rows(), RANGES_PER_THREAD * team.threads());
            int group = packedWeight == null ? Math.max(ROW_GROUP, equal) : PackedLayout.STRIP;
            team.run(w.rows(), picosPerRow(x), group, this);
        } finally {
            this.x = null;
            this.heapWeight = null;
            this.mappedWeight = null;
            this.packedWeight = null;
            quantizer.end();
            this.y = null;
        }
    }

    private static void check(HeapTensor x, Tensor w, HeapTensor y) {
        Require.sameColumns("matmul", "x", x, "w", w);
        Require.sameRows("matmul", "x", x, "y", y);
        if (y.columns() != w.rows()) {
            throw Require.mismatch("matmul", "as many columns in y as rows in w", "w", w, "y", y);
        }
        checkWeight("matmul", "w", w);
        Require.disjoint("matmul", "y", y, "x", x);
        if (w instanceof HeapTensor heap) {
            Require.disjoint("matmul", "y", y, "w", heap);
        }
    }

    /** Demands a type of weights that the kernels know. */
    static void checkWeight(String operation, String name, Tensor w) {
        Require.countable(operation, name, w);
        if (!w.dtype().isDecodable()) {
            throw new IllegalArgumentException(operation + ": " + name + " " + w.shape() + " is of type " + w.dtype()
                    + ", but only weights that can be decoded can be multiplied: " + DType.decodable());
        }
    }

    /** About how long a row of weights takes one thread. */
    static long picosPerRow(HeapTensor x) {
        return Team.saturatedProduct(x.columns(), Cost.WEIGHT.picos() + Cost.MULTIPLY_ADD.picos() * x.rows());
    }

    @Override
    public void run(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        if (heapWeight != null) {
            kernels.products().gemm(x, heapWeight, y, begin, end);
        } else if (packedWeight != null) {
            kernels.products().gemm(quantizer.rows(worker), packedWeight, y, begin, end);
        } else {
            kernels.products().gemm(x, mappedWeight, y, begin, end);
        }
    }
}
