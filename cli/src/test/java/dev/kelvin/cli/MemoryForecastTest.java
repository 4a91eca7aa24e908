// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.ModelFile;
import dev.kelvin.generate.Engine;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.model.ModelSurvey;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
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

    /** The embedded model, whose texts begin with 192 KiB of keys and values. */
    private static ModelSurvey survey() throws IOException {
        try (ModelFile file = EmbeddedModel.open();
                Compute compute = Compute.serial()) {
            return LanguageModels.survey(file, compute);
        }
    }

    private static Optional<String> refusal(long kvBytes, int answers, OptionalLong freeBytes) throws IOException {
        EngineLimits limits = EngineLimits.STANDARD.withKeysAndValues(kvBytes, DType.F32);
        return MemoryForecast.ofServing(survey(), limits, answers, freeBytes);
    }

    @Test
    void aServerThatMemoryDoesNotHoldIsRefusedWithTheFigures() throws IOException {
        long weights = survey().weightBytes();
        long page = 6 * 2 * (32 + 32) * 64 * Float.BYTES;
        String told = refusal(0, 1, OptionalLong.of(weights - 1)).orElseThrow();
        assertTrue(
                told.startsWith("the weights take " + Numbers.bytes(weights) + ", and the machine or its container has "
                        + Numbers.bytes(weights - 1) + " left"),
                told);
        told = refusal(8 << 20, 1, OptionalLong.of(weights + (5 << 20))).orElseThrow();
        assertTrue(told.startsWith("--kv-memory 8.0 MiB and weights of "), told);
        assertTrue(told.endsWith("--kv-memory can be 5.0 MiB"), told);
        told = refusal(page - 1, 1, OptionalLong.empty()).orElseThrow();
        assertTrue(told.contains("no room for a text of this model, which begins with 192.0 KiB"), told);
        told = refusal(4 * page - 1, 4, OptionalLong.empty()).orElseThrow();
        assertTrue(told.startsWith("--parallel 4 answers begin with 192.0 KiB of keys and values each"), told);
        assertTrue(told.contains(" for 3 (--kv-memory, "), told);
        assertEquals(Optional.empty(), refusal(4 * page, 4, OptionalLong.of(weights + 4 * page)));
        assertEquals(Optional.empty(), refusal(0, 1, OptionalLong.of(weights)));
    }

    @Test
    void servedTextsThatMemoryEndsAreForetold() throws IOException {
        EngineLimits few = EngineLimits.STANDARD.withKeysAndValues(600_000, DType.F32);
        String told = MemoryForecast.ofServedTexts(survey(), few).orElseThrow();
        assertTrue(
                told.startsWith("there is memory for 192 of the 512 tokens that the model can hold: 585.9 KiB"), told);
        assertTrue(told.contains("--kv-memory") && told.contains("-Xmx"), told);
        assertEquals(Optional.empty(), MemoryForecast.ofServedTexts(survey(), EngineLimits.STANDARD));
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
