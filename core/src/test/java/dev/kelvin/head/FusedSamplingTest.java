// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.ops.ComputeGrid;
import dev.kelvin.tensor.HeapTensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A sequence that is sampled straight from hidden states is the one that is picked from logits. */
class FusedSamplingTest {
    private static final int VOCAB = 9001;
    private static final int DIM = 8;
    private static final List<SamplerChain> CHAINS = List.of(
            SamplerChain.of(),
            SamplerChain.of(new Categorical()),
            SamplerChain.of(new Temperature(0)),
            SamplerChain.of(new Temperature(0.6f)),
            SamplerChain.of(new Temperature(1e-40f), new Categorical()),
            SamplerChain.of(new Temperature(Float.POSITIVE_INFINITY)),
            SamplerChain.of(new Greedy()));

    private static HeapTensor random(long seed, int... dims) {
        HeapTensor tensor = HeapTensor.zeros(dims);
        Random random = new Random(seed);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextGaussian();
        }
        return tensor;
    }

    @Test
    void sampleIsProjectionAndPick() {
        LogitProjection head = new LogitProjection(ComputeGrid.fastest(), random(1, VOCAB, DIM));
        HeapTensor logits = HeapTensor.zeros(1, VOCAB);
        for (SamplerChain chain : CHAINS) {
            assertTrue(chain.isTemperatureOnly(), () -> chain.toString());
            Sampling picking = chain.start(ComputeGrid.fastest(), 7, 1);
            Sampling sampling = chain.start(ComputeGrid.fastest(), 7, 1);
            picking.accept(3, 5);
            sampling.accept(3, 5);
            for (int i = 0; i < 200; i++) {
                HeapTensor hidden = random(i, 1, DIM);
                head.forward(hidden, logits);
                assertEquals(picking.pick(logits), sampling.sample(head, hidden), chain + ", token " + i);
            }
            assertEquals(202, sampling.position());
            assertThrows(IllegalStateException.class, sampling::logProb);
        }
    }

    @Test
    void aBiasIsAddedBeforeTheCap() {
        HeapTensor weight = random(1, VOCAB, DIM);
        HeapTensor bias = random(2, VOCAB);
        LogitProjection plain = new LogitProjection(ComputeGrid.fastest(), weight);
        for (float cap : new float[] {Float.POSITIVE_INFINITY, 1.5f}) {
            LogitProjection head = new LogitProjection(ComputeGrid.fastest(), weight, bias, cap);
            HeapTensor products = HeapTensor.zeros(1, VOCAB);
            HeapTensor logits = HeapTensor.zeros(1, VOCAB);
            Sampling picking = CHAINS.getFirst().start(ComputeGrid.fastest(), 7, 1);
            Sampling sampling = CHAINS.getFirst().start(ComputeGrid.fastest(), 7, 1);
            for (int i = 0; i < 50; i++) {
                HeapTensor hidden = random(i, 1, DIM);
                plain.forward(hidden, products);
                head.forward(hidden, logits);
                for (int id = 0; id < VOCAB; id++) {
                    float sum = products.data()[id] + bias.data()[id];
                    double expected = cap == 1.5f ? cap * Math.tanh(sum / cap) : sum;
                    assertEquals(expected, logits.data()[id], 1e-6, "logit " + id);
                }
                assertEquals(picking.pick(logits), sampling.sample(head, hidden), "token " + i);
            }
        }
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class,
                () -> new LogitProjection(ComputeGrid.fastest(), weight, random(1, DIM), 1));
        assertTrue(refusal.getMessage().contains("[" + VOCAB + "]"), refusal.getMessage());
    }

    @Test
    void chainsThatNeedLogitsAreRefused() {
        LogitProjection head = new LogitProjection(ComputeGrid.fastest(), random(1, VOCAB, DIM));
        for (SamplerChain chain : List.of(
                SamplerChain.of(new TopK(3)),
                SamplerChain.of(new Temperature(1), new Temperature(2)),
                SamplerChain.of(new TopP(0.9f), new Temperature(1), new Categorical()))) {
            assertFalse(chain.isTemperatureOnly(), () -> chain.toString());
            Sampling sampling = chain.start(ComputeGrid.fastest(), 7, 1);
            IllegalStateException refusal =
                    assertThrows(IllegalStateException.class, () -> sampling.sample(head, random(1, 1, DIM)));
            assertEquals("sampling: " + chain + " is more than a temperature and needs logits", refusal.getMessage());
        }
    }
}
