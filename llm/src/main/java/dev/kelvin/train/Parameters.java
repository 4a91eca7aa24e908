// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.head.CounterRandom;
import dev.kelvin.nn.WeightSource;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.Part;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All trainable numbers of a decoder, with their gradients and both moments of AdamW, each in one array. Matrices come
 * first, because only they decay.
 */
final class Parameters implements WeightSource {
    private static final double DEVIATION = 0.02;

    private final Map<String, Integer> offsets = new LinkedHashMap<>();
    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final HeapTensor values;
    private final HeapTensor gradients;
    private final HeapTensor firstMoments;
    private final HeapTensor secondMoments;
    private final int decayed;

    /** The parameters of a decoder, with their initial values. */
    Parameters(DecoderPlan plan, long seed) {
        int offset = 0;
        int vectorsFrom = 0;
        List<Weight> ordered = new ArrayList<>();
        plan.weights().stream().filter(Parameters::isMatrix).forEach(ordered::add);
        plan.weights().stream().filter(weight -> !isMatrix(weight)).forEach(ordered::add);
        for (Weight weight : ordered) {
            offsets.put(weight.name(), offset);
            shapes.put(weight.name(), weight.shape());
            offset = Math.addExact(offset, Math.toIntExact(weight.shape().elements()));
            vectorsFrom = isMatrix(weight) ? offset : vectorsFrom;
        }
        decayed = vectorsFrom;
        values = HeapTensor.zeros(offset);
        gradients = HeapTensor.zeros(offset);
        firstMoments = HeapTensor.zeros(offset);
        secondMoments = HeapTensor.zeros(offset);
        // Branches add up over the layers; their last projections begin smaller by as much. (Radford et al., 2019.)
        double last = DEVIATION / Math.sqrt(plan.branches().size());
        for (int i = 0; i < ordered.size(); i++) {
            Weight weight = ordered.get(i);
            switch (weight.role()) {
                case TABLE, PROJECTION -> fill(weight, i, seed, DEVIATION);
                case BRANCH_END -> fill(weight, i, seed, last);
                case GAIN -> fill(weight, 1);
                case BIAS -> fill(weight, 0);
            }
        }
    }

    private static boolean isMatrix(Weight weight) {
        return weight.shape().rank() == 2;
    }

    private void fill(Weight weight, float constant) {
        int from = offsets.get(weight.name());
        Arrays.fill(values.data(), from, from + weight.rows(), constant);
    }

    /** Normal deviates by Box and Muller's method, each a pure function of (seed, tensor, element). */
    private void fill(Weight weight, int number, long seed, double deviation) {
        int from = offsets.get(weight.name());
        int length = (int) weight.shape().elements();
        float[] data = values.data();
        for (int i = 0; i < length; i += 2) {
            double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - CounterRandom.uniform(seed, number, i)));
            double angle = 2 * Math.PI * CounterRandom.uniform(seed, number, i + 1L);
            data[from + i] = (float) (deviation * radius * StrictMath.cos(angle));
            if (i + 1 < length) {
                data[from + i + 1] = (float) (deviation * radius * StrictMath.sin(angle));
            }
        }
    }

    /** The names of all tensors, matrices first. */
    List<String> names() {
        return List.copyOf(offsets.keySet());
    }

    /** A tensor. */
    HeapTensor value(String name) {
        return view(values, name);
    }

    /** The gradient of a tensor. */
    HeapTensor gradient(String name) {
        return view(gradients, name);
    }

    /** The gradient of a part of a tensor. */
    HeapTensor gradient(Part part) {
        return view(gradients, part);
    }

    @Override
    public HeapTensor table(Weight weight) {
        return view(values, weight.name());
    }

    @Override
    public HeapTensor factor(Part part) {
        return view(values, part);
    }

    @Override
    public HeapTensor vector(Part part) {
        return view(values, part);
    }

    private HeapTensor view(HeapTensor all, Part part) {
        HeapTensor whole = view(all, part.weight().name());
        return isMatrix(part.weight())
                ? whole.rowRange(part.begin(), part.end())
                : HeapTensor.view(whole.data(), whole.offset() + part.begin(), part.rows());
    }

    private HeapTensor view(HeapTensor all, String name) {
        Shape shape = shapes.get(name);
        int[] dims = shape.rank() == 2 ? new int[] {shape.rows(), shape.columns()} : new int[] {shape.columns()};
        return HeapTensor.view(all.data(), offsets.get(name), dims);
    }

    /** All values. */
    HeapTensor values() {
        return values;
    }

    /** All gradients. */
    HeapTensor gradients() {
        return gradients;
    }

    /** All first moments. */
    HeapTensor firstMoments() {
        return firstMoments;
    }

    /** All second moments. */
    HeapTensor secondMoments() {
        return secondMoments;
    }

    /** How many of the numbers, from the first on, belong to matrices. */
    int decayed() {
        return decayed;
    }

    /** How many numbers there are. */
    int count() {
        return values.columns();
    }

    /** Extents by name, in order. */
    Map<String, Shape> shapes() {
        return Collections.unmodifiableMap(shapes);
    }
}
