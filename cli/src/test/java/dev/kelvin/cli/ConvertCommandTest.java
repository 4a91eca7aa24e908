// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of the hub on the command line. */
class ConvertCommandTest {
    @TempDir
    Path folder;

    private Path hub;

    @BeforeEach
    void writeFolder() throws IOException {
        hub = TinyHub.write(folder.resolve("hub"), 8, 12);
    }

    private String logits(Path model) {
        return Outcome.of("logits", "--model", model.toString(), "--ids", "0,2,1,3", "--json")
                .result()
                .replaceAll("\"model\".*", "");
    }

    @Test
    void theFileComputesWhatTheFolderComputes() throws IOException {
        Path out = folder.resolve("out.gguf");
        Outcome outcome = Outcome.of("convert", hub.toString(), out.toString());
        assertEquals("", outcome.result());
        assertTrue(outcome.err().contains("out.gguf: BF16, "), outcome.err());
        assertEquals(logits(hub), logits(out));
        try (GgufFile file = GgufFile.open(out)) {
            assertEquals(
                    DType.BF16, file.find("blk.0.attn_q.weight").orElseThrow().dtype());
            assertEquals("hub", file.metadata().string("general.name"));
            assertEquals(4, file.metadata().integer("tokenizer.ggml.eos_token_id"));
        }
        Outcome.of("convert", hub.toString(), out.toString(), "--type", "Q8_0").result();
        try (GgufFile file = GgufFile.open(out)) {
            assertEquals(
                    DType.F16, file.find("blk.0.attn_q.weight").orElseThrow().dtype());
        }
        String ids = Outcome.of("tokenize", "--model", hub.toString(), "abcab").result();
        assertEquals("2 3 2", ids.strip());
        assertEquals(
                ids, Outcome.of("tokenize", "--model", out.toString(), "abcab").result());
    }

    @Test
    void aFolderIsInspectedAndADefectIsNamed() throws IOException {
        String shown = Outcome.of("inspect", hub.toString()).result();
        assertTrue(shown.contains("safetensors and config.json"), shown);
        assertTrue(shown.contains("blk.0.ffn_down.weight"), shown);
        assertEquals(
                "safetensors",
                JsonText.at(Outcome.of("inspect", "--json", hub.toString()).json(), "format"));
        Path weights = hub.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(bytes, bytes.length - 2));
        String message =
                Outcome.of("logits", "--model", hub.toString(), "--ids", "1").failure();
        assertTrue(
                message.contains(
                        "model.safetensors: file: expected the bytes of all tensors, found a file that is cut"),
                message);
        Files.delete(hub.resolve("config.json"));
        message = Outcome.of("inspect", hub.toString()).failure();
        assertTrue(message.contains("found no config.json"), message);
        assertTrue(Outcome.of("convert", hub.toString()).refusal().contains("OUT.gguf"));
    }
}
