// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.composed.ActivationGradient;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AdamWStep;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/** The operations of training that take each element by itself, split into ranges of elements. */
final class ElementGradient implements RangeTask {
    private static final int ELEMENT_GROUP = 1024;

    private enum Operation {
        SWIGLU(Cost.SWIGLU_BACKWARD),
        GELU_BACKWARD(Cost.GELU_BACKWARD),
        ACTIVATION(Cost.GELU_BACKWARD),
        WITHIN(Cost.ARITHMETIC),
        DROPOUT(Cost.DROPOUT),
        ADAMW(Cost.ADAMW);

        private final Cost cost;

        Operation(Cost cost) {
            this.cost = cost;
        }
    }

    private final Team team;
    private final HeapTensor[] operands = new HeapTensor[5];
    private Operation operation;
    private final ActivationGradient[] gradients;
    private Activation function;
    private float above;
    private float upTo;
    private float factor;
    private int threshold;
    private long key;
    private AdamWStep step;

    ElementGradient(Team team) {
        this.team = team;
        gradients = new ActivationGradient[team.threads()];
        for (int worker = 0; worker < gradients.length; worker++) {
            gradients[worker] = new ActivationGradient(team.kernels(worker));
        }
    }

    void swiGluBackward(HeapTensor gate, HeapTensor up, HeapTensor dy, HeapTensor dGate, HeapTensor dUp) {
        String label = "swiGluBackward";
        Require.sameShape(label, "gate", gate, "up", up);
        Require.sameShape(label, "gate", gate, "dy", dy);
        Require.sameShape(label, "gate", gate, "dGate", dGate);
        Require.sameShape(label, "gate", gate, "dUp", dUp);
        Require.sameOrDisjoint(label, "dGate", dGate, "gate", gate);
        Require.sameOrDisjoint(label, "dUp", dUp, "up", up);
        Require.disjoint(label, "dGate", dGate, "up", up);
        Require.disjoint(label, "dUp", dUp, "gate", gate);
        Require.sameOrDisjoint(label, "dGate", dGate, "dy", dy);
        Require.sameOrDisjoint(label, "dUp", dUp, "dy", dy);
        Require.disjoint(label, "dGate", dGate, "dUp", dUp);
        run(Operation.SWIGLU, gate, up, dy, dGate, dUp);
    }

    void geluBackward(HeapTensor x, HeapTensor dy, HeapTensor dx) {
        unary(Operation.GELU_BACKWARD, "geluBackward", x, dy, dx);
    }

    void activateBackward(Activation function, HeapTensor x, HeapTensor dy, HeapTensor dx) {
        this.function = function;
        unary(Operation.ACTIVATION, "activateBackward", x, dy, dx);
    }

    void leakyReluBackward(HeapTensor x, float slope, HeapTensor dy, HeapTensor dx) {
        within(0, Float.POSITIVE_INFINITY, slope);
        unary(Operation.WITHIN, "leakyReluBackward", x, dy, dx);
    }

    void clipBackward(HeapTensor x, float lower, float upper, HeapTensor dy, HeapTensor dx) {
        if (Float.isNaN(lower) || Float.isNaN(upper)) {
            throw new IllegalArgumentException("clipBackward: bounds must be numbers, got " + lower + " and " + upper);
        }
        within(Math.nextDown(lower), upper, 0);
        unary(Operation.WITHIN, "clipBackward", x, dy, dx);
    }

    private void within(float above, float upTo, float outside) {
        this.above = above;
        this.upTo = upTo;
        this.factor = outside;
    }

    private void unary(Operation operation, String label, HeapTensor x, HeapTensor dy, HeapTensor dx) {
        Require.sameShape(label, "x", x, "dy", dy);
        Require.sameShape(label, "x", x, "dx", dx);
        Require.sameOrDisjoint(label, "dx", dx, "x", x);
        Require.sameOrDisjoint(label, "dx", dx, "dy", dy);
        run(operation, x, dy, dx, x, x);
    }

    void dropout(HeapTensor x, float rate, long key, HeapTensor y) {
        Require.sameShape("dropout", "x", x, "y", y);
        Require.sameOrDisjoint("dropout", "y", y, "x", x);
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout: rate must be in [0, 1), got " + rate);
        }
        this.threshold = (int) (rate * 0x1p24f);
        this.factor = (float) (1 / (1 - (double) rate));
        this.key = key;
        run(Operation.DROPOUT, x, y, x, x, x);
    }

    void adamW(HeapTensor parameters, HeapTensor gradients, HeapTensor first, HeapTensor second, AdamWStep step) {
        Require.sameShape("adamW", "parameters", parameters, "gradients", gradients);
        Require.sameShape("adamW", "parameters", parameters, "firstMoments", first);
        Require.sameShape("adamW", "parameters", parameters, "secondMoments", second);
        Require.disjoint("adamW", "parameters", parameters, "gradients", gradients);
        Require.disjoint("adamW", "parameters", parameters, "firstMoments", first);
        Require.disjoint("adamW", "parameters", parameters, "secondMoments", second);
        Require.disjoint("adamW", "firstMoments", first, "gradients", gradients);
        Require.disjoint("adamW", "secondMoments", second, "gradients", gradients);
        Require.disjoint("adamW", "firstMoments", first, "secondMoments", second);
        if (!step.isSet()) {
            throw new IllegalArgumentException("adamW: the step has no numbers; set them first");
        }
        int offset = parameters.offset();
        if (gradients.offset() != offset || first.offset() != offset || second.offset() != offset) {
            throw new IllegalArgumentException("adamW: all tensors must begin at the same offset, got " + offset + ", "
                    + gradients.offset() + ", " + first.offset() + ", " + second.offset());
        }
        this.step = step;
        run(Operation.ADAMW, parameters, gradients, first, second, parameters);
    }

    private void run(Operation operation, HeapTensor a, HeapTensor b, HeapTensor c, HeapTensor d, HeapTensor e) {
        this.operation = operation;
        operands[0] = a;
        operands[1] = b;
        operands[2] = c;
        operands[3] = d;
        operands[4] = e;
        try {
            team.run(Math.toIntExact(a.shape().elements()), operation.cost.picos(), ELEMENT_GROUP, this);
        } finally {
            Arrays.fill(operands, null);
            step = null;
        }
    }

    private float[] data(int operand) {
        return operands[operand].data();
    }

    private int at(int operand, int begin) {
        return operands[operand].offset() + begin;
    }

    @Override
    public void run(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        int length = end - begin;
        int at0 = at(0, begin);
        int at1 = at(1, begin);
        int at2 = at(2, begin);
        switch (operation) {
            case SWIGLU ->
                kernels.training()
                        .swiGluBackward(
                                data(0),
                                at0,
                                data(1),
                                at1,
                                data(2),
                                at2,
                                data(3),
                                at(3, begin),
                                data(4),
                                at(4, begin),
                                length);
            case GELU_BACKWARD -> kernels.training().geluBackward(data(0), at0, data(1), at1, data(2), at2, length);
            case ACTIVATION -> gradients[worker].backward(function, data(0), at0, data(1), at1, data(2), at2, length);
            case WITHIN ->
                kernels.elements()
                        .gradientWithin(data(0), at0, data(1), at1, data(2), at2, length, above, upTo, factor);
            case DROPOUT ->
                kernels.training().dropout(data(0), at0, data(1), at1, length, begin, key, threshold, factor);
            case ADAMW -> kernels.training().adamW(data(0), data(1), data(2), data(3), at0, length, step);
        }
    }
}
