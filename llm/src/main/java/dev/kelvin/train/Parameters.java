// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.head.CounterRandom;
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
final class Parameters {
    private static final double DEVIATION = 0.02;

    /** One tensor: name in the GGUF file, extents, and how it begins: a matrix by deviation, a vector by a constant. */
    private record Declaration(String name, Shape shape, double deviation, float constant) {
        boolean matrix() {
            return shape.rank() == 2;
        }
    }

    private final Map<String, Integer> offsets = new LinkedHashMap<>();
    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final HeapTensor values;
    private final HeapTensor gradients;
    private final HeapTensor firstMoments;
    private final HeapTensor secondMoments;
    private final int decayed;

    private Parameters(List<Declaration> declarations, long seed) {
        int offset = 0;
        List<Declaration> ordered = new ArrayList<>();
        declarations.stream().filter(Declaration::matrix).forEach(ordered::add);
        int matrices = ordered.size();
        declarations.stream().filter(each -> !each.matrix()).forEach(ordered::add);
        int vectorsFrom = 0;
        for (int i = 0; i < ordered.size(); i++) {
            Declaration each = ordered.get(i);
            offsets.put(each.name(), offset);
            shapes.put(each.name(), each.shape());
            offset = Math.addExact(offset, Math.toIntExact(each.shape().elements()));
            if (i < matrices) {
                vectorsFrom = offset;
            }
        }
        decayed = vectorsFrom;
        values = HeapTensor.zeros(offset);
        gradients = HeapTensor.zeros(offset);
        firstMoments = HeapTensor.zeros(offset);
        secondMoments = HeapTensor.zeros(offset);
        for (int i = 0; i < ordered.size(); i++) {
            fill(ordered.get(i), i, seed);
        }
    }

    /** Normal deviates by Box and Muller's method, each a pure function of (seed, tensor, element). */
    private void fill(Declaration each, int number, long seed) {
        int from = offsets.get(each.name());
        int length = (int) each.shape().elements();
        float[] data = values.data();
        if (!each.matrix()) {
            Arrays.fill(data, from, from + length, each.constant());
            return;
        }
        for (int i = 0; i < length; i += 2) {
            double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - CounterRandom.uniform(seed, number, i)));
            double angle = 2 * Math.PI * CounterRandom.uniform(seed, number, i + 1L);
            data[from + i] = (float) (each.deviation() * radius * StrictMath.cos(angle));
            if (i + 1 < length) {
                data[from + i + 1] = (float) (each.deviation() * radius * StrictMath.sin(angle));
            }
        }
    }

    /** The parameters of a decoder, with their initial values. */
    static Parameters of(DecoderShape shape, long seed) {
        List<Declaration> all = new ArrayList<>();
        beforeLayers(all, shape);
        for (int layer = 0; layer < shape.layers(); layer++) {
            layer(all, shape, layer);
        }
        afterLayers(all, shape);
        return new Parameters(all, seed);
    }

    /**
     * How many numbers the parameters of a decoder are; makes none of them.
     *
     * @throws ArithmeticException if they are more than an array holds
     */
    static int count(DecoderShape shape) {
        List<Declaration> once = new ArrayList<>();
        beforeLayers(once, shape);
        afterLayers(once, shape);
        List<Declaration> layer = new ArrayList<>();
        layer(layer, shape, 0);
        return Math.toIntExact(Math.addExact(elements(once), Math.multiplyExact(elements(layer), shape.layers())));
    }

    private static long elements(List<Declaration> declarations) {
        long sum = 0;
        for (Declaration each : declarations) {
            sum = Math.addExact(sum, each.shape().elements());
        }
        return sum;
    }

    private static void beforeLayers(List<Declaration> all, DecoderShape shape) {
        matrix(all, "token_embd.weight", shape.vocabSize(), shape.dim(), DEVIATION);
        if (shape.architecture() == Architecture.GPT2) {
            matrix(all, "position_embd.weight", shape.contextLength(), shape.dim(), DEVIATION);
        }
    }

    private static void layer(List<Declaration> all, DecoderShape shape, int layer) {
        int dim = shape.dim();
        boolean gpt2 = shape.architecture() == Architecture.GPT2;
        // Branches add up over the layers; their last projections begin smaller by as much. (Radford et al., 2019.)
        double last = DEVIATION / Math.sqrt(2.0 * shape.layers());
        String block = "blk." + layer + ".";
        norm(all, block + "attn_norm", dim, gpt2);
        if (gpt2) {
            linear(all, block + "attn_qkv", Math.multiplyExact(3, dim), dim, DEVIATION, true);
        } else {
            linear(all, block + "attn_q", dim, dim, DEVIATION, false);
            linear(all, block + "attn_k", shape.kvDim(), dim, DEVIATION, false);
            linear(all, block + "attn_v", shape.kvDim(), dim, DEVIATION, false);
        }
        linear(all, block + "attn_output", dim, dim, last, gpt2);
        norm(all, block + "ffn_norm", dim, gpt2);
        if (!gpt2) {
            linear(all, block + "ffn_gate", shape.ffnDim(), dim, DEVIATION, false);
        }
        linear(all, block + "ffn_up", shape.ffnDim(), dim, DEVIATION, gpt2);
        linear(all, block + "ffn_down", dim, shape.ffnDim(), last, gpt2);
    }

    private static void afterLayers(List<Declaration> all, DecoderShape shape) {
        norm(all, "output_norm", shape.dim(), shape.architecture() == Architecture.GPT2);
        if (!shape.tied()) {
            matrix(all, "output.weight", shape.vocabSize(), shape.dim(), DEVIATION);
        }
    }

    private static void matrix(List<Declaration> all, String name, int rows, int columns, double deviation) {
        all.add(new Declaration(name, Shape.of(rows, columns), deviation, 0));
    }

    private static void vector(List<Declaration> all, String name, int length, float constant) {
        all.add(new Declaration(name, Shape.of(length), 0, constant));
    }

    private static void linear(
            List<Declaration> all, String name, int rows, int columns, double deviation, boolean biased) {
        matrix(all, name + ".weight", rows, columns, deviation);
        if (biased) {
            vector(all, name + ".bias", rows, 0);
        }
    }

    private static void norm(List<Declaration> all, String name, int dim, boolean biased) {
        vector(all, name + ".weight", dim, 1);
        if (biased) {
            vector(all, name + ".bias", dim, 0);
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

    /** A tensor's gradient. */
    HeapTensor gradient(String name) {
        return view(gradients, name);
    }

    /** Whether there is such a tensor. */
    boolean contains(String name) {
        return offsets.containsKey(name);
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
