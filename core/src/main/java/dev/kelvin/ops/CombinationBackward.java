// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Combination;
import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.composed.CombinationGradient;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;

/** Derivatives of what is made of the elements of two tensors, split into ranges of elements. */
final class CombinationBackward implements RangeTask {
    private static final int ELEMENT_GROUP = 1024;

    private final Team team;
    private final CombinationGradient[] gradients;
    private Combination combination;
    private HeapTensor a;
    private HeapTensor b;
    private HeapTensor dy;
    private HeapTensor da;
    private HeapTensor db;

    CombinationBackward(Team team) {
        this.team = team;
        gradients = new CombinationGradient[team.threads()];
        for (int worker = 0; worker < gradients.length; worker++) {
            gradients[worker] = new CombinationGradient(team.kernels(worker));
        }
    }

    void apply(Combination combination, HeapTensor a, HeapTensor b, HeapTensor dy, HeapTensor da, HeapTensor db) {
        String label =
                switch (combination) {
                    case MIN -> "minBackward";
                    case MAX -> "maxBackward";
                    case POW -> "powBackward";
                    default -> throw new AssertionError(combination);
                };
        Require.sameShape(label, "a", a, "b", b);
        Require.sameShape(label, "a", a, "dy", dy);
        result(label, "da", da, a, b, dy);
        result(label, "db", db, a, b, dy);
        Require.disjoint(label, "da", da, "db", db);
        this.combination = combination;
        this.a = a;
        this.b = b;
        this.dy = dy;
        this.da = da;
        this.db = db;
        try {
            long each = combination == Combination.POW ? 2 * Cost.POWER.picos() : Cost.ARITHMETIC.picos();
            team.run(Math.toIntExact(a.shape().elements()), each, ELEMENT_GROUP, this);
        } finally {
            this.a = null;
            this.b = null;
            this.dy = null;
            this.da = null;
            this.db = null;
        }
    }

    private static void result(
            String label, String name, HeapTensor gradient, HeapTensor a, HeapTensor b, HeapTensor dy) {
        Require.sameShape(label, "a", a, name, gradient);
        Require.disjoint(label, name, gradient, "a", a);
        Require.disjoint(label, name, gradient, "b", b);
        Require.disjoint(label, name, gradient, "dy", dy);
    }

    @Override
    public void run(int worker, int begin, int end) {
        int length = end - begin;
        int aAt = a.offset() + begin;
        int bAt = b.offset() + begin;
        int dyAt = dy.offset() + begin;
        CombinationGradient gradient = gradients[worker];
        gradient.first(
                combination, a.data(), aAt, b.data(), bAt, dy.data(), dyAt, da.data(), da.offset() + begin, length);
        gradient.second(
                combination, a.data(), aAt, b.data(), bAt, dy.data(), dyAt, db.data(), db.offset() + begin, length);
    }
}
