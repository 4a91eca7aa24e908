// SPDX-License-Identifier: Apache-2.0
package dev.kelvin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.head.CounterRandom;
import dev.kelvin.head.CrossEntropy;
import dev.kelvin.head.LogitProjection;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.head.Sampling;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The example of docs/howto/use-in-your-program.md compiles, runs, and is the one that stands there. */
class HowtoTest {
    @Test
    void example() {
        HeapTensor weight = HeapTensor.of(new float[] {1, 0, 0, 1, 1, 1}, 3, 2);
        HeapTensor hidden = HeapTensor.of(new float[] {1, 2}, 1, 2);
        HeapTensor logits = HeapTensor.zeros(1, 3);
        HeapTensor probs = HeapTensor.zeros(1, 3);
        int[] labels = {2};
        HeapTensor dHidden = HeapTensor.zeros(1, 2);
        HeapTensor dWeight = HeapTensor.zeros(3, 2);
        // howto begins
        try (Compute compute = Compute.start(2)) {
            LogitProjection head = new LogitProjection(compute, weight);
            int token = head.sample(hidden, 0.7f, CounterRandom.uniform(42, 0, 17));
            double loss = new CrossEntropy(compute).forwardBackward(hidden, weight, labels, 1, dHidden, dWeight);
            head.forward(hidden, logits);
            compute.softmax(logits, 0.7f, probs);
            SamplerChain chain = SamplerChain.of(new TopK(40), new Temperature(0.7f));
            Sampling sampling = chain.start(compute, 42, 0);
            sampling.accept(1, 2);
            int next = sampling.pick(logits);
            // howto ends
            assertTrue(token >= 0 && token < 3, () -> "token " + token);
            assertTrue(next >= 0 && next < 3, () -> "token " + next);
            assertEquals(Math.log(1 + Math.exp(-1) + Math.exp(-2)), loss, 1e-6);
        }
        // dz = p - [label] with p of the logits 1, 2, 3; dHidden = dz·W, of which column 0 sums tokens 0 and 2.
        double total = Math.exp(-2) + Math.exp(-1) + 1;
        assertEquals(Math.exp(-2) / total + 1 / total - 1, dHidden.data()[0], 1e-6);
        assertEquals(2 * Math.exp(-1) / total, dWeight.data()[3], 1e-6);
        assertEquals(3, logits.data()[2]);
        assertEquals(1 / (1 + Math.exp(-1 / 0.7) + Math.exp(-2 / 0.7)), probs.data()[2], 1e-6);
    }

    @Test
    void isTheOneOfTheHowto() throws IOException {
        String source = "src/test/java/dev/kelvin/HowtoTest.java";
        Path core = Files.exists(Path.of(source)) ? Path.of("") : Path.of("core");
        List<String> test = Files.readAllLines(core.resolve(source)).stream()
                .map(String::strip)
                .toList();
        List<String> howto =
                Files.readAllLines(core.toAbsolutePath().resolve("../docs/howto/use-in-your-program.md")).stream()
                        .map(line -> line.replaceFirst(" +//.*", "").strip())
                        .toList();
        List<String> example = test.subList(test.indexOf("// howto begins") + 1, test.indexOf("// howto ends"));
        int begin = howto.indexOf(example.getFirst());
        assertTrue(begin >= 0, "the howto does not hold: " + example.getFirst());
        assertEquals(example, howto.subList(begin, begin + example.size()));
    }
}
