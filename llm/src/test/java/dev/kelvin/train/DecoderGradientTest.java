// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.model.DecoderShape;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Loss and gradient of whole decoders of two layers, every parameter, against central differences in double. */
class DecoderGradientTest {
    private static final double STEP = 1e-5;

    @Test
    void llamaWithTiedTable() {
        check(new DecoderShape("llama", 11, 5, 8, 12, 4, 2, 2, true));
    }

    @Test
    void llamaWithATableOfItsOwn() {
        check(new DecoderShape("llama", 7, 37, 12, 10, 2, 2, 2, false));
    }

    @Test
    void gpt2() {
        check(new DecoderShape("gpt2", 11, 5, 8, 12, 2, 2, 2, true));
    }

    private static void check(DecoderShape shape) {
        int batch = 2;
        Random random = new Random(1);
        Parameters parameters = new Parameters(shape.plan(), 5);
        float[] values = parameters.values().data();
        for (int i = 0; i < values.length; i++) {
            // Weights as they are after training, so that no derivative is lost in the smallness of the first ones.
            values[i] += (float) (0.3 * random.nextGaussian());
        }
        int[] inputs = random.ints((long) batch * shape.contextLength(), 0, shape.vocabSize())
                .toArray();
        int[] labels = random.ints(inputs.length, 0, shape.vocabSize()).toArray();
        NaiveDecoder naive = new NaiveDecoder(shape, parameters);
        try (Compute compute = Compute.serial()) {
            DecoderLoss decoder = new DecoderLoss(shape.plan(), parameters, batch, 0, Activations.STORED, compute);
            double loss = naive.loss(inputs, labels);
            assertEquals(loss, decoder.loss(inputs, labels), 1e-5 * loss);
            assertEquals(loss, decoder.lossAndGradients(inputs, labels, 0.5, 0), 1e-5 * loss);
        }
        double largest = 0;
        for (String name : parameters.names()) {
            double[] tensor = naive.tensor(name);
            HeapTensor gradient = parameters.gradient(name);
            for (int i = 0; i < tensor.length; i++) {
                double value = tensor[i];
                tensor[i] = value + STEP;
                double above = naive.loss(inputs, labels);
                tensor[i] = value - STEP;
                double below = naive.loss(inputs, labels);
                tensor[i] = value;
                double expected = 0.5 * (above - below) / (2 * STEP);
                largest = Math.max(largest, Math.abs(expected));
                assertEquals(expected, gradient.data()[gradient.offset() + i], 2e-6, name + " at " + i);
            }
        }
        assertTrue(largest > 1e-2, "gradients too small to tell a mistake: " + largest);
    }
}
