// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.composed.NormRows;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;

/** LayerNorm and the derivatives of both norms: rows of x first, then columns of the weights. */
final class Norms implements RangeTask {
    /** Columns are cut in multiples of so many: a cache line. */
    private static final int COLUMN_GROUP = 16;

    private enum Part {
        FORWARD,
        ROWS,
        COLUMNS
    }

    private final Team team;
    private final NormRows[] norms;
    private float[] statistics = new float[0];
    private Part part;
    private HeapTensor x;
    private HeapTensor weight;
    private HeapTensor bias;
    private float epsilon;
    private HeapTensor dy;
    private HeapTensor y;
    private HeapTensor dWeight;

    Norms(Team team) {
        this.team = team;
        this.norms = new NormRows[team.threads()];
        for (int i = 0; i < norms.length; i++) {
            norms[i] = new NormRows(team.kernels(i));
        }
    }

    /** LayerNorm; weight and bias may be null, the weight only with the bias. */
    void forward(HeapTensor x, HeapTensor weight, HeapTensor bias, float epsilon, HeapTensor y) {
        String operation = "layerNorm";
        checkEpsilon(operation, epsilon);
        Require.sameShape(operation, "x", x, "y", y);
        Require.sameOrDisjoint(operation, "y", y, "x", x);
        if (weight != null) {
            vector(operation, x, "weight", weight);
            Require.disjoint(operation, "y", y, "weight", weight);
        }
        if (bias != null) {
            vector(operation, x, "bias", bias);
            Require.disjoint(operation, "y", y, "bias", bias);
        }
        set(x, weight, bias, epsilon, null, y, null);
        try {
            part = Part.FORWARD;
            team.run(x.rows(), Cost.LAYER_NORM.picos() * x.columns(), 1, this);
        } finally {
            set(null, null, null, 0, null, null, null);
        }
    }

    /** Both norms; dBias is null for RMSNorm. */
    void backward(
            String operation,
            HeapTensor x,
            HeapTensor weight,
            float epsilon,
            HeapTensor dy,
            HeapTensor dx,
            HeapTensor dWeight,
            HeapTensor dBias) {
        check(operation, x, weight, epsilon);
        vector(operation, x, "dWeight", dWeight);
        Require.sameShape(operation, "x", x, "dy", dy);
        Require.sameShape(operation, "x", x, "dx", dx);
        apart(operation, "dx", dx, x, weight, dy);
        apart(operation, "dWeight", dWeight, x, weight, dy);
        Require.disjoint(operation, "dWeight", dWeight, "dx", dx);
        if (dBias != null) {
            vector(operation, x, "dBias", dBias);
            apart(operation, "dBias", dBias, x, weight, dy);
            Require.disjoint(operation, "dBias", dBias, "dx", dx);
            Require.disjoint(operation, "dBias", dBias, "dWeight", dWeight);
        }
        int numbers = Math.multiplyExact(NormRows.STATISTICS, x.rows());
        if (statistics.length < numbers) {
            statistics = new float[numbers];
        }
        set(x, weight, dBias, epsilon, dy, dx, dWeight);
        try {
            part = Part.ROWS;
            team.run(x.rows(), 2 * Cost.LAYER_NORM.picos() * x.columns(), 1, this);
            part = Part.COLUMNS;
            team.run(x.columns(), Cost.LAYER_NORM.picos() * x.rows(), COLUMN_GROUP, this);
        } finally {
            set(null, null, null, 0, null, null, null);
        }
    }

    private void set(
            HeapTensor x,
            HeapTensor weight,
            HeapTensor bias,
            float epsilon,
            HeapTensor dy,
            HeapTensor y,
            HeapTensor dWeight) {
        this.x = x;
        this.weight = weight;
        this.bias = bias;
        this.epsilon = epsilon;
        this.dy = dy;
        this.y = y;
        this.dWeight = dWeight;
    }

    private static void check(String operation, HeapTensor x, HeapTensor weight, float epsilon) {
        vector(operation, x, "weight", weight);
        checkEpsilon(operation, epsilon);
    }

    private static void checkEpsilon(String operation, float epsilon) {
        if (!(epsilon >= 0) || epsilon == Float.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(operation + ": epsilon must be finite and at least 0, got " + epsilon);
        }
    }

    private static void vector(String operation, HeapTensor x, String name, HeapTensor vector) {
        Require.oneRow(operation, name, vector);
        Require.sameColumns(operation, "x", x, name, vector);
    }

    private static void apart(
            String operation, String name, HeapTensor out, HeapTensor x, HeapTensor weight, HeapTensor dy) {
        Require.disjoint(operation, name, out, "x", x);
        Require.disjoint(operation, name, out, "weight", weight);
        Require.disjoint(operation, name, out, "dy", dy);
    }

    @Override
    public void run(int worker, int begin, int end) {
        NormRows norm = norms[worker];
        switch (part) {
            case FORWARD -> norm.layerNorm(x, weight, bias, epsilon, y, begin, end);
            case ROWS -> norm.backward(x, weight, epsilon, bias != null, dy, y, statistics, begin, end);
            case COLUMNS -> norm.weightBackward(x, statistics, dy, dWeight, bias, begin, end);
        }
    }
}
