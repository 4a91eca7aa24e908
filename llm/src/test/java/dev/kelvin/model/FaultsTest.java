// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.AttentionPlan;
import java.io.IOException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Files that other engines read, which were refused. */
class FaultsTest {
    private static void loads(String name, Consumer<Decoder> check) throws IOException {
        try (Compute compute = Compute.serial();
                GgufFile file = GgufFile.open(SharedData.require("faults/" + name))) {
            Decoder decoder = LanguageModels.load(file, compute);
            assertTrue(Forwards.logits(decoder, 1, 2, 3).columns() > 3);
            check.accept(decoder);
        }
    }

    @Test
    void biasesOfAttention() throws IOException {
        loads("r07-attn-bias.gguf", decoder -> {
            AttentionPlan plan =
                    (AttentionPlan) decoder.plan().branches().getFirst().layer();
            assertNotNull(plan.query().bias());
            assertNotNull(plan.output().bias());
        });
    }

    @Test
    void headsAsArrays() throws IOException {
        loads("r11-heads-as-arrays.gguf", decoder -> {
            AttentionPlan plan =
                    (AttentionPlan) decoder.plan().branches().getFirst().layer();
            assertEquals(plan.query().outputDim(), plan.heads().queryDim());
        });
    }
}
