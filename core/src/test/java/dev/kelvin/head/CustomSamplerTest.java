// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Samplers from outside: what they keep and change is what is picked from, and mistakes are refused. */
class CustomSamplerTest {
    private static final float BANNED = Float.NEGATIVE_INFINITY;

    private static int pick(float[] logits, long seed, Sampler... samplers) {
        try (Compute compute = Compute.serial()) {
            return SamplerChain.of(samplers).start(compute, seed, 0).pick(HeapTensor.of(logits, logits.length));
        }
    }

    @Test
    void whatIsKeptIsPickedFrom() {
        CustomSampler even = (candidates, _) -> candidates.keepIf(i -> candidates.id(i) % 2 == 0);
        float[] logits = {1, 9, BANNED, 8, 2, 7};
        assertEquals(4, pick(logits, 0, even, new Temperature(0)));
        assertEquals(
                0, pick(logits, 0, new TopK(5), (CustomSampler) (c, _) -> c.keepIf(i -> c.id(i) < 1), new MinP(0)));
    }

    /** Logits are told over the temperature so far, banned ones not at all; −∞ drops, a bias is that of LogitBias. */
    @Test
    void logitsChange() {
        float[] logits = {1, 9, BANNED, 8, 2, 7};
        CustomSampler reversed = (candidates, _) -> candidates.changeLogits((id, z) -> {
            assertEquals(logits[id] / 2, z, "id " + id);
            return id == 0 ? BANNED : -z;
        });
        assertEquals(4, pick(logits, 0, new Temperature(2), reversed, new Temperature(0)));
        Random random = new Random(5);
        float[] many = new float[5000];
        for (int i = 0; i < many.length; i++) {
            many[i] = (float) random.nextGaussian();
        }
        CustomSampler bias = (candidates, _) -> candidates.changeLogits((id, z) -> id == 4321 ? z + 7 : z);
        LogitBias same = new LogitBias(List.of(new LogitBias.Entry(4321, 7)));
        for (long seed = 0; seed < 50; seed++) {
            assertEquals(pick(many, seed, same, new TopK(40)), pick(many, seed, bias, new TopK(40)), "seed " + seed);
        }
    }

    @Test
    void historyAndChanceAreThoseOfTheSequence() {
        record NoRepeat() implements CustomSampler {
            @Override
            public void apply(Candidates candidates, Sampling sampling) {
                assertTrue(sampling.chance() < 1);
                candidates.keepIf(i -> candidates.id(i) != sampling.tokenBefore(0));
            }

            @Override
            public boolean readsHistory() {
                return true;
            }
        }

        try (Compute compute = Compute.serial()) {
            Sampling sampling =
                    SamplerChain.of(new NoRepeat(), new Temperature(0)).start(compute, 0, 0);
            sampling.accept(0);
            HeapTensor logits = HeapTensor.of(new float[] {1, 3, 2}, 3);
            assertEquals(1, sampling.pick(logits));
            assertEquals(2, sampling.pick(logits));
            assertEquals(1, sampling.pick(logits));
        }
    }

    @Test
    void mistakesAreRefused() {
        CustomSampler none = (candidates, _) -> candidates.keepIf(_ -> false);
        CustomSampler banned = (candidates, _) -> candidates.changeLogits((_, _) -> BANNED);
        CustomSampler nan = (candidates, _) -> candidates.changeLogits((id, z) -> id == 1 ? Float.NaN : z);
        float[] logits = {1, 2};
        refused("sampling: a sampler leaves no candidate", none, logits);
        refused("sampling: a sampler leaves no candidate", banned, logits);
        refused("sampling: a sampler makes the logit of id 1 NaN", nan, logits);
    }

    private static void refused(String message, Sampler sampler, float[] logits) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> pick(logits, 0, sampler));
        assertEquals(message, e.getMessage());
    }
}
