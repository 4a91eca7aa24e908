// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples;

import dev.kelvin.head.CounterRandom;
import dev.kelvin.head.CrossEntropy;
import dev.kelvin.head.LogitProjection;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;

/** Goes from a hidden state to logits, probabilities, a token and a loss, by {@code kelvin-core} alone. */
public final class TensorCore {
    private TensorCore() {}

    /** Takes nothing. */
    public static void main(String[] args) {
        HeapTensor hidden = HeapTensor.of(new float[] {1, 2}, 1, 2); // [B, D]
        HeapTensor weight = HeapTensor.of(new float[] {2, 0, 0, 0.5f, 0.1f, 0}, 3, 2); // [V, D]
        try (Compute compute = Compute.start(2)) { // two threads; any other number gives the same bits
            LogitProjection head = new LogitProjection(compute, weight);
            HeapTensor logits = HeapTensor.zeros(1, 3);
            head.forward(hidden, logits); // hidden·Wᵀ
            System.out.println("logits  " + Arrays.toString(logits.data()));
            HeapTensor probs = HeapTensor.zeros(1, 3);
            for (float temperature : new float[] {0, 0.7f, Float.POSITIVE_INFINITY}) {
                compute.softmax(logits, temperature, probs); // exact at both limits
                System.out.println("τ = " + temperature + "  " + Arrays.toString(probs.data()));
            }
            double draw = CounterRandom.uniform(42, 0, 17); // of a seed, a sequence and a position, nothing else
            System.out.println("token   " + head.sample(hidden, 0.7f, draw)); // without the logits being stored
            int[] labels = {0};
            System.out.println("loss    " + new CrossEntropy(compute).forward(hidden, weight, labels, 1) + " nats");
        }
    }
}
