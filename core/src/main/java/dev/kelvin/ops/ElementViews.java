// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Combination;
import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.ElementKernels;
import dev.kelvin.kernel.MatrixLines;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.Matrix;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/**
 * What is made of the elements of views, a piece of a line at a time: what lies in a {@code float[]} without a gap is
 * read and written in place, all else passes through scratch that stays in the first-level cache. Lines run along the
 * result as it lies in memory; if everything lies without a gap, there is one.
 */
final class ElementViews implements RangeTask {
    /** Elements of a piece. */
    private static final int BLOCK = 1024;

    private static final String[] NAMES = {"a", "b", "c"};
    private static final int MOST = NAMES.length;

    /** What is done to elements. */
    private enum Operation {
        COMBINE(2),
        FMA(3),
        ACTIVATE(1),
        CLIP(1),
        LEAKY_RELU(1),
        SCALE(1);

        /** How many operands it takes. */
        private final int count;

        Operation(int count) {
            this.count = count;
        }

        /** Whether what is smaller than the result is repeated over it. */
        boolean repeats() {
            return this == COMBINE || this == FMA;
        }
    }

    /** What a worker reads to and computes in. */
    private static final class Scratch {
        final MatrixLines lines = new MatrixLines();
        final float[][] operands = new float[MOST][BLOCK];
        final float[] result = new float[BLOCK];
    }

    private final Team team;
    private final Scratch[] scratch;
    private final Matrix[] operands = new Matrix[MOST];
    private final int[] lineSteps = new int[MOST];
    private final int[] steps = new int[MOST];
    private Matrix y;
    private int yLineStep;
    private int yStep;
    private int lines;
    private int length;
    private Operation operation;
    private Combination combination;
    private Activation function;
    private float first;
    private float second;

    ElementViews(Team team) {
        this.team = team;
        scratch = new Scratch[team.threads()];
    }

    void combine(Combination combination, Matrix a, Matrix b, Matrix y) {
        this.combination = combination;
        operands[0] = a;
        operands[1] = b;
        run(combination.label(), Operation.COMBINE, combination == Combination.POW ? Cost.POWER : Cost.ARITHMETIC, y);
    }

    void fma(Matrix a, Matrix b, Matrix c, Matrix y) {
        operands[0] = a;
        operands[1] = b;
        operands[2] = c;
        run("fma", Operation.FMA, Cost.ARITHMETIC, y);
    }

    void activate(Activation function, Matrix x, Matrix y) {
        this.function = function;
        operands[0] = x;
        run("activate", Operation.ACTIVATE, Cost.ACTIVATION, y);
    }

    void clip(Matrix x, float lower, float upper, Matrix y) {
        if (Float.isNaN(lower) || Float.isNaN(upper)) {
            throw new IllegalArgumentException("clip: bounds must be numbers, got " + lower + " and " + upper);
        }
        first = lower;
        second = upper;
        operands[0] = x;
        run("clip", Operation.CLIP, Cost.ARITHMETIC, y);
    }

    void leakyRelu(Matrix x, float slope, Matrix y) {
        first = slope;
        operands[0] = x;
        run("leakyRelu", Operation.LEAKY_RELU, Cost.ARITHMETIC, y);
    }

    void scale(Matrix x, float factor, Matrix y) {
        first = factor;
        operands[0] = x;
        run("scale", Operation.SCALE, Cost.ARITHMETIC, y);
    }

    private void run(String label, Operation operation, Cost cost, Matrix y) {
        this.operation = operation;
        this.y = y;
        try {
            check(label);
            walk();
            int pieces = Math.multiplyExact(lines, Math.ceilDiv(length, BLOCK));
            team.run(pieces, Team.saturatedProduct(Math.min(length, BLOCK), cost.picos()), 1, this);
        } finally {
            Arrays.fill(operands, null);
            this.y = null;
        }
    }

    private void check(String label) {
        MatrixChecks.writable(label, "y", y);
        team.requireAccess(label, "y", y);
        for (int i = 0; i < operation.count; i++) {
            Matrix m = operands[i];
            String name = operation.repeats() ? NAMES[i] : "x";
            boolean same = m.rows() == y.rows() && m.columns() == y.columns();
            boolean fits = (m.rows() == y.rows() || m.rows() == 1) && (m.columns() == y.columns() || m.columns() == 1);
            if (!same && !(operation.repeats() && fits)) {
                String demand = operation.repeats()
                        ? "the same extents, or one row, one column or one element of y in " + name
                        : "the same extents";
                throw MatrixChecks.mismatch(label, demand, name, m, "y", y);
            }
            if (!(same && MatrixChecks.same(y, m))) {
                MatrixChecks.disjoint(label, "y", y, name, m);
            }
            team.requireAccess(label, name, m);
        }
    }

    /** How to go through all views: by rows or columns, or all at once. */
    private void walk() {
        boolean byColumns = y.columns() == 1 || (y.columnStride() != 1 && y.rowStride() == 1);
        lines = byColumns ? y.columns() : y.rows();
        length = byColumns ? y.rows() : y.columns();
        yLineStep = byColumns ? y.columnStride() : y.rowStride();
        yStep = byColumns ? y.rowStride() : y.columnStride();
        boolean dense = yStep == 1 && yLineStep == length;
        for (int i = 0; i < operation.count; i++) {
            Matrix m = operands[i];
            int ofRows = m.rows() == 1 ? 0 : m.rowStride();
            int ofColumns = m.columns() == 1 ? 0 : m.columnStride();
            lineSteps[i] = byColumns ? ofColumns : ofRows;
            steps[i] = byColumns ? ofRows : ofColumns;
            boolean element = lineSteps[i] == 0 && steps[i] == 0;
            dense &= element || (steps[i] == 1 && lineSteps[i] == length);
        }
        long all = (long) lines * length;
        if (dense && all <= HeapTensor.MAX_ELEMENTS) {
            lines = 1;
            length = (int) all;
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        Scratch own = scratch[worker];
        if (own == null) {
            own = new Scratch();
            scratch[worker] = own;
        }
        int pieces = Math.ceilDiv(length, BLOCK);
        for (int piece = begin; piece < end; piece++) {
            int from = piece % pieces * BLOCK;
            piece(team.kernels(worker).elements(), own, piece / pieces, from, Math.min(BLOCK, length - from));
        }
    }

    private void piece(ElementKernels kernels, Scratch own, int line, int from, int count) {
        int others = operation.count;
        float[] a = source(own, 0, line, from, count);
        float[] b = others > 1 ? source(own, 1, line, from, count) : null;
        float[] c = others > 2 ? source(own, 2, line, from, count) : null;
        int aAt = place(0, line, from);
        int bAt = others > 1 ? place(1, line, from) : 0;
        int cAt = others > 2 ? place(2, line, from) : 0;
        long at = y.offset() + (long) line * yLineStep + (long) from * yStep;
        boolean direct = y.data() != null && yStep == 1;
        float[] to = direct ? y.data() : own.result;
        int toAt = direct ? (int) at : 0;
        switch (operation) {
            case COMBINE -> kernels.combine(combination, a, aAt, b, bAt, to, toAt, count);
            case FMA -> kernels.fma(a, aAt, b, bAt, c, cAt, to, toAt, count);
            case ACTIVATE -> kernels.activate(function, a, aAt, to, toAt, count);
            case CLIP -> kernels.clip(a, aAt, to, toAt, count, first, second);
            case LEAKY_RELU -> kernels.leakyRelu(a, aAt, to, toAt, count, first);
            case SCALE -> kernels.scale(a, aAt, to, toAt, count, first);
        }
        if (!direct) {
            own.lines.write(y, at, yStep, to, 0, count);
        }
    }

    private boolean inPlace(int operand) {
        return operands[operand].data() != null && steps[operand] == 1;
    }

    private long position(int operand, int line, int from) {
        return operands[operand].offset() + (long) line * lineSteps[operand] + (long) from * steps[operand];
    }

    private int place(int operand, int line, int from) {
        return inPlace(operand) ? (int) position(operand, line, from) : 0;
    }

    private float[] source(Scratch own, int operand, int line, int from, int count) {
        Matrix m = operands[operand];
        if (inPlace(operand)) {
            return m.data();
        }
        float[] to = own.operands[operand];
        long at = position(operand, line, from);
        if (steps[operand] == 0) {
            own.lines.read(m, at, 1, to, 0, 1);
            Arrays.fill(to, 1, count, to[0]);
        } else {
            own.lines.read(m, at, steps[operand], to, 0, count);
        }
        return to;
    }
}
