// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;

/**
 * Embeddings, biases and their derivatives. What adds rows up is split over columns, so that each sum stays with one
 * thread and in ascending order of rows.
 */
final class RowTables implements RangeTask {
    /** Columns are cut in multiples of so many: a cache line. */
    private static final int COLUMN_GROUP = 16;

    private enum Part {
        ADD_BIAS,
        BIAS_BACKWARD,
        EMBEDDING,
        EMBEDDING_BACKWARD
    }

    private final Team team;
    private Part part;
    private HeapTensor rows;
    private HeapTensor table;
    private int[] ids;

    RowTables(Team team) {
        this.team = team;
    }

    void addBias(HeapTensor x, HeapTensor bias) {
        checkBias("addBias", "x", x, "bias", bias);
        run(Part.ADD_BIAS, x, bias, null, true);
    }

    void biasBackward(HeapTensor dy, HeapTensor dBias) {
        checkBias("biasBackward", "dy", dy, "dBias", dBias);
        run(Part.BIAS_BACKWARD, dy, dBias, null, false);
    }

    private static void checkBias(String operation, String xName, HeapTensor x, String biasName, HeapTensor bias) {
        Require.oneRow(operation, biasName, bias);
        Require.sameColumns(operation, xName, x, biasName, bias);
        Require.disjoint(operation, xName, x, biasName, bias);
    }

    void embedding(HeapTensor table, int[] ids, HeapTensor x) {
        checkIds("embedding", "table", table, ids, "x", x);
        run(Part.EMBEDDING, x, table, ids, true);
    }

    void embeddingBackward(HeapTensor dx, int[] ids, HeapTensor dTable) {
        checkIds("embeddingBackward", "dTable", dTable, ids, "dx", dx);
        run(Part.EMBEDDING_BACKWARD, dx, dTable, ids, false);
    }

    private static void checkIds(
            String operation, String tableName, HeapTensor table, int[] ids, String xName, HeapTensor x) {
        Require.sameColumns(operation, tableName, table, xName, x);
        Require.disjoint(operation, tableName, table, xName, x);
        if (ids.length != x.rows()) {
            throw new IllegalArgumentException(
                    operation + ": " + ids.length + " ids for the rows of " + xName + " " + x.shape());
        }
        for (int r = 0; r < ids.length; r++) {
            if (ids[r] < 0 || ids[r] >= table.rows()) {
                throw new IllegalArgumentException(operation + ": id " + ids[r] + " at index " + r + " is no row of "
                        + tableName + " " + table.shape());
            }
        }
    }

    private void run(Part part, HeapTensor rows, HeapTensor table, int[] ids, boolean overRows) {
        this.part = part;
        this.rows = rows;
        this.table = table;
        this.ids = ids;
        try {
            if (overRows) {
                team.run(rows.rows(), Cost.ROW_TABLE.picos() * rows.columns(), 1, this);
            } else {
                team.run(rows.columns(), Cost.ROW_TABLE.picos() * rows.rows(), COLUMN_GROUP, this);
            }
        } finally {
            this.rows = null;
            this.table = null;
            this.ids = null;
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        int columns = rows.columns();
        float[] x = rows.data();
        float[] t = table.data();
        switch (part) {
            case ADD_BIAS -> {
                for (int r = begin; r < end; r++) {
                    int at = rows.offset() + r * columns;
                    kernels.elements().add(x, at, t, table.offset(), x, at, columns);
                }
            }
            case BIAS_BACKWARD -> {
                int to = table.offset() + begin;
                for (int r = 0; r < rows.rows(); r++) {
                    kernels.elements().add(t, to, x, rows.offset() + r * columns + begin, t, to, end - begin);
                }
            }
            case EMBEDDING -> {
                for (int r = begin; r < end; r++) {
                    int from = table.offset() + ids[r] * columns;
                    System.arraycopy(t, from, x, rows.offset() + r * columns, columns);
                }
            }
            case EMBEDDING_BACKWARD -> {
                for (int r = 0; r < ids.length; r++) {
                    int to = table.offset() + ids[r] * columns + begin;
                    kernels.elements().add(t, to, x, rows.offset() + r * columns + begin, t, to, end - begin);
                }
            }
        }
    }
}
