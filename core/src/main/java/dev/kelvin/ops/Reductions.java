// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.composed.RowReduction;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/** One number, one index or a few of both of each row, split over rows. */
final class Reductions implements RangeTask {
    /** What is made of a row. */
    enum Kind {
        SUM("sum"),
        MEAN("mean"),
        VARIANCE("variance"),
        MAX("max"),
        MIN("min"),
        NORM_1("norm1"),
        NORM_2("norm2"),
        NORM_INF("normInf"),
        LOG_SUM_EXP("logSumExp"),
        ARGMAX("argmax"),
        ARGMIN("argmin"),
        TOP_K("topK");

        private final String label;

        Kind(String label) {
            this.label = label;
        }
    }

    private final Team team;
    private final RowReduction[] reductions;

    /** The best of a row by worker: see {@link #key}. */
    private final long[][] heaps;

    private Kind kind;
    private HeapTensor x;
    private HeapTensor out;
    private int[] indices;
    private int correction;
    private boolean flag;
    private int k;

    Reductions(Team team) {
        this.team = team;
        reductions = new RowReduction[team.threads()];
        heaps = new long[team.threads()][0];
        for (int worker = 0; worker < reductions.length; worker++) {
            reductions[worker] = new RowReduction(team.kernels(worker));
        }
    }

    /** A number a row. */
    void numbers(Kind kind, HeapTensor x, int correction, HeapTensor out) {
        if (out.shape().elements() != x.rows()) {
            throw Require.mismatch(kind.label, "one element of out a row of x", "x", x, "out", out);
        }
        Require.disjoint(kind.label, "out", out, "x", x);
        if (correction < 0) {
            throw new IllegalArgumentException(kind.label + ": correction must be at least 0, got " + correction);
        }
        this.correction = correction;
        this.out = out;
        run(kind, x);
    }

    /** An index a row. */
    void index(Kind kind, HeapTensor x, boolean last, int[] indices) {
        if (x.columns() == 0 && x.rows() > 0) {
            throw new IllegalArgumentException(kind.label + ": x " + x.shape() + " has no element in its rows");
        }
        room(kind, x, 1, indices);
        this.flag = last;
        this.indices = indices;
        run(kind, x);
    }

    void topK(HeapTensor x, int k, boolean largest, HeapTensor values, int[] indices) {
        if (k < 1 || k > x.columns()) {
            throw new IllegalArgumentException(
                    "topK: k must be from 1 to the columns of x " + x.shape() + ", got " + k);
        }
        if (values.rows() != x.rows() || values.columns() != k) {
            throw new IllegalArgumentException("topK: values " + values.shape() + " must have the " + x.rows()
                    + " rows of x " + x.shape() + " and " + k + " columns");
        }
        Require.disjoint("topK", "values", values, "x", x);
        room(Kind.TOP_K, x, k, indices);
        this.k = k;
        this.flag = largest;
        this.out = values;
        this.indices = indices;
        run(Kind.TOP_K, x);
    }

    private static void room(Kind kind, HeapTensor x, int each, int[] indices) {
        if (indices.length < (long) each * x.rows()) {
            throw new IllegalArgumentException(kind.label + ": x " + x.shape() + " has " + each
                    + " index a row, but there is room for " + indices.length);
        }
    }

    private void run(Kind kind, HeapTensor x) {
        this.kind = kind;
        this.x = x;
        try {
            team.run(x.rows(), Cost.LAYER_NORM.picos() * x.columns(), 1, this);
        } finally {
            this.x = null;
            this.out = null;
            this.indices = null;
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        for (int row = begin; row < end; row++) {
            int at = x.offset() + row * x.columns();
            switch (kind) {
                case ARGMAX, ARGMIN -> indices[row] = index(reductions[worker], at);
                case TOP_K -> select(worker, row, at);
                default -> out.data()[out.offset() + row] = number(reductions[worker], at);
            }
        }
    }

    private float number(RowReduction row, int at) {
        float[] data = x.data();
        int length = x.columns();
        return switch (kind) {
            case SUM -> (float) row.sum(data, at, length);
            case MEAN -> (float) (row.sum(data, at, length) / length);
            case VARIANCE -> (float) (row.deviations(data, at, length) / Math.max(0, length - correction));
            case MAX -> row.max(data, at, length);
            case MIN -> row.min(data, at, length);
            case NORM_1 -> (float) row.absoluteSum(data, at, length);
            case NORM_2 -> (float) row.length(data, at, length);
            case NORM_INF -> row.largest(data, at, length);
            case LOG_SUM_EXP -> row.logSumExp(data, at, length);
            case ARGMAX, ARGMIN, TOP_K -> throw new AssertionError(kind);
        };
    }

    private int index(RowReduction row, int at) {
        float[] data = x.data();
        int length = x.columns();
        float value = kind == Kind.ARGMAX ? row.max(data, at, length) : row.min(data, at, length);
        return row.indexOf(data, at, length, value, flag);
    }

    /** The k best in a heap whose root is the worst of them, then sorted. */
    private void select(int worker, int row, int at) {
        if (heaps[worker].length < k) {
            heaps[worker] = new long[k];
        }
        long[] heap = heaps[worker];
        float[] data = x.data();
        for (int i = 0; i < k; i++) {
            heap[i] = key(data[at + i], i, flag);
        }
        for (int i = k / 2 - 1; i >= 0; i--) {
            sink(heap, i, k);
        }
        for (int i = k; i < x.columns(); i++) {
            long key = key(data[at + i], i, flag);
            if (key > heap[0]) {
                heap[0] = key;
                sink(heap, 0, k);
            }
        }
        Arrays.sort(heap, 0, k);
        for (int i = 0; i < k; i++) {
            int index = ~(int) heap[k - 1 - i];
            indices[row * k + i] = index;
            out.data()[out.offset() + row * k + i] = data[at + index];
        }
    }

    /** The better, the larger: by value, NaN above +∞ and −0 as +0, and among equals by the lower index. */
    private static long key(float value, int index, boolean largest) {
        int bits = Float.floatToIntBits(value + 0f);
        int ordered = bits >= 0 ? bits : bits ^ Integer.MAX_VALUE;
        return (long) (largest ? ordered : ~ordered) << 32 | Integer.toUnsignedLong(~index);
    }

    private static void sink(long[] heap, int from, int size) {
        int at = from;
        long key = heap[at];
        for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= key) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = key;
    }
}
