// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/** Rows brought to their experts and back, split over rows. */
final class ExpertRows implements RangeTask {
    private enum Part {
        GATHER,
        ADD_BIAS,
        COMBINE
    }

    private final Team team;
    private Part part;
    private HeapTensor from;
    private HeapTensor to;
    private ExpertChoice choice;

    ExpertRows(Team team) {
        this.team = team;
    }

    void gather(HeapTensor x, ExpertChoice choice, HeapTensor grouped) {
        requireRows("gather", "x", x, choice.rows());
        requireRows("gather", "grouped", grouped, choice.grouped());
        Require.sameColumns("gather", "x", x, "grouped", grouped);
        Require.disjoint("gather", "grouped", grouped, "x", x);
        run(Part.GATHER, x, grouped, choice, choice.grouped());
    }

    void addBias(HeapTensor x, HeapTensor biases, ExpertChoice choice) {
        requireRows("addBias", "x", x, choice.grouped());
        requireRows("addBias", "biases", biases, choice.experts());
        Require.sameColumns("addBias", "x", x, "biases", biases);
        Require.disjoint("addBias", "x", x, "biases", biases);
        run(Part.ADD_BIAS, biases, x, choice, choice.experts());
    }

    void combine(HeapTensor y, ExpertChoice choice, HeapTensor out) {
        requireRows("combine", "y", y, choice.grouped());
        requireRows("combine", "out", out, choice.rows());
        Require.sameColumns("combine", "y", y, "out", out);
        Require.disjoint("combine", "out", out, "y", y);
        run(Part.COMBINE, y, out, choice, choice.rows());
    }

    static void requireRows(String operation, String name, HeapTensor x, int rows) {
        if (x.rows() != rows) {
            throw new IllegalArgumentException(
                    operation + ": " + name + " " + x.shape() + " must have " + rows + " rows, as the choice has");
        }
    }

    private void run(Part part, HeapTensor from, HeapTensor to, ExpertChoice choice, int items) {
        this.part = part;
        this.from = from;
        this.to = to;
        this.choice = choice;
        try {
            team.run(items, Cost.EXPERT_ROW.picos() * to.columns(), 1, this);
        } finally {
            this.from = null;
            this.to = null;
            this.choice = null;
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        int columns = to.columns();
        for (int item = begin; item < end; item++) {
            switch (part) {
                case GATHER -> {
                    int row = from.offset() + choice.rowAt(item) * columns;
                    System.arraycopy(from.data(), row, to.data(), to.offset() + item * columns, columns);
                }
                case ADD_BIAS -> addBias(kernels, item);
                case COMBINE -> combine(kernels, item);
            }
        }
    }

    private void addBias(Kernels kernels, int expert) {
        int columns = to.columns();
        for (int place = choice.begin(expert); place < choice.end(expert); place++) {
            int at = to.offset() + place * columns;
            kernels.elements()
                    .add(to.data(), at, from.data(), from.offset() + expert * columns, to.data(), at, columns);
        }
    }

    private void combine(Kernels kernels, int row) {
        int columns = to.columns();
        int at = to.offset() + row * columns;
        Arrays.fill(to.data(), at, at + columns, 0);
        for (int rank = 0; rank < choice.used(); rank++) {
            int place = from.offset() + choice.place(row, rank) * columns;
            kernels.elements().addMultiple(from.data(), place, to.data(), at, columns, choice.weight(row, rank));
        }
    }
}
