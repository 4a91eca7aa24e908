// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/** Operations that take each element by itself, split into ranges of elements. */
final class Elementwise implements RangeTask {
    /** Ranges are multiples of so many elements: no two threads write one cache line, and no tail falls inside. */
    private static final int ELEMENT_GROUP = 1024;

    /** What is done to an element, and about how long that takes. */
    enum Operation {
        ADD("add", Cost.ARITHMETIC),
        MUL("mul", Cost.ARITHMETIC),
        EXP("exp", Cost.EXP),
        SCALE("scale", Cost.ARITHMETIC),
        CLEAR("clear", Cost.CLEAR);

        private final String label;
        private final Cost cost;

        Operation(String label, Cost cost) {
            this.label = label;
            this.cost = cost;
        }
    }

    private final Team team;
    private Operation operation;
    private float factor;
    private float[] a;
    private float[] b;
    private float[] y;
    private int aOffset;
    private int bOffset;
    private int yOffset;

    Elementwise(Team team) {
        this.team = team;
    }

    /** y = operation(a). */
    void apply(Operation operation, String aName, HeapTensor a, HeapTensor y) {
        apply(operation, aName, a, aName, a, y);
    }

    /** y = x·factor. */
    void scale(HeapTensor x, float factor, HeapTensor y) {
        this.factor = factor;
        apply(Operation.SCALE, "x", x, y);
    }

    /** y = operation(a, b). */
    void apply(Operation operation, String aName, HeapTensor a, String bName, HeapTensor b, HeapTensor y) {
        Require.sameShape(operation.label, aName, a, bName, b);
        Require.sameShape(operation.label, aName, a, "y", y);
        Require.sameOrDisjoint(operation.label, "y", y, aName, a);
        Require.sameOrDisjoint(operation.label, "y", y, bName, b);
        this.operation = operation;
        this.a = a.data();
        this.aOffset = a.offset();
        this.b = b.data();
        this.bOffset = b.offset();
        this.y = y.data();
        this.yOffset = y.offset();
        try {
            team.run(Math.toIntExact(y.shape().elements()), operation.cost.picos(), ELEMENT_GROUP, this);
        } finally {
            this.a = null;
            this.b = null;
            this.y = null;
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        int length = end - begin;
        switch (operation) {
            case ADD -> kernels.elements().add(a, aOffset + begin, b, bOffset + begin, y, yOffset + begin, length);
            case MUL -> kernels.elements().mul(a, aOffset + begin, b, bOffset + begin, y, yOffset + begin, length);
            case EXP -> kernels.elements().exp(a, aOffset + begin, y, yOffset + begin, length);
            case SCALE -> kernels.elements().scale(a, aOffset + begin, y, yOffset + begin, length, factor);
            case CLEAR -> Arrays.fill(y, yOffset + begin, yOffset + end, 0);
        }
    }
}
