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

/**
 * Y = X·Wᵀ, split over the rows of W: each is read by one thread only, whatever the batch. Products of the same few
 * rows are one region: their weights stand one below the other, and a hand-over is paid once.
 */
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
    private final Tensor[] oneWeight = new Tensor[1];
    private final HeapTensor[] oneResult = new HeapTensor[1];
    private HeapTensor x;
    private Tensor[] weights;
    private HeapTensor[] results;

    // The products of this region, [first, last), and the item with which each begins.
    private int first;
    private int last;
    private int[] starts = new int[1];

    Matmul(Team team, RowQuantizer quantizer) {
        this.team = team;
        this.quantizer = quantizer;
    }

    void apply(HeapTensor x, Tensor w, HeapTensor y) {
        check(x, w, y);
        oneWeight[0] = w;
        oneResult[0] = y;
        multiply(x, oneWeight, oneResult);
        oneWeight[0] = null;
        oneResult[0] = null;
    }

    void apply(HeapTensor x, Tensor[] weights, HeapTensor[] results) {
        if (weights.length != results.length) {
            throw new IllegalArgumentException(
                    "matmul: " + weights.length + " weights, but " + results.length + " tensors for their products");
        }
        for (int i = 0; i < weights.length; i++) {
            check(x, weights[i], results[i]);
            for (int j = 0; j < i; j++) {
                Require.disjoint("matmul", "a product", results[i], "another", results[j]);
            }
            for (Tensor other : weights) {
                if (other instanceof HeapTensor heap) {
                    Require.disjoint("matmul", "a product", results[i], "a weight", heap);
                }
            }
        }
        multiply(x, weights, results);
    }

    private void multiply(HeapTensor x, Tensor[] weights, HeapTensor[] results) {
        this.x = x;
        this.weights = weights;
        this.results = results;
        if (starts.length < weights.length) {
            starts = new int[weights.length];
        }
        try {
            for (first = 0; first < weights.length; first = last) {
                runFrom(weights[first]);
            }
        } finally {
            this.x = null;
            this.weights = null;
            this.results = null;
            quantizer.end();
        }
    }

    /** The next region: as many products as few rows have with weights of the same form. */
    private void runFrom(Tensor w) {
        boolean many = x.rows() >= MANY_ROWS;
        int equal = many ? Math.ceilDiv(w.rows(), RANGES_PER_THREAD * team.threads()) : 0;
        int group = Math.max(ROW_GROUP, equal);
        if (w instanceof PackedTensor packed) {
            group = PackedLayout.STRIP;
            quantizer.begin(x, packed);
        }
        last = first;
        long items = 0;
        do {
            starts[last] = (int) items;
            items = Math.ceilDiv(items + weights[last].rows(), group) * (long) group;
            last++;
        } while (last < weights.length
                && !many
                && isLike(w, weights[last])
                && items + weights[last].rows() <= Integer.MAX_VALUE - group);
        int end = starts[last - 1] + weights[last - 1].rows();
        team.run(end, picosPerRow(x), group, this);
    }

    /** Whether weights are computed by the same kernels from the same form of x. */
    private static boolean isLike(Tensor a, Tensor b) {
        return a instanceof PackedTensor p
                ? b instanceof PackedTensor q && p.layout() == q.layout()
                : !(b instanceof PackedTensor);
    }

    private void check(HeapTensor x, Tensor w, HeapTensor y) {
        Require.sameColumns("matmul", "x", x, "w", w);
        Require.sameRows("matmul", "x", x, "y", y);
        if (y.columns() != w.rows()) {
            throw Require.mismatch("matmul", "as many columns in y as rows in w", "w", w, "y", y);
        }
        checkWeight("matmul", "w", w);
        team.requireAccess("matmul", "w", w);
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
        for (int i = first; i < last; i++) {
            int from = Math.max(0, begin - starts[i]);
            int to = Math.min(end - starts[i], weights[i].rows());
            if (from < to) {
                multiply(worker, i, from, to);
            }
        }
    }

    private void multiply(int worker, int i, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        // Unwrapped once: below this line each kernel works on one concrete form of storage.
        switch (weights[i]) {
            case HeapTensor heap -> kernels.products().gemm(x, heap, results[i], begin, end);
            case MappedTensor mapped -> kernels.products().gemm(x, mapped, results[i], begin, end);
            case PackedTensor packed -> kernels.products().gemm(quantizer.rows(worker), packed, results[i], begin, end);
        }
    }
}
