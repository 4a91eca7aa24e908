// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.ElementKernels;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/** Operations that take each element by itself, split into ranges of elements. */
final class Elementwise implements RangeTask {
    /** Ranges are multiples of so many elements: no two threads write one cache line, and no tail falls inside. */
    private static final int ELEMENT_GROUP = 1024;

    /** What is done to an element, and about how long that takes. */
    enum Operation {
        EXP("exp", Cost.EXP),
        SCALE("scale", Cost.ARITHMETIC),
        CLIP("clip", Cost.ARITHMETIC),
        LEAKY_RELU("leakyRelu", Cost.ARITHMETIC),
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
    private float lower;
    private float upper;
    private HeapTensor x;
    private HeapTensor y;

    Elementwise(Team team) {
        this.team = team;
    }

    /** y = x·factor. */
    void scale(HeapTensor x, float factor, HeapTensor y) {
        this.factor = factor;
        apply(Operation.SCALE, x, y);
    }

    /** y = x where that is not below 0, else x·slope. */
    void leakyRelu(HeapTensor x, float slope, HeapTensor y) {
        this.factor = slope;
        apply(Operation.LEAKY_RELU, x, y);
    }

    /** y = min(max(x, lower), upper). */
    void clip(HeapTensor x, float lower, float upper, HeapTensor y) {
        if (Float.isNaN(lower) || Float.isNaN(upper)) {
            throw new IllegalArgumentException("clip: bounds must be numbers, got " + lower + " and " + upper);
        }
        this.lower = lower;
        this.upper = upper;
        apply(Operation.CLIP, x, y);
    }

    /** y = operation(x). */
    void apply(Operation operation, HeapTensor x, HeapTensor y) {
        Require.sameShape(operation.label, "x", x, "y", y);
        Require.sameOrDisjoint(operation.label, "y", y, "x", x);
        this.operation = operation;
        this.x = x;
        this.y = y;
        try {
            team.run(Math.toIntExact(y.shape().elements()), operation.cost.picos(), ELEMENT_GROUP, this);
        } finally {
            this.x = null;
            this.y = null;
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        ElementKernels kernels = team.kernels(worker).elements();
        int length = end - begin;
        float[] from = x.data();
        float[] to = y.data();
        int xAt = x.offset() + begin;
        int yAt = y.offset() + begin;
        switch (operation) {
            case EXP -> kernels.exp(from, xAt, to, yAt, length);
            case SCALE -> kernels.scale(from, xAt, to, yAt, length, factor);
            case CLIP -> kernels.clip(from, xAt, to, yAt, length, lower, upper);
            case LEAKY_RELU -> kernels.leakyRelu(from, xAt, to, yAt, length, factor);
            case CLEAR -> Arrays.fill(to, yAt, yAt + length, 0);
        }
    }
}
