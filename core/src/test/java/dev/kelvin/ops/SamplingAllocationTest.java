// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.head.Dry;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Mirostat;
import dev.kelvin.head.Penalties;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.head.Sampling;
import dev.kelvin.head.SequenceBreakers;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopNSigma;
import dev.kelvin.head.TopP;
import dev.kelvin.head.Typical;
import dev.kelvin.head.Xtc;
import dev.kelvin.kernel.scalar.ScalarKernels;
import dev.kelvin.parallel.Workers;
import dev.kelvin.tensor.HeapTensor;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A pick allocates nothing once it is warm, but for the history that grows. With scalar kernels, as
 * {@link ComputeAllocationTest} says; the benchmark shows the same on lanes.
 */
class SamplingAllocationTest {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final int WARM = 600;
    private static final int CALLS = 400;

    /** Less than half of one object of 16 bytes a call. The history has room for 1024 tokens before the count. */
    private static final long NOISE = 8 * CALLS;

    @Test
    void aPickAllocatesNothing() {
        check(SamplerChain.of(new TopK(40), new TopP(0.95f), new MinP(0.05f), new Temperature(0.8f)));
        check(SamplerChain.of(new TopP(0.9f), new TopK(700), new Temperature(2)));
        check(SamplerChain.of(
                new Penalties(64, 1.1f, 0.1f, 0),
                new Dry(1, 1.75f, 2, 64, SequenceBreakers.of(List.of(List.of(3), List.of(4, 5)))),
                new TopNSigma(2),
                new Typical(0.9f),
                new Xtc(0.5f, 0.1f),
                new Mirostat(3, 0.1f)));
    }

    private static void check(SamplerChain chain) {
        try (Compute compute = new Compute(Workers.start(1), ScalarKernels::new)) {
            // Other logits in the same place, as a model leaves them.
            float[][] rows = new float[4][1000];
            Random random = new Random(1);
            for (float[] row : rows) {
                for (int id = 0; id < row.length; id++) {
                    row[id] = (float) (3 * random.nextGaussian());
                }
            }
            HeapTensor logits = HeapTensor.zeros(1000);
            Sampling sampling = chain.start(compute, 1, 0);
            for (int i = 0; i < WARM; i++) {
                System.arraycopy(rows[i % rows.length], 0, logits.data(), 0, 1000);
                sampling.pick(logits);
            }
            // Other threads of this JVM are counted too: picks that allocate do so in each round.
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 3 && least >= NOISE; round++) {
                long before = THREADS.getTotalThreadAllocatedBytes();
                for (int i = 0; i < CALLS; i++) {
                    System.arraycopy(rows[i % rows.length], 0, logits.data(), 0, 1000);
                    sampling.pick(logits);
                }
                least = Math.min(least, THREADS.getTotalThreadAllocatedBytes() - before);
            }
            long bytes = least;
            assertTrue(bytes < NOISE, () -> chain + ": " + bytes + " bytes in " + CALLS + " picks");
        }
    }
}
