// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.generate.Engine;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What memory does not hold is told before the work begins. */
class MemoryForecastTest {
    @TempDir
    Path folder;

    @Test
    void aTextThatMemoryEndsIsForetold() throws IOException {
        try (OpenModel open = OpenModel.of(EmbeddedModel.open(), Compute.serial(), LoadOptions.QUIET)) {
            EngineLimits few = EngineLimits.STANDARD.withKeysAndValues(600_000, DType.F32);
            Engine small = new Engine(open.model(), open.tokenizer(), open.compute(), few);
            int room = small.contextLength();
            assertTrue(room > 0 && room < open.contextLength(), room + " tokens");
            String told = MemoryForecast.ofText(small, open, 2000).orElseThrow();
            assertTrue(
                    told.startsWith("there is memory for " + room + " of the 512 tokens that the model can hold: ")
                            && told.contains("-Xmx"),
                    told);
            assertEquals(Optional.empty(), MemoryForecast.ofText(small, open, room));
            Engine enough = new Engine(open.model(), open.tokenizer(), open.compute(), EngineLimits.STANDARD);
            assertEquals(Optional.empty(), MemoryForecast.ofText(enough, open, 2000), "the model ends it");
        }
    }

    @Test
    void aModelThatCannotBeTrainedIsRefusedBeforeItIsMade() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "the cat sat on the mat. ".repeat(200));
        String refusal = Outcome.of(
                        "train",
                        "--data",
                        text.toString(),
                        "--out",
                        folder.resolve("m.gguf").toString(),
                        "--layers",
                        "40",
                        "--dim",
                        "2048",
                        "--heads",
                        "16")
                .refusal();
        assertTrue(refusal.contains(" parameters with their gradients and moments take "), refusal);
        assertTrue(refusal.contains("-Xmx"), refusal);
    }
}
