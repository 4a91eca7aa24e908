// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.ElementKernels;
import dev.kelvin.operand.Activation;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;

/** Functions of single elements, gated or not, split into ranges of elements. */
final class Activations implements RangeTask {
    private static final int ELEMENT_GROUP = 1024;

    private enum Part {
        ACTIVATE,
        GATED,
        CLAMPED,
        SOFT_CAP
    }

    private final Team team;
    private Part part;
    private Activation function;
    private HeapTensor x;
    private HeapTensor up;
    private HeapTensor y;
    private float alpha;
    private float limit;

    Activations(Team team) {
        this.team = team;
    }

    void activate(Activation function, HeapTensor x, HeapTensor y) {
        this.function = function;
        run(Part.ACTIVATE, "activate", "x", x, x, y);
    }

    void gated(Activation function, HeapTensor gate, HeapTensor up, HeapTensor y) {
        this.function = function;
        run(Part.GATED, "gated", "gate", gate, up, y);
    }

    void clampedSwiGlu(HeapTensor gate, HeapTensor up, float alpha, float limit, HeapTensor y) {
        if (!(limit >= 0) || Float.isNaN(alpha)) {
            throw new IllegalArgumentException(
                    "clampedSwiGlu: limit must be at least 0 and alpha a number, got " + limit + " and " + alpha);
        }
        this.alpha = alpha;
        this.limit = limit;
        run(Part.CLAMPED, "clampedSwiGlu", "gate", gate, up, y);
    }

    void softCap(HeapTensor x, float cap, HeapTensor y) {
        if (!(cap > 0) || cap == Float.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("softCap: cap must be positive and finite, got " + cap);
        }
        this.limit = cap;
        run(Part.SOFT_CAP, "softCap", "x", x, x, y);
    }

    private void run(Part part, String operation, String name, HeapTensor x, HeapTensor up, HeapTensor y) {
        Require.sameShape(operation, name, x, "up", up);
        Require.sameShape(operation, name, x, "y", y);
        Require.sameOrDisjoint(operation, "y", y, name, x);
        Require.sameOrDisjoint(operation, "y", y, "up", up);
        this.part = part;
        this.x = x;
        this.up = up;
        this.y = y;
        try {
            team.run(Math.toIntExact(y.shape().elements()), Cost.ACTIVATION.picos(), ELEMENT_GROUP, this);
        } finally {
            this.x = null;
            this.up = null;
            this.y = null;
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        ElementKernels kernels = team.kernels(worker).elements();
        int length = end - begin;
        int xAt = x.offset() + begin;
        int upAt = up.offset() + begin;
        int yAt = y.offset() + begin;
        switch (part) {
            case ACTIVATE -> kernels.activate(function, x.data(), xAt, y.data(), yAt, length);
            case GATED -> kernels.gated(function, x.data(), xAt, up.data(), upAt, y.data(), yAt, length);
            case CLAMPED -> kernels.clampedSwiGlu(x.data(), xAt, up.data(), upAt, y.data(), yAt, length, alpha, limit);
            case SOFT_CAP -> kernels.softCap(x.data(), xAt, y.data(), yAt, length, limit);
        }
    }
}
