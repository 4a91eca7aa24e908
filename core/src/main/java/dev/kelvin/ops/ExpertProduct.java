// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Tensor;
import java.util.Arrays;

/**
 * Groups of rows times the weights of their experts, as one region: the items are blocks of rows of the weights, expert
 * after expert, so that each weight is read by one thread once.
 */
final class ExpertProduct {
    /** Rows of weights of an item, where a group has few rows: whole strips, and whole panels but for one. */
    private static final int BLOCK = PackedLayout.STRIP;

    /** So many rows of a group make packing them, which every item does anew, worth sparing. */
    private static final int MANY_ROWS = 16;

    private static final int RANGES_PER_THREAD = 2;

    private final Team team;
    private final RangeTask quantizeTask = this::quantize;
    private final RangeTask multiplyTask = this::multiply;

    private HeapTensor x;
    private HeapTensor y;
    private Tensor[] weights;
    private ExpertChoice choice;

    // The groups: experts that have rows, the views of these rows, and the first item of each.
    private int groups;
    private int[] experts = new int[0];
    private int[] blocks = new int[0];
    private int[] items = new int[1];
    private HeapTensor[] inputs = new HeapTensor[0];
    private HeapTensor[] outputs = new HeapTensor[0];
    private QuantizedRows[] codes = new QuantizedRows[0];

    ExpertProduct(Team team) {
        this.team = team;
    }

    void apply(HeapTensor x, Tensor[] weights, ExpertChoice choice, HeapTensor y) {
        check(x, weights, choice, y);
        this.x = x;
        this.y = y;
        this.weights = weights;
        this.choice = choice;
        try {
            group();
            if (groups > 0) {
                long each = Team.saturatedProduct(800, x.columns()) * Math.ceilDiv(x.rows(), groups);
                team.run(groups, each, 1, quantizeTask);
                team.run(items[groups], picosPerItem(), 1, multiplyTask);
            }
        } finally {
            Arrays.fill(inputs, null);
            Arrays.fill(outputs, null);
            this.x = null;
            this.y = null;
            this.weights = null;
            this.choice = null;
        }
    }

    private void check(HeapTensor x, Tensor[] weights, ExpertChoice choice, HeapTensor y) {
        String operation = "experts.matmul";
        ExpertRows.requireRows(operation, "x", x, choice.grouped());
        ExpertRows.requireRows(operation, "y", y, choice.grouped());
        if (weights.length != choice.experts()) {
            throw new IllegalArgumentException(
                    operation + ": weights of " + weights.length + " experts, of which there are " + choice.experts());
        }
        for (Tensor weight : weights) {
            Require.sameColumns(operation, "x", x, "a weight", weight);
            Matmul.checkWeight(operation, "a weight", weight);
            team.requireAccess(operation, "a weight", weight);
            if (y.columns() != weight.rows()) {
                throw Require.mismatch(operation, "as many columns in y as rows in a weight", "w", weight, "y", y);
            }
            if (weight instanceof HeapTensor heap) {
                Require.disjoint(operation, "y", y, "a weight", heap);
            }
        }
        Require.disjoint(operation, "y", y, "x", x);
    }

    private void group() {
        if (experts.length < choice.experts()) {
            int most = choice.experts();
            blocks = new int[most];
            items = new int[most + 1];
            inputs = new HeapTensor[most];
            outputs = new HeapTensor[most];
            codes = new QuantizedRows[most];
            experts = new int[most];
        }
        groups = 0;
        for (int e = 0; e < choice.experts(); e++) {
            int begin = choice.begin(e);
            int end = choice.end(e);
            if (begin < end) {
                int rows = weights[e].rows();
                int equal = end - begin < MANY_ROWS ? 0 : Math.ceilDiv(rows, RANGES_PER_THREAD * team.threads());
                experts[groups] = e;
                blocks[groups] = Math.ceilDiv(Math.max(BLOCK, equal), BLOCK) * BLOCK;
                inputs[groups] = x.rowRange(begin, end);
                outputs[groups] = y.rowRange(begin, end);
                items[groups + 1] = items[groups] + Math.ceilDiv(rows, blocks[groups]);
                groups++;
            }
        }
    }

    private long picosPerItem() {
        long total = 0;
        for (int g = 0; g < groups; g++) {
            total += Team.saturatedProduct(Matmul.picosPerRow(inputs[g]), y.columns());
        }
        return total / items[groups];
    }

    private void quantize(int worker, int begin, int end) {
        for (int g = begin; g < end; g++) {
            if (weights[experts[g]] instanceof PackedTensor packed) {
                if (codes[g] == null) {
                    codes[g] = new QuantizedRows();
                }
                codes[g].prepare(inputs[g].rows(), inputs[g].columns(), packed.layout());
                team.kernels(worker).products().quantize(inputs[g], codes[g], 0, inputs[g].rows());
            }
        }
    }

    private void multiply(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        int g = 0;
        for (int item = begin; item < end; item++) {
            while (items[g + 1] <= item) {
                g++;
            }
            Tensor weight = weights[experts[g]];
            int first = (item - items[g]) * blocks[g];
            int last = Math.min(weight.rows(), first + blocks[g]);
            switch (weight) {
                case HeapTensor heap -> kernels.products().gemm(inputs[g], heap, outputs[g], first, last);
                case MappedTensor mapped -> kernels.products().gemm(inputs[g], mapped, outputs[g], first, last);
                case PackedTensor packed -> kernels.products().gemm(codes[g], packed, outputs[g], first, last);
            }
        }
    }
}
