// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Combination;
import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.ElementKernels;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import java.util.Locale;

/**
 * What is made of the elements of two or three tensors, each of the shape of the result or repeated over it, split into
 * ranges of elements. A repeated element fills a block of scratch, which stays in the first-level cache: so one loop a
 * function serves all.
 */
final class Combinations implements RangeTask {
    private static final int ELEMENT_GROUP = 1024;

    /** Elements of a repeated one at once. */
    private static final int BLOCK = 1024;

    private static final String[] NAMES = {"a", "b", "c"};

    /** How an operand covers the result. */
    private enum Cover {
        /** It has the shape of the result. */
        WHOLE,
        /** One row, the same for each row of the result. */
        ROW,
        /** One element a row. */
        COLUMN,
        /** One element. */
        ELEMENT
    }

    private final Team team;
    private final float[][][] scratch;
    private final HeapTensor[] operands = new HeapTensor[NAMES.length];
    private final Cover[] covers = new Cover[NAMES.length];
    private Combination combination;
    private int count;
    private HeapTensor y;

    Combinations(Team team) {
        this.team = team;
        scratch = new float[team.threads()][NAMES.length][];
    }

    /** y = a combined with b. */
    void apply(Combination combination, HeapTensor a, HeapTensor b, HeapTensor y) {
        this.combination = combination;
        count = 2;
        operands[0] = a;
        operands[1] = b;
        run(
                combination.name().toLowerCase(Locale.ROOT),
                combination == Combination.POW ? Cost.POWER : Cost.ARITHMETIC,
                y);
    }

    /** y = a·b + c. */
    void fma(HeapTensor a, HeapTensor b, HeapTensor c, HeapTensor y) {
        count = 3;
        operands[0] = a;
        operands[1] = b;
        operands[2] = c;
        run("fma", Cost.ARITHMETIC, y);
    }

    private void run(String operation, Cost cost, HeapTensor y) {
        this.y = y;
        try {
            for (int i = 0; i < count; i++) {
                covers[i] = cover(operation, NAMES[i], operands[i], y);
            }
            team.run(Math.toIntExact(y.shape().elements()), cost.picos(), ELEMENT_GROUP, this);
        } finally {
            Arrays.fill(operands, null);
            this.y = null;
        }
    }

    private static Cover cover(String operation, String name, HeapTensor operand, HeapTensor y) {
        if (operand.shape().equals(y.shape())) {
            Require.sameOrDisjoint(operation, "y", y, name, operand);
            return Cover.WHOLE;
        }
        boolean oneColumn = operand.columns() == 1;
        boolean oneRow = operand.rows() == 1;
        if (!(oneColumn || operand.columns() == y.columns())
                || !(oneRow || (oneColumn && operand.rows() == y.rows()))) {
            throw new IllegalArgumentException(operation + ": " + name + " " + operand.shape()
                    + " must have the shape of y " + y.shape() + ", or be one row of it, one column or one element");
        }
        Require.disjoint(operation, "y", y, name, operand);
        return oneColumn ? oneRow ? Cover.ELEMENT : Cover.COLUMN : Cover.ROW;
    }

    @Override
    public void run(int worker, int begin, int end) {
        boolean rows = false;
        int longest = end - begin;
        for (int i = 0; i < count; i++) {
            rows |= covers[i] == Cover.ROW || covers[i] == Cover.COLUMN;
            if (covers[i] != Cover.WHOLE) {
                longest = Math.min(longest, BLOCK);
            }
        }
        int columns = y.columns();
        for (int at = begin, length; at < end; at += length) {
            int row = rows ? at / columns : 0;
            int left = rows ? columns - (at - row * columns) : end - at;
            length = Math.min(Math.min(left, longest), end - at);
            boolean fresh = at == begin || (rows && at == row * columns);
            piece(worker, at, length, row, fresh);
        }
    }

    /** {@code fresh}: whether what is repeated is another element than before. */
    private void piece(int worker, int at, int length, int row, boolean fresh) {
        ElementKernels kernels = team.kernels(worker).elements();
        float[] a = source(worker, 0, row, fresh);
        float[] b = source(worker, 1, row, fresh);
        int aAt = place(0, at, row);
        int bAt = place(1, at, row);
        if (count == 2) {
            kernels.combine(combination, a, aAt, b, bAt, y.data(), y.offset() + at, length);
        } else {
            float[] c = source(worker, 2, row, fresh);
            kernels.fma(a, aAt, b, bAt, c, place(2, at, row), y.data(), y.offset() + at, length);
        }
    }

    private float[] source(int worker, int operand, int row, boolean fresh) {
        HeapTensor tensor = operands[operand];
        if (covers[operand] == Cover.WHOLE || covers[operand] == Cover.ROW) {
            return tensor.data();
        }
        float[] repeated = scratch[worker][operand];
        if (repeated == null) {
            repeated = new float[BLOCK];
            scratch[worker][operand] = repeated;
        }
        if (fresh) {
            boolean column = covers[operand] == Cover.COLUMN;
            long longest = column ? y.columns() : y.shape().elements();
            float element = tensor.data()[tensor.offset() + (column ? row : 0)];
            Arrays.fill(repeated, 0, (int) Math.min(BLOCK, longest), element);
        }
        return repeated;
    }

    private int place(int operand, int at, int row) {
        return switch (covers[operand]) {
            case WHOLE -> operands[operand].offset() + at;
            case ROW -> operands[operand].offset() + at - row * y.columns();
            case COLUMN, ELEMENT -> 0;
        };
    }
}
